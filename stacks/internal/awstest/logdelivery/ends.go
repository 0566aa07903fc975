package logdelivery

import "ml-api-accelerator/stacks/internal/awstest/apicall"

// kind is one of the two kinds of ends that a delivery connects: sources or destinations.
type kind[end any] struct {
	inARN, title, answer string // in ARNs, in AWS's words, and in the answer of a call that reads one
	all                  func(api *API) map[string]*end
	usedBy               func(d *delivery, arn string) bool
}

var (
	sources = kind[source]{"delivery-source", "Delivery Source", "deliverySource",
		func(api *API) map[string]*source { return api.sources },
		func(d *delivery, arn string) bool { return d.source.ARN == arn }}
	destinations = kind[destination]{"delivery-destination", "Delivery Destination", "deliveryDestination",
		func(api *API) map[string]*destination { return api.destinations },
		func(d *delivery, arn string) bool { return d.DestinationARN == arn }}
)

func (k kind[end]) missing() error {
	return missing.Say("Requested %s does not exist in this account.", k.title)
}

// find finds one by its name.
func (k kind[end]) find(api *API, region, name string) (found *end, arn string, err error) {
	arn = api.arn(region, k.inARN, name)
	if found = k.all(api)[arn]; found == nil {
		return nil, "", k.missing()
	}
	return found, arn, nil
}

func (k kind[end]) get(api *API, call apicall.Call) (any, error) {
	input, err := read[struct{ Name string }](call)
	if err != nil {
		return nil, err
	}
	found, _, err := k.find(api, call.Region, input.Name)
	return map[string]any{k.answer: found}, err
}

// delete refuses to delete what a delivery uses (CloudWatch Logs API Reference, DeleteDeliverySource and DeleteDeliveryDestination).
func (k kind[end]) delete(api *API, call apicall.Call) (any, error) {
	input, err := read[struct{ Name string }](call)
	if err != nil {
		return nil, err
	}
	_, arn, err := k.find(api, call.Region, input.Name)
	if err != nil {
		return nil, err
	}
	for _, d := range api.deliveries {
		if k.usedBy(d, arn) {
			return nil, conflict.Say("Cannot delete %s with existing Deliveries: %s", k.title, d.ID)
		}
	}
	delete(k.all(api), arn)
	delete(api.tags, arn)
	return struct{}{}, nil
}

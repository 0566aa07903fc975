package logdelivery

import (
	"crypto/rand"
	"encoding/json"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

// delivery connects a source and a destination.
type delivery struct {
	ID              string   `json:"id"`
	ARN             string   `json:"arn"`
	SourceName      string   `json:"deliverySourceName"`
	DestinationARN  string   `json:"deliveryDestinationArn"`
	DestinationType string   `json:"deliveryDestinationType"`
	RecordFields    []string `json:"recordFields"`
	FieldDelimiter  string   `json:"fieldDelimiter"`
	S3              *s3Path  `json:"s3DeliveryConfiguration,omitempty"`

	source *source
}

// settings are what can be changed of a delivery.
type settings struct {
	RecordFields []string
	S3           *s3Path `json:"s3DeliveryConfiguration"`
}

func (api *API) createDelivery(call apicall.Call) (any, error) {
	input, err := read[struct {
		DeliverySourceName, DeliveryDestinationARN string
		Tags                                       map[string]string
		settings
	}](call)
	if err != nil {
		return nil, err
	}
	from, _, err := sources.find(api, call.Region, input.DeliverySourceName)
	if err != nil {
		return nil, err
	}
	to := api.destinations[input.DeliveryDestinationARN]
	if to == nil {
		return nil, destinations.missing()
	}
	for _, other := range api.deliveries {
		if other.source == from && other.DestinationType == to.Type {
			return nil, conflict.Say("Delivery already exists for this Delivery Source with the same Delivery Destination Type.")
		}
	}
	id := rand.Text()[:16]
	made := &delivery{
		ID:              id,
		ARN:             api.arn(call.Region, "delivery", id),
		SourceName:      from.Name,
		DestinationARN:  to.ARN,
		DestinationType: to.Type,
		RecordFields:    standardFields,
		source:          from,
	}
	if err := made.change(input.settings); err != nil {
		return nil, err
	}
	made.S3 = firstPath(made.S3, to.Configuration.ResourceARN)
	if err := api.letIn(from, to); err != nil {
		return nil, err
	}
	if len(input.Tags) > 0 {
		api.tags[made.ARN] = input.Tags
	}
	api.deliveries[id] = made
	return map[string]any{"delivery": made}, nil
}

// change sets what is given.
func (d *delivery) change(to settings) error {
	if err := checkFields(to.RecordFields); err != nil {
		return err
	}
	if to.S3 != nil {
		if err := to.S3.check(); err != nil {
			return err
		}
		d.S3 = to.S3
	}
	if to.RecordFields != nil {
		d.RecordFields = to.RecordFields
	}
	return nil
}

func (api *API) deliveryOf(call apicall.Call) (*delivery, error) {
	var input struct{ ID string }
	if err := json.Unmarshal(call.Body, &input); err != nil {
		return nil, err
	}
	if found := api.deliveries[input.ID]; found != nil {
		return found, nil
	}
	return nil, missing.Say("Requested Delivery does not exist in this account.")
}

func (api *API) getDelivery(call apicall.Call) (any, error) {
	found, err := api.deliveryOf(call)
	return map[string]any{"delivery": found}, err
}

// updateDelivery keeps a path as it is sent: what was put before the first one is lost
// (aws-cloudformation/cloudformation-coverage-roadmap#2274).
func (api *API) updateDelivery(call apicall.Call) (any, error) {
	found, err := api.deliveryOf(call)
	if err != nil {
		return nil, err
	}
	input, err := read[settings](call)
	if err != nil {
		return nil, err
	}
	return struct{}{}, found.change(input)
}

func (api *API) deleteDelivery(call apicall.Call) (any, error) {
	found, err := api.deliveryOf(call)
	if err != nil {
		return nil, err
	}
	delete(api.deliveries, found.ID)
	delete(api.tags, found.ARN)
	return struct{}{}, nil
}

// destination is where logs go, in a format. Stacks write to S3 alone.
type destination struct {
	ARN           string                   `json:"arn"`
	Configuration destinationConfiguration `json:"deliveryDestinationConfiguration"`
	Type          string                   `json:"deliveryDestinationType"`
	Name          string                   `json:"name"`
	OutputFormat  string                   `json:"outputFormat,omitempty"`
}

type destinationConfiguration struct {
	ResourceARN string `json:"destinationResourceArn"`
}

func (api *API) putDestination(call apicall.Call) (any, error) {
	input, err := read[struct {
		Name                             string
		OutputFormat                     string
		DeliveryDestinationConfiguration destinationConfiguration
		Tags                             map[string]string
	}](call)
	if err != nil {
		return nil, err
	}
	arn := api.arn(call.Region, destinations.inARN, input.Name)
	made := &destination{arn, input.DeliveryDestinationConfiguration, "S3", input.Name, input.OutputFormat}
	// CloudFront Developer Guide, Configure standard logging (v2), Output file format. AWS's words are not known.
	former, found := api.destinations[arn]
	if found && former.OutputFormat != made.OutputFormat {
		return nil, conflict.Say("The output format can't be updated: delete the delivery, and create another one")
	}
	if found && len(input.Tags) > 0 { // hashicorp/terraform-provider-aws#43572
		return nil, conflict.Say("Tags can only be provided when a resource is being created, not updated.")
	}
	if len(input.Tags) > 0 {
		api.tags[arn] = input.Tags
	}
	api.destinations[arn] = made
	return map[string]any{destinations.answer: made}, nil
}

// source is what sends logs.
type source struct {
	ARN          string   `json:"arn"`
	LogType      string   `json:"logType"`
	Name         string   `json:"name"`
	ResourceARNs []string `json:"resourceArns"`
	Service      string   `json:"service"`
}

func (api *API) putSource(call apicall.Call) (any, error) {
	input, err := read[struct {
		Name, LogType, ResourceARN string
		Tags                       map[string]string
	}](call)
	if err != nil {
		return nil, err
	}
	if err := api.checkSource(call.Region, input.ResourceARN); err != nil {
		return nil, err
	}
	arn := api.arn(call.Region, sources.inARN, input.Name)
	if err := api.checkSourceIsNew(arn, input.ResourceARN); err != nil {
		return nil, err
	}
	if len(input.Tags) > 0 {
		api.tags[arn] = input.Tags
	}
	made := &source{arn, input.LogType, input.Name, []string{input.ResourceARN}, "cloudfront"}
	api.sources[arn] = made
	return map[string]any{sources.answer: made}, nil
}

// checkSource refuses what isn't a distribution (CloudWatch Logs API Reference, PutDeliverySource), and any Region but
// us-east-1 (CloudFront Developer Guide, Configure standard logging (v2)).
func (api *API) checkSource(region, resource string) error {
	id, ofDistribution := strings.CutPrefix(resource, "arn:aws:cloudfront::"+api.account+":distribution/")
	switch {
	case region != "us-east-1":
		return invalid.Say("Logs of CloudFront are delivered by us-east-1, not %s", region)
	case !ofDistribution || !api.around.DistributionExists(id):
		return missing.Say("The specified resource does not exist: %s", resource)
	}
	return nil
}

// checkSourceIsNew lets a distribution have one source (the guide, Delivery source already exists), which stays its own
// (aws-cloudformation/cloudformation-coverage-roadmap#2513).
func (api *API) checkSourceIsNew(arn, resource string) error {
	for _, other := range api.sources {
		switch {
		case other.ARN == arn && other.ResourceARNs[0] != resource:
			return conflict.Say("Update to existing Delivery Source with new ResourceId is not allowed. " +
				"Please create a new Delivery Source instead.")
		case other.ARN != arn && other.ResourceARNs[0] == resource:
			return conflict.Say("This ResourceId has already been used in another Delivery Source in this account")
		}
	}
	return nil
}

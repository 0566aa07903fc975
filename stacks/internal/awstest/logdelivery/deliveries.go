package logdelivery

import (
	"crypto/rand"
	"encoding/json"

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
	FieldDelimiter *string
	RecordFields   []string
	S3             *s3Path `json:"s3DeliveryConfiguration"`
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
	made := &delivery{ID: id, ARN: api.arn(call.Region, "delivery", id), SourceName: from.Name, DestinationARN: to.ARN, DestinationType: to.Type,
		RecordFields: standardFields, source: from}
	if err := made.change(input.settings, to); err != nil {
		return nil, err
	}
	if to.Type == "S3" {
		made.S3 = firstPath(made.S3, to.Configuration.ResourceARN)
		if err := api.letIn(from, to); err != nil {
			return nil, err
		}
	}
	if len(input.Tags) > 0 {
		api.tags[made.ARN] = input.Tags
	}
	api.deliveries[id] = made
	return map[string]any{"delivery": made}, nil
}

// change sets what is given.
func (d *delivery) change(to settings, at *destination) error {
	if err := checkFields(to.RecordFields); err != nil {
		return err
	}
	if to.S3 != nil {
		if err := to.S3.check(at.Type); err != nil {
			return err
		}
		d.S3 = to.S3
	}
	if to.RecordFields != nil {
		d.RecordFields = to.RecordFields
	}
	if to.FieldDelimiter != nil {
		d.FieldDelimiter = *to.FieldDelimiter
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
	return struct{}{}, found.change(input, api.destinations[found.DestinationARN])
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

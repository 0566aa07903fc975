package logdelivery

import (
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

// destination is where logs go, in a format.
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

// destinationTypes are those of the services that logs go to (CloudWatch Logs API Reference, PutDeliveryDestination).
var destinationTypes = map[string]string{"s3": "S3", "logs": "CWL", "firehose": "FH"}

func (api *API) putDestination(call apicall.Call) (any, error) {
	input, err := read[struct {
		Name                             string
		OutputFormat                     *string
		DeliveryDestinationConfiguration destinationConfiguration
		Tags                             map[string]string
	}](call)
	if err != nil {
		return nil, err
	}
	if err := checkName(input.Name); err != nil {
		return nil, err
	}
	made := &destination{ARN: api.arn(call.Region, destinations.inARN, input.Name), Configuration: input.DeliveryDestinationConfiguration, Name: input.Name}
	service := strings.Split(made.Configuration.ResourceARN+":::", ":")[2]
	made.Type = destinationTypes[service]
	if made.Type == "" {
		return nil, invalid.Say("Delivery Destination Resource is not supported: %s", made.Configuration.ResourceARN)
	}
	if input.OutputFormat != nil {
		made.OutputFormat = *input.OutputFormat
		if err := checkFormat(made); err != nil {
			return nil, err
		}
	}
	if err := checkUpdate(api.destinations[made.ARN], made, len(input.Tags) > 0); err != nil {
		return nil, err
	}
	if len(input.Tags) > 0 {
		api.tags[made.ARN] = input.Tags
	}
	api.destinations[made.ARN] = made
	return map[string]any{destinations.answer: made}, nil
}

// checkFormat refuses Parquet anywhere but in S3 (CloudFront Developer Guide, Configure standard logging (v2), Output file format).
func checkFormat(d *destination) error {
	if err := checkOneOf(d.OutputFormat, "outputFormat", "w3c", "raw", "json", "plain", "parquet"); err != nil {
		return err
	}
	if d.OutputFormat == "parquet" && d.Type != "S3" {
		return invalid.Say("Output format parquet is not supported for Delivery Destination Type %s", d.Type)
	}
	return nil
}

// checkUpdate refuses another format (the same section), and tags, of what exists.
func checkUpdate(before, after *destination, tagged bool) error {
	switch {
	case before == nil:
		return nil
	case tagged:
		return taggedTwice()
	case before.OutputFormat != after.OutputFormat:
		return invalid.Say("Update to existing Delivery Destination with new Output Format is not allowed. Please create a new Delivery Destination instead.")
	}
	return nil
}

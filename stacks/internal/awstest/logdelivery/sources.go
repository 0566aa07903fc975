package logdelivery

import (
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

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
	if err := checkName(input.Name); err != nil {
		return nil, err
	}
	if err := api.checkSource(call.Region, input.LogType, input.ResourceARN); err != nil {
		return nil, err
	}
	arn := api.arn(call.Region, sources.inARN, input.Name)
	if err := api.checkSourceIsNew(arn, input.ResourceARN, len(input.Tags) > 0); err != nil {
		return nil, err
	}
	if len(input.Tags) > 0 {
		api.tags[arn] = input.Tags
	}
	made := &source{arn, input.LogType, input.Name, []string{input.ResourceARN}, "cloudfront"}
	api.sources[arn] = made
	return map[string]any{sources.answer: made}, nil
}

// checkSource refuses what isn't a distribution's access log (CloudFront Developer Guide, Configure standard logging (v2); CloudWatch
// Logs API Reference, PutDeliverySource).
func (api *API) checkSource(region, logType, resource string) error {
	id, ofDistribution := strings.CutPrefix(resource, "arn:aws:cloudfront::"+api.account+":distribution/")
	switch {
	case !ofDistribution:
		return missing.Say("Cannot access provided service.")
	case region != "us-east-1":
		return invalid.Say("Logs of CloudFront are delivered by us-east-1, not %s", region)
	case logType != "ACCESS_LOGS":
		return invalid.Say("This service is not allowed for this LogSource.")
	case !api.around.DistributionExists(id):
		return missing.Say("The specified resource does not exist: %s", resource)
	}
	return nil
}

// checkSourceIsNew lets a distribution have one source (the guide, Delivery source already exists), which stays its own
// (aws-cloudformation/cloudformation-coverage-roadmap#2513).
func (api *API) checkSourceIsNew(arn, resource string, tagged bool) error {
	for _, other := range api.sources {
		switch {
		case other.ARN == arn && tagged:
			return taggedTwice()
		case other.ARN == arn && other.ResourceARNs[0] != resource:
			return conflict.Say("Update to existing Delivery Source with new ResourceId is not allowed. Please create a new Delivery Source instead.")
		case other.ARN != arn && other.ResourceARNs[0] == resource:
			return conflict.Say("This ResourceId has already been used in another Delivery Source in this account")
		}
	}
	return nil
}

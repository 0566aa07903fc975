package logdelivery

import (
	"maps"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

type tagging struct {
	ResourceARN string
	Tags        map[string]string
	TagKeys     []string
}

func isTagging(call apicall.Call) bool {
	return strings.HasSuffix(call.Action, "TagResource") || strings.HasSuffix(call.Action, "UntagResource") || call.Action == "ListTagsForResource"
}

// aboutDelivery tells the tags of a delivery and its ends from those of a log group.
func aboutDelivery(call apicall.Call) bool {
	input, err := read[tagging](call)
	return err == nil && strings.Contains(input.ResourceARN, ":delivery")
}

func (api *API) listTags(call apicall.Call) (any, error) {
	input, err := read[tagging](call)
	tags := api.tags[input.ResourceARN]
	if tags == nil {
		tags = map[string]string{}
	}
	return map[string]any{"tags": tags}, err
}

func (api *API) tag(call apicall.Call) (any, error) {
	input, err := read[tagging](call)
	if api.tags[input.ResourceARN] == nil {
		api.tags[input.ResourceARN] = map[string]string{}
	}
	maps.Copy(api.tags[input.ResourceARN], input.Tags)
	return struct{}{}, err
}

func (api *API) untag(call apicall.Call) (any, error) {
	input, err := read[tagging](call)
	for _, key := range input.TagKeys {
		delete(api.tags[input.ResourceARN], key)
	}
	return struct{}{}, err
}

// Package logdelivery is the part of CloudWatch Logs' API that delivers logs of other services, as far as CloudFront's
// go, with a memory. It refuses what AWS refuses, and changes the policy of a bucket as AWS does. Nothing is delivered.
package logdelivery

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// Surroundings are the resources of other services that a delivery has to do with.
type Surroundings interface {
	// DistributionExists tells whether CloudFront has a distribution of this id.
	DistributionExists(id string) bool
	BucketPolicy(bucket string) []byte
	SetBucketPolicy(bucket string, policy []byte)
}

// API answers the calls about sources, destinations and deliveries.
type API struct {
	account string
	around  Surroundings

	mu           sync.Mutex // guards what follows
	sources      map[string]*source
	destinations map[string]*destination
	deliveries   map[string]*delivery
	tags         map[string]map[string]string // by ARN
}

// New makes an API of an account that delivers nothing.
func New(account string, around Surroundings) *API {
	return &API{account: account, around: around, sources: map[string]*source{}, destinations: map[string]*destination{},
		deliveries: map[string]*delivery{}, tags: map[string]map[string]string{}}
}

// actions are the calls that are answered here.
var actions = map[string]func(*API, apicall.Call) (any, error){
	"logs:PutDeliverySource":           (*API).putSource,
	"logs:GetDeliverySource":           sources.get,
	"logs:DeleteDeliverySource":        sources.delete,
	"logs:PutDeliveryDestination":      (*API).putDestination,
	"logs:GetDeliveryDestination":      destinations.get,
	"logs:DeleteDeliveryDestination":   destinations.delete,
	"logs:CreateDelivery":              (*API).createDelivery,
	"logs:GetDelivery":                 (*API).getDelivery,
	"logs:UpdateDeliveryConfiguration": (*API).updateDelivery,
	"logs:DeleteDelivery":              (*API).deleteDelivery,
	"logs:ListTagsForResource":         (*API).listTags,
	"logs:TagResource":                 (*API).tag,
	"logs:UntagResource":               (*API).untag,
}

// Answer answers a call about the delivery of logs, and reports whether it was one.
func (api *API) Answer(w http.ResponseWriter, call apicall.Call) bool {
	act, known := actions[call.Name()]
	if !known || isTagging(call) && !aboutDelivery(call) {
		return false
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	answer, err := act(api, call)
	wire.WriteJSON(w, answer, err)
	return true
}

// read reads the body of a call.
func read[T any](call apicall.Call) (input T, err error) {
	err = json.Unmarshal(call.Body, &input)
	return input, err
}

func (api *API) arn(region, kind, name string) string {
	return "arn:aws:logs:" + region + ":" + api.account + ":" + kind + ":" + name
}

// The errors of the API (CloudWatch Logs API Reference, the section Errors of each call).
var (
	conflict = wire.Error{Status: http.StatusBadRequest, Code: "ConflictException"}
	invalid  = wire.Error{Status: http.StatusBadRequest, Code: "ValidationException"}
	missing  = wire.Error{Status: http.StatusBadRequest, Code: "ResourceNotFoundException"}
)

// standardFields are what is delivered unless other fields are asked for (CloudFront Developer Guide, Standard logging
// reference, Log file fields).
var standardFields = strings.Fields(`date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
	cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol
	cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status
	fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len
	sc-range-start sc-range-end`)

// moreFields can be asked for (the same guide, Configure standard logging (v2), Access log fields, and General helper
// methods, logCustomData).
var moreFields = strings.Fields(`timestamp(ms) origin-fbl origin-lbl asn c-country cache-behavior-path-pattern
	viewer-request-log-data viewer-response-log-data`)

func checkFields(fields []string) error {
	for _, field := range fields {
		if !slices.Contains(standardFields, field) && !slices.Contains(moreFields, field) {
			return invalid.Say("Record field %s is not supported", field)
		}
	}
	return nil
}

type tagging struct {
	ResourceARN string
	Tags        map[string]string
	TagKeys     []string
}

func isTagging(call apicall.Call) bool {
	return slices.Contains([]string{"TagResource", "UntagResource", "ListTagsForResource"}, call.Action)
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

// delete refuses to delete what a delivery uses (CloudWatch Logs API Reference, DeleteDeliverySource and
// DeleteDeliveryDestination).
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

// s3Path is where in a bucket logs go, below the folder of the destination.
type s3Path struct {
	Suffix string `json:"suffixPath"`
	Hive   bool   `json:"enableHiveCompatiblePath"`
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// variables of a path of CloudFront's logs (CloudFront Developer Guide, Configure standard logging (v2), Partitioning).
var variables = []string{"{DistributionId}", "{distributionid}", "{yyyy}", "{MM}", "{dd}", "{HH}", "{accountid}"}

// check refuses a path with unknown variables.
func (p s3Path) check() error {
	for _, v := range variable.FindAllString(p.Suffix, -1) {
		if !slices.Contains(variables, v) {
			return invalid.Say("Provided suffixPath is invalid")
		}
	}
	return nil
}

// firstPath is that of a new delivery: in a bucket without a folder, AWS puts one before it (the guide, Example paths
// to access logs).
func firstPath(p *s3Path, destinationARN string) *s3Path {
	if p == nil {
		p = &s3Path{}
	}
	if _, folder := bucketAndFolder(destinationARN); folder == "" {
		return &s3Path{"AWSLogs/{account-id}/CloudFront/" + p.Suffix, p.Hive}
	}
	return p
}

func bucketAndFolder(destinationARN string) (bucket, folder string) {
	bucket, folder, _ = strings.Cut(strings.TrimPrefix(destinationARN, "arn:aws:s3:::"), "/")
	return bucket, folder
}

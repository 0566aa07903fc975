package logdelivery

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	deliverer    = "delivery.logs.amazonaws.com"
	ownerControl = "bucket-owner-full-control"
)

// operators are those that a condition is understood with.
var operators = []string{"StringEquals", "ArnLike", "StringLike", "ArnEquals"}

// letIn adds the statement that lets the logs of a source be written, if the policy of the bucket has none that does
// (CloudWatch Logs User Guide, Logs sent to Amazon S3). How AWS finds that out isn't documented.
func (api *API) letIn(from *source, to *destination) error {
	bucket, folder := bucketAndFolder(to.Configuration.ResourceARN)
	if folder == "" {
		folder = path.Join("AWSLogs", api.account)
	}
	below := "arn:aws:s3:::" + path.Join(bucket, folder)
	policy := map[string]any{"Version": "2012-10-17", "Id": "AWSLogDeliveryWrite20150319", "Statement": []any{}}
	if text := api.around.BucketPolicy(bucket); text != nil {
		if LetsIn(text, below+"/2026/01/01/00/log.gz", from.ARN, api.account) {
			return nil
		}
		if err := json.Unmarshal(text, &policy); err != nil {
			return err
		}
	}
	statements, _ := policy["Statement"].([]any)
	policy["Statement"] = append(statements, map[string]any{
		"Sid": "AWSLogDeliveryWrite", "Effect": "Allow", "Action": "s3:PutObject", "Resource": below + "/*",
		"Principal": map[string]any{"Service": deliverer},
		"Condition": map[string]any{
			"StringEquals": map[string]any{"s3:x-amz-acl": ownerControl, "aws:SourceAccount": []string{api.account}},
			"ArnLike": map[string]any{
				"aws:SourceArn": []string{"arn:aws:logs:us-east-1:" + api.account + ":delivery-source:*"},
			},
		},
	})
	text, err := json.Marshal(policy)
	if err != nil {
		return err
	}
	api.around.SetBucketPolicy(bucket, text)
	return nil
}

// LetsIn reports whether the policy of a bucket lets the logs of a source, by its ARN, be written under the ARN of an
// object.
func LetsIn(policy []byte, object, source, account string) bool {
	var parsed struct{ Statement []statement }
	if err := json.Unmarshal(policy, &parsed); err != nil {
		return false
	}
	request := map[string]string{"s3:x-amz-acl": ownerControl, "aws:SourceAccount": account, "aws:SourceArn": source}
	return slices.ContainsFunc(parsed.Statement, func(s statement) bool { return s.allows(object, request) })
}

type statement struct {
	Effect           string
	Action, Resource texts
	Principal        principals
	Condition        map[string]map[string]texts
}

func (s statement) allows(object string, request map[string]string) bool {
	lets := s.Effect == "Allow" && slices.Contains(s.Principal.Service, deliverer) && slices.Contains(s.Action, "s3:PutObject")
	if !lets || !s.Resource.like(object) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, allowed := range keys {
			if !slices.Contains(operators, operator) || !allowed.like(request[key]) {
				return false
			}
		}
	}
	return true
}

// principals are whom a statement is about; "*" is nobody in particular.
type principals struct{ Service texts }

func (p *principals) UnmarshalJSON(text []byte) error {
	var by map[string]texts
	if json.Unmarshal(text, &by) == nil {
		p.Service = by["Service"]
	}
	return nil
}

// texts are one or several.
type texts []string

func (t *texts) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(t))
}

func (t texts) like(text string) bool {
	return slices.ContainsFunc(t, func(pattern string) bool {
		return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$").MatchString(text)
	})
}

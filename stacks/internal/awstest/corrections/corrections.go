// Package corrections puts right what moto lacks or gets wrong of the calls that stacks make.
package corrections

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/moto"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// Corrections stand before a moto and remember what it forgets.
type Corrections struct {
	moto  *moto.Server
	mu    sync.Mutex
	kept  map[string][]byte // by bucket and noun, or ARN
	given map[string]bool   // buckets of another account
	dns   domainNames

	// CertificateUsers returns the ARNs of the distributions that have a certificate.
	CertificateUsers func(certificate string) []string
}

// New makes the corrections of a moto.
func New(server *moto.Server) *Corrections {
	return &Corrections{moto: server, kept: map[string][]byte{}, given: map[string]bool{}, dns: newDomainNames(),
		CertificateUsers: func(string) []string { return nil }}
}

// answers are given instead of moto's. One reports whether it has answered, and leaves the call to moto otherwise.
var answers = map[string]func(*Corrections, http.ResponseWriter, *http.Request, apicall.Call) bool{
	"s3:PutBucketAcl":            (*Corrections).refuseACL,
	"s3:GetBucketPolicy":         (*Corrections).bucketPolicy,
	"s3:PutBucketPolicy":         (*Corrections).bucketPolicy,
	"s3:DeleteBucketPolicy":      (*Corrections).bucketPolicy,
	"s3:GetMetricsConfiguration": (*Corrections).bucketMetrics,
	"s3:PutMetricsConfiguration": (*Corrections).bucketMetrics,
	"s3:GetBucketVersioning":     (*Corrections).suspended,
	"s3:PutBucketVersioning":     (*Corrections).suspended,

	"route53:ChangeResourceRecordSets":      recreateRecords,
	"states:ValidateStateMachineDefinition": validateStateMachine,
	"states:ListStateMachineVersions":       listNoVersions,

	"athena:DeleteNamedQuery": (*Corrections).deleteNamedQuery,

	"cloudwatch:PutMetricAlarm": refuseTopic,

	"iam:CreateRole": refuseLongName,
}

// amendments correct successful answers of moto, given the call and the body.
var amendments = map[string]func(*Corrections, apicall.Call, []byte) []byte{
	// moto drops EventBridge from notifications and DeleteMarkerReplication.
	"s3:PutBucketNotification":       (*Corrections).keepBody,
	"s3:GetBucketNotification":       (*Corrections).keptBody,
	"s3:PutReplicationConfiguration": (*Corrections).keepBody,
	"s3:GetReplicationConfiguration": (*Corrections).keptBody,
	"s3:DeleteBucket":                (*Corrections).forgetBucket,
	// moto names two owners, one here and one in ACLs.
	"s3:ListAllMyBuckets": replaced(`<ID>[0-9a-f]+</ID>`, "<ID>"+owner+"</ID>"),
	// moto makes every state machine a STANDARD one.
	"states:CreateStateMachine":   (*Corrections).keepMachineType,
	"states:DescribeStateMachine": (*Corrections).keptMachineType,
	// moto drops the data protection of web ACLs.
	"wafv2:CreateWebACL": (*Corrections).keepDataProtection,
	"wafv2:UpdateWebACL": (*Corrections).keepDataProtection,
	"wafv2:GetWebACL":    (*Corrections).keptDataProtection,
	// moto drops what a rule for a group or a list says that it is.
	"ec2:AuthorizeSecurityGroupIngress": (*Corrections).keepRule,
	"ec2:DescribeSecurityGroupRules":    (*Corrections).keptRules,
	"route53:ChangeResourceRecordSets":  (*Corrections).keepRecords,
	// moto issues certificates without a look at DNS.
	"acm:RequestCertificate":  (*Corrections).keepRequest,
	"acm:DescribeCertificate": (*Corrections).certificate,
	"sts:AssumeRole":          (*Corrections).keepRole,
}

// Answer answers a call if moto must not, and reports whether it has.
func (c *Corrections) Answer(w http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	if c.redirect(w, call) || c.deny(w, call) {
		return true
	}
	answer := answers[call.Name()]
	return answer != nil && answer(c, w, r, call)
}

type callKey struct{}

// WithCall hands a call to Amend.
func WithCall(r *http.Request, call apicall.Call) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callKey{}, call))
}

// Amend corrects moto's answer, and turns the 500 of a call it does not know into a 501: clients repeat a 500 for
// minutes.
func (c *Corrections) Amend(response *http.Response) error {
	call, _ := response.Request.Context().Value(callKey{}).(apicall.Call)
	change := amendments[call.Name()]
	failed := response.StatusCode == http.StatusInternalServerError
	if !failed && (change == nil || response.StatusCode >= http.StatusMultipleChoices) {
		return nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if !failed {
		body = change(c, call, body)
	} else if bytes.HasPrefix(body, []byte("<!doctype html>")) {
		response.StatusCode = http.StatusNotImplemented
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	if response.StatusCode != http.StatusNoContent {
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return nil
}

func replaced(pattern, with string) func(*Corrections, apicall.Call, []byte) []byte {
	expression := regexp.MustCompile(pattern)
	return func(_ *Corrections, _ apicall.Call, body []byte) []byte {
		return expression.ReplaceAll(body, []byte(with))
	}
}

// recreateRecords has moto put a record where it would create one: it takes a record that was deleted for
// one that exists, if others come behind it.
func recreateRecords(_ *Corrections, _ http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	body := bytes.ReplaceAll(call.Body, []byte("<Action>CREATE</Action>"), []byte("<Action>UPSERT</Action>"))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return false
}

// mostRoleName is how many characters the name of a role has at most (IAM API Reference, CreateRole). moto takes more.
const mostRoleName = 64

func refuseLongName(_ *Corrections, w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	form, _ := url.ParseQuery(string(call.Body)) // moto refuses what isn't one
	name := form.Get("RoleName")
	if len(name) <= mostRoleName {
		return false
	}
	wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusBadRequest, Code: "ValidationError",
		Message: fmt.Sprintf("1 validation error detected: Value '%s' at 'roleName' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", name, mostRoleName)})
	return true
}

func (c *Corrections) keepMachineType(call apicall.Call, body []byte) []byte {
	var input struct {
		Type string `json:"type"`
	}
	var output struct {
		StateMachineArn string `json:"stateMachineArn"`
	}
	if json.Unmarshal(call.Body, &input) == nil && json.Unmarshal(body, &output) == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept[output.StateMachineArn] = []byte(input.Type)
	}
	return body
}

func (c *Corrections) keptMachineType(_ apicall.Call, body []byte) []byte {
	return changed(body, func(machine map[string]any) {
		arn, _ := machine["stateMachineArn"].(string)
		if kept := c.keptUnder(arn); len(kept) > 0 {
			machine["type"] = string(kept)
		}
	})
}

// validateStateMachine answers OK: Terraform asks before it plans, and moto doesn't know the call.
func validateStateMachine(_ *Corrections, w http.ResponseWriter, _ *http.Request, _ apicall.Call) bool {
	wire.WriteJSON(w, map[string]any{"result": "OK", "diagnostics": []string{}, "truncated": false}, nil)
	return true
}

func listNoVersions(_ *Corrections, w http.ResponseWriter, _ *http.Request, _ apicall.Call) bool {
	wire.WriteJSON(w, map[string]any{"stateMachineVersions": []string{}}, nil)
	return true
}

// keepDataProtection remembers that of a web ACL, which moto drops.
func (c *Corrections) keepDataProtection(call apicall.Call, body []byte) []byte {
	var input struct {
		Name                 string
		DataProtectionConfig json.RawMessage
	}
	if json.Unmarshal(call.Body, &input) == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept["data protection of "+input.Name] = input.DataProtectionConfig
	}
	return body
}

func (c *Corrections) keptDataProtection(_ apicall.Call, body []byte) []byte {
	return changed(body, func(output map[string]any) {
		acl, _ := output["WebACL"].(map[string]any)
		if kept := c.keptUnder(fmt.Sprint("data protection of ", acl["Name"])); kept != nil {
			acl["DataProtectionConfig"] = json.RawMessage(kept)
		}
	})
}

func (c *Corrections) keptUnder(key string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[key]
}

// changed returns a JSON object after a change.
func changed(body []byte, change func(map[string]any)) []byte {
	var output map[string]any
	if json.Unmarshal(body, &output) != nil {
		return body
	}
	change(output)
	text, err := json.Marshal(output)
	if err != nil {
		return body
	}
	return text
}

// NamedQueries returns the ids of the saved queries of a workgroup in a region.
func (c *Corrections) NamedQueries(region, workgroup string) []string {
	var answer struct{ NamedQueryIds []string }
	_ = c.moto.JSON(region, "athena", "AmazonAthena.ListNamedQueries", map[string]string{"WorkGroup": workgroup}, &answer)
	return slices.DeleteFunc(answer.NamedQueryIds, func(id string) bool { return c.keptUnder(deletedQuery+id) != nil })
}

// deletedQuery is what the key of a deleted query begins with.
const deletedQuery = "deleted query "

// deleteNamedQuery remembers that a saved query is deleted: moto can't delete one.
func (c *Corrections) deleteNamedQuery(w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	var input struct{ NamedQueryID string } // JSON's names are found in any case
	_ = json.Unmarshal(call.Body, &input)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[deletedQuery+input.NamedQueryID] = []byte{}
	wire.WriteJSON(w, struct{}{}, nil)
	return true
}

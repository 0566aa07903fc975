// Package lambda is the part of Lambda's API that is about the URLs and the policies of functions, with a memory. It
// refuses what Lambda refuses. Nothing is called.
package lambda

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// API answers the calls about functions of an account.
type API struct {
	account string

	mu        sync.Mutex // guards what follows
	functions map[string]*function
}

// function is one function or one alias of it, by its ARN.
type function struct {
	url    *urlConfig
	policy []statement
}

type urlConfig struct {
	AuthType, FunctionArn, FunctionUrl, InvokeMode string
	CreationTime, LastModifiedTime                 string
}

type statement struct {
	Sid       string
	Effect    string
	Principal any // "*", or that of a service
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

// New makes an API of an account without functions.
func New(account string) *API { return &API{account: account, functions: map[string]*function{}} }

// Create makes a function with aliases, and returns its ARN.
func (api *API) Create(region, name string, aliases ...string) string {
	api.mu.Lock()
	defer api.mu.Unlock()
	arn := "arn:aws:lambda:" + region + ":" + api.account + ":function:" + name
	api.functions[arn] = &function{}
	for _, alias := range aliases {
		api.functions[arn+":"+alias] = &function{}
	}
	return arn
}

// URL returns the URL of a function or of an alias, and how it knows who may call it; empty: it has none.
func (api *API) URL(arn string) (address, auth, mode string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	if f := api.functions[arn]; f != nil && f.url != nil {
		return f.url.FunctionUrl, f.url.AuthType, f.url.InvokeMode
	}
	return "", "", ""
}

// Allowed returns who may do what with a function or an alias: action, principal and conditions, sorted by their ids.
func (api *API) Allowed(arn string) map[string]string {
	api.mu.Lock()
	defer api.mu.Unlock()
	allowed := map[string]string{}
	for _, s := range api.functions[arn].policy {
		text, _ := json.Marshal([]any{s.Principal, s.Condition})
		allowed[s.Sid] = s.Action + " " + string(text)
	}
	return allowed
}

var path = regexp.MustCompile(`^/20\d\d-\d\d-\d\d/functions/([^/]+)/(url|policy)(?:/([^/]+))?$`)

// actions are the calls that are answered here, by method and the end of the path.
var actions = map[string]string{
	"POST url": "CreateFunctionUrlConfig", "GET url": "GetFunctionUrlConfig", "PUT url": "UpdateFunctionUrlConfig",
	"DELETE url":  "DeleteFunctionUrlConfig",
	"POST policy": "AddPermission", "GET policy": "GetPolicy", "DELETE policy": "RemovePermission",
}

// Action names a call as IAM does; what the API doesn't know is its method and path.
func Action(r *http.Request) string {
	if found := path.FindStringSubmatch(r.URL.Path); found != nil {
		if action, known := actions[r.Method+" "+found[2]]; known {
			return action
		}
	}
	return r.Method + " " + r.URL.Path
}

// The errors of the API (Lambda API Reference, the section Errors of each call).
var (
	missing  = wire.Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException"}
	conflict = wire.Error{Status: http.StatusConflict, Code: "ResourceConflictException"}
	invalid  = wire.Error{Status: http.StatusBadRequest, Code: "InvalidParameterValueException"}
)

// Serve answers a call of a client in a region.
func (api *API) Serve(w http.ResponseWriter, r *http.Request, region, action string, body []byte) {
	api.mu.Lock()
	defer api.mu.Unlock()
	found := path.FindStringSubmatch(r.URL.Path)
	if found == nil {
		wire.WriteJSON(w, nil, wire.Error{Status: http.StatusNotImplemented, Code: "NotImplemented"}.Say("the stand-in does not answer %s", action))
		return
	}
	arn, err := api.named(region, found[1], r.URL.Query())
	if err != nil {
		wire.WriteJSON(w, nil, err)
		return
	}
	f := api.functions[arn]
	var answer any
	switch action {
	case "CreateFunctionUrlConfig", "UpdateFunctionUrlConfig":
		answer, err = f.put(arn, region, action, body)
	case "GetFunctionUrlConfig", "DeleteFunctionUrlConfig":
		if f.url == nil {
			err = missing.Say("The resource you requested does not exist.")
			break
		}
		if answer = f.url; action == "DeleteFunctionUrlConfig" {
			f.url = nil
			w.WriteHeader(http.StatusNoContent)
			return
		}
	case "AddPermission":
		answer, err = f.allow(arn, body)
	case "GetPolicy":
		if len(f.policy) == 0 {
			err = missing.Say("The resource you requested does not exist.")
			break
		}
		text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": f.policy})
		answer = map[string]string{"Policy": string(text), "RevisionId": "1"}
	case "RemovePermission":
		kept := slices.DeleteFunc(slices.Clone(f.policy), func(s statement) bool { return s.Sid == found[3] })
		if len(kept) == len(f.policy) {
			err = missing.Say("Statement %s is not found in resource policy.", found[3])
			break
		}
		f.policy = kept
		w.WriteHeader(http.StatusNoContent)
		return
	}
	wire.WriteJSON(w, answer, err)
}

// named returns the ARN of the function, or of its alias, that a call names by its name or its ARN.
func (api *API) named(region, name string, query url.Values) (string, error) {
	arn := name
	if !strings.HasPrefix(name, "arn:") {
		arn = "arn:aws:lambda:" + region + ":" + api.account + ":function:" + name
	} else if strings.Split(name, ":")[3] != region {
		return "", missing.Say("Functions from '%s' are not reachable in this region ('%s')", strings.Split(name, ":")[3], region)
	}
	if qualifier := query.Get("Qualifier"); qualifier != "" {
		arn += ":" + qualifier
	}
	if api.functions[arn] == nil {
		return "", missing.Say("Function not found: %s", arn)
	}
	return arn, nil
}

const now = "2026-11-30T12:00:00.000Z"

func (f *function) put(arn, region, action string, body []byte) (any, error) {
	var input struct{ AuthType, InvokeMode string }
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, err
	}
	switch create := action == "CreateFunctionUrlConfig"; {
	case create && f.url != nil:
		return nil, conflict.Say("FunctionUrlConfig exists for this Lambda function")
	case !create && f.url == nil:
		return nil, missing.Say("The resource you requested does not exist.")
	case create:
		_, name, _ := strings.Cut(arn, "function:")
		id := strings.ToLower(regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString("function:"+name, "0"))
		f.url = &urlConfig{FunctionArn: arn, FunctionUrl: "https://" + id + ".lambda-url." + region + ".on.aws/", InvokeMode: "BUFFERED", CreationTime: now}
	}
	if input.AuthType != "" {
		f.url.AuthType = input.AuthType
	}
	if input.InvokeMode != "" {
		f.url.InvokeMode = input.InvokeMode
	}
	f.url.LastModifiedTime = now
	return f.url, nil
}

func (f *function) allow(arn string, body []byte) (any, error) {
	var input struct {
		Action, Principal, SourceArn, StatementId, FunctionUrlAuthType string
		InvokedViaFunctionUrl                                          bool
	}
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(f.policy, func(s statement) bool { return s.Sid == input.StatementId }) {
		return nil, conflict.Say("The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing statement.", input.StatementId)
	}
	if input.FunctionUrlAuthType != "" && input.Action != "lambda:InvokeFunctionUrl" {
		return nil, invalid.Say("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
	}
	s := statement{Sid: input.StatementId, Effect: "Allow", Principal: "*", Action: input.Action, Resource: arn, Condition: map[string]map[string]string{}}
	if input.Principal != "*" {
		s.Principal = map[string]string{"Service": input.Principal}
	}
	if input.FunctionUrlAuthType != "" {
		s.Condition["StringEquals"] = map[string]string{"lambda:FunctionUrlAuthType": input.FunctionUrlAuthType}
	}
	if input.SourceArn != "" {
		s.Condition["ArnLike"] = map[string]string{"AWS:SourceArn": input.SourceArn}
	}
	if input.InvokedViaFunctionUrl {
		s.Condition["Bool"] = map[string]string{"lambda:InvokedViaFunctionUrl": "true"}
	}
	f.policy = append(f.policy, s)
	text, _ := json.Marshal(s)
	return map[string]string{"Statement": string(text)}, nil
}

// Package servicequotas is the part of the API of Service Quotas that reads quotas, with those that a test sets. Nothing
// is raised.
package servicequotas

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// API answers the calls about quotas of an account.
type API struct {
	account string

	mu       sync.Mutex // guards what follows
	defaults []Quota
	applied  map[place]float64
}

// Quota is one, as the API returns it.
type Quota struct {
	ServiceCode, QuotaCode, QuotaName, QuotaArn string
	Value                                       float64
	Adjustable, GlobalQuota                     bool
}

type place struct{ service, code string }

// New makes an API that knows no quota.
func New(account string) *API { return &API{account: account, applied: map[place]float64{}} }

// SetDefault has AWS know a quota.
func (api *API) SetDefault(service, code, name string, value float64, adjustable bool) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.defaults = append(api.defaults, Quota{ServiceCode: service, QuotaCode: code, QuotaName: name, Value: value,
		QuotaArn: "arn:aws:servicequotas:us-east-1::" + service + "/" + code, Adjustable: adjustable, GlobalQuota: true})
}

// Apply has the account have another value. Without one there is only the default.
func (api *API) Apply(service, code string, value float64) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.applied[place{service, code}] = value
}

// pageSize is how many quotas come at once: fewer than AWS's, so that there are pages.
const pageSize = 5

// Serve answers a call.
func (api *API) Serve(w http.ResponseWriter, action string, body []byte) {
	api.mu.Lock()
	defer api.mu.Unlock()
	var input struct{ ServiceCode, QuotaCode, NextToken string }
	answer, err := any(nil), json.Unmarshal(body, &input)
	switch at := (place{input.ServiceCode, input.QuotaCode}); {
	case err != nil:
	case action == "GetServiceQuota" || action == "GetAWSDefaultServiceQuota":
		answer, err = api.get(at, action)
	case action == "ListAWSDefaultServiceQuotas":
		answer, err = api.list(at.service, input.NextToken)
	default:
		err = wire.Error{Status: http.StatusNotImplemented, Code: "NotImplemented"}.Say("the stand-in does not answer %s", action)
	}
	wire.WriteJSON(w, answer, err)
}

// The errors of the API (Service Quotas API Reference, GetServiceQuota, Errors).
var (
	missing = wire.Error{Status: http.StatusBadRequest, Code: "NoSuchResourceException"}
	illegal = wire.Error{Status: http.StatusBadRequest, Code: "IllegalArgumentException"}
)

func (api *API) get(at place, action string) (any, error) {
	i := slices.IndexFunc(api.defaults, func(q Quota) bool { return place{q.ServiceCode, q.QuotaCode} == at })
	if i < 0 {
		return nil, missing.Say("The request failed because the specified service quota does not exist.")
	}
	q := api.defaults[i]
	if action == "GetServiceQuota" {
		value, applied := api.applied[at]
		if !applied {
			return nil, missing.Say("The request failed because the specified service quota does not exist.")
		}
		q.Value, q.QuotaArn = value, "arn:aws:servicequotas:us-east-1:"+api.account+":"+at.service+"/"+at.code
	}
	return map[string]Quota{"Quota": q}, nil
}

func (api *API) list(service, token string) (any, error) {
	of := slices.DeleteFunc(slices.Clone(api.defaults), func(q Quota) bool { return q.ServiceCode != service })
	if len(of) == 0 {
		return nil, missing.Say("The request failed because the specified service does not exist.")
	}
	from, err := strconv.Atoi(cmp.Or(token, "0"))
	if err != nil || from > len(of) {
		return nil, illegal.Say("Invalid NextToken")
	}
	to := min(from+pageSize, len(of))
	page := map[string]any{"Quotas": of[from:to]}
	if to < len(of) {
		page["NextToken"] = strconv.Itoa(to)
	}
	return page, nil
}

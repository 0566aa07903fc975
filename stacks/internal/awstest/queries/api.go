// Package queries is the part of Athena's API that runs queries: it answers them as a test has planned, since it reads no SQL, and
// refuses what Athena refuses. Where the guides don't have Athena's words, they are those that aoyagikouhei/athena-local measured.
package queries

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// API answers the calls about queries.
type API struct {
	mu         sync.Mutex // guards what follows
	workgroups map[place]WorkGroup
	tables     map[place][]string // by database
	plans      []Plan
	queries    []*query
}

// place is a name in a Region.
type place struct{ region, name string }

// WorkGroup is a workgroup, with where it writes results.
type WorkGroup struct {
	Location string
	Enforced bool // whatever a request says
	Disabled bool
}

// New makes an API without workgroups.
func New() *API {
	return &API{workgroups: map[place]WorkGroup{}, tables: map[place][]string{}}
}

// SetWorkGroup makes or changes a workgroup.
func (api *API) SetWorkGroup(region, name string, w WorkGroup) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.workgroups[place{region, name}] = w
}

// AddTable makes a table, and its database.
func (api *API) AddTable(region, database, table string) {
	api.mu.Lock()
	defer api.mu.Unlock()
	at := place{region, database}
	api.tables[at] = append(api.tables[at], table)
}

// ServeHTTP answers one call.
func (api *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var answer any
	if err == nil {
		answer, err = api.handle(r, body)
	}
	wire.WriteJSON(w, answer, err)
}

func (api *API) handle(r *http.Request, body []byte) (any, error) {
	region, err := signedFor(r)
	if err != nil {
		return nil, err
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	if r.Header.Get("X-Amz-Target") == "AmazonAthena.StartQueryExecution" {
		var input startInput
		if err := json.Unmarshal(body, &input); err != nil {
			return nil, err
		}
		return api.start(region, input)
	}
	var input pageInput
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, err
	}
	q, err := api.find(region, input.QueryExecutionID)
	if err != nil {
		return nil, err
	}
	switch r.Header.Get("X-Amz-Target") {
	case "AmazonAthena.GetQueryExecution":
		return q.describe(), nil
	case "AmazonAthena.GetQueryResults":
		return q.page(input)
	case "AmazonAthena.StopQueryExecution":
		q.stop()
		return struct{}{}, nil
	}
	return nil, wire.Error{Status: http.StatusBadRequest, Code: "UnknownOperationException"}.Say("%s is no call", r.Header.Get("X-Amz-Target"))
}

func (api *API) find(region, id string) (*query, error) {
	at := slices.IndexFunc(api.queries, func(q *query) bool { return q.region == region && q.ID == id })
	if at < 0 {
		return nil, invalid("QueryExecution %s was not found", id)
	}
	return api.queries[at], nil
}

func invalid(format string, args ...any) error {
	return wire.Error{Status: http.StatusBadRequest, Code: "InvalidRequestException"}.Say(format, args...)
}

// unfit refuses a value that breaks a constraint of the Athena API Reference.
func unfit(member, constraint string) error {
	return invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have %s", member, constraint)
}

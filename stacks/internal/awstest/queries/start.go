package queries

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
)

type startInput struct {
	QueryString           string
	ClientRequestToken    *string
	WorkGroup             string
	QueryExecutionContext struct{ Database string }
	ResultConfiguration   struct{ OutputLocation string }
}

// start runs a query, unless the token says that it runs already (Athena API Reference, StartQueryExecution).
func (api *API) start(region string, input startInput) (any, error) {
	if err := input.check(); err != nil {
		return nil, err
	}
	name := cmp.Or(input.WorkGroup, "primary")
	group, found := api.workgroups[place{region, name}]
	switch {
	case !found:
		return nil, invalid("WorkGroup is not found.")
	case group.Disabled: // Athena User Guide, Troubleshoot workgroups
		return nil, invalid("WorkGroup %s is disabled.", name)
	}
	location := input.ResultConfiguration.OutputLocation
	if group.Enforced || location == "" { // Athena User Guide, Override client-side settings
		location = group.Location
	}
	if location == "" { // Athena User Guide, Troubleshoot workgroups
		return nil, invalid("No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.")
	}
	for _, q := range api.queries {
		if q.token != *input.ClientRequestToken {
			continue
		}
		if q.SQL != input.QueryString || q.Database != input.QueryExecutionContext.Database {
			return nil, invalid("Idempotent parameters do not match")
		}
		return map[string]string{"QueryExecutionId": q.ID}, nil
	}
	q := &query{
		Query:  Query{ID: newID(), SQL: input.QueryString, Database: input.QueryExecutionContext.Database, WorkGroup: name},
		region: region, token: *input.ClientRequestToken, plan: api.nextPlan(),
	}
	q.Location = location + q.ID + ".csv"
	api.checkTable(q)
	api.queries = append(api.queries, q)
	return map[string]string{"QueryExecutionId": q.ID}, nil
}

// check holds a request to the constraints of the Athena API Reference, StartQueryExecution.
func (i startInput) check() error {
	switch {
	case i.ClientRequestToken == nil:
		return invalid("clientRequestToken is null or empty")
	case len(*i.ClientRequestToken) < 32:
		return unfit("clientRequestToken", "length greater than or equal to 32")
	case len(*i.ClientRequestToken) > 128:
		return unfit("clientRequestToken", "length less than or equal to 128")
	case i.QueryString == "":
		return unfit("queryString", "length greater than or equal to 1")
	case len(i.QueryString) > 262144:
		return unfit("queryString", "length less than or equal to 262144")
	}
	return nil
}

var from = regexp.MustCompile(`(?i)\bfrom\s+(?:(\w+)\.)?(\w+)`)

// checkTable has a query fail that reads what isn't there. The request itself isn't refused.
func (api *API) checkTable(q *query) {
	read := from.FindStringSubmatch(q.SQL)
	if read == nil {
		return
	}
	database := cmp.Or(read[1], q.Database, "default")
	tables, found := api.tables[place{q.region, database}]
	reason := ""
	switch {
	case !found:
		reason = fmt.Sprintf("SCHEMA_NOT_FOUND: line 1:15: Schema '%s' does not exist", database)
	case !slices.Contains(tables, read[2]):
		reason = fmt.Sprintf("TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.%s.%s' does not exist", database, read[2])
	}
	if reason != "" {
		q.plan = Plan{States: []string{"QUEUED", "RUNNING", "FAILED"}, Reason: reason, ErrorType: 1301}
	}
}

// newID is an id as Athena makes them.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

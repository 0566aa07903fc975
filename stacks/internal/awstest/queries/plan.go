package queries

import "slices"

// Plan is how a query will go.
type Plan struct {
	States    []string   // one for each look at it, the last one from then on; none: QUEUED, RUNNING, SUCCEEDED
	Reason    string     // of a query that fails or is cancelled
	ErrorType int        // of one that fails (Athena User Guide, Athena error catalog)
	Scanned   int64      // bytes
	Columns   []string   // name and type: "requests bigint"
	Rows      [][]string // a value of Null is NULL
}

// Null is the value that stands for NULL in a plan.
const Null = "\x00"

// Next plans how the next query will go that has no plan yet. Without one it succeeds, and returns nothing.
func (api *API) Next(p Plan) {
	api.mu.Lock()
	defer api.mu.Unlock()
	api.plans = append(api.plans, p)
}

func (api *API) nextPlan() Plan {
	var p Plan
	if len(api.plans) > 0 {
		p, api.plans = api.plans[0], api.plans[1:]
	}
	if p.States == nil {
		p.States = []string{"QUEUED", "RUNNING", "SUCCEEDED"}
	}
	return p
}

// Query is a query that was started.
type Query struct{ ID, SQL, Database, WorkGroup, Location, State string }

type query struct {
	Query
	region, token string
	plan          Plan
}

// Queries returns all that were started.
func (api *API) Queries() []Query {
	api.mu.Lock()
	defer api.mu.Unlock()
	var list []Query
	for _, q := range api.queries {
		list = append(list, q.Query)
	}
	return list
}

// describe takes a look at a query (Athena API Reference, GetQueryExecution).
func (q *query) describe() any {
	if len(q.plan.States) > 0 {
		q.State, q.plan.States = q.plan.States[0], q.plan.States[1:]
	}
	status := map[string]any{"State": q.State, "SubmissionDateTime": 1.7e9}
	if q.done() && q.plan.Reason != "" {
		status["StateChangeReason"] = q.plan.Reason
	}
	if q.State == "FAILED" {
		status["AthenaError"] = map[string]any{"ErrorCategory": 2, "ErrorType": q.plan.ErrorType, "Retryable": false, "ErrorMessage": q.plan.Reason}
	}
	return map[string]any{"QueryExecution": map[string]any{
		"QueryExecutionId": q.ID, "Query": q.SQL, "StatementType": "DML", "WorkGroup": q.WorkGroup, "Status": status,
		"QueryExecutionContext": map[string]string{"Database": q.Database},
		"ResultConfiguration":   map[string]string{"OutputLocation": q.Location},
		"Statistics":            map[string]any{"DataScannedInBytes": q.plan.Scanned},
	}}
}

func (q *query) done() bool {
	return slices.Contains([]string{"SUCCEEDED", "FAILED", "CANCELLED"}, q.State)
}

// stop cancels a query that isn't done (Athena User Guide, Stop query execution); one that is stays as it is.
func (q *query) stop() {
	if !q.done() {
		q.State, q.plan = "CANCELLED", Plan{Reason: "Query cancelled by user"}
	}
}

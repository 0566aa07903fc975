// Package queries is the part of Athena's API that runs queries: it answers them as a test has planned, since it reads
// no SQL, and refuses what Athena refuses. Where the guides don't have Athena's words, they are those that
// aoyagikouhei/athena-local measured.
package queries

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// signature is Signature Version 4 for one Region.
var signature = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/, ]+/\d{8}/([a-z0-9-]+)/athena/aws4_request, ?` +
	`SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// signedFor returns the Region for which a request is signed (Athena API Reference, Common Errors). Nothing is
// computed: whether the signature is right is the SDK's concern.
func signedFor(r *http.Request) (region string, err error) {
	refusal := wire.Error{Status: http.StatusBadRequest, Code: "IncompleteSignature"}
	found := signature.FindStringSubmatch(r.Header.Get("Authorization"))
	if found == nil {
		return "", refusal.Say("The request signature does not conform to AWS standards")
	}
	signed := strings.Split(found[2], ";")
	for _, name := range []string{"host", "x-amz-date", "x-amz-target"} {
		if !slices.Contains(signed, name) {
			return "", refusal.Say("%s must be a signed header", name)
		}
	}
	return found[1], nil
}

type pageInput struct {
	QueryExecutionID string `json:"QueryExecutionId"`
	MaxResults       *int
	NextToken        string
}

// maxPage is the most that one answer has, the names of the columns included (Athena API Reference, GetQueryResults).
const maxPage = 1000

const tokenPrefix = "row-"

// page answers rows of a query that succeeded (Athena API Reference, GetQueryResults). The first has the names of the
// columns.
func (q *query) page(input pageInput) (any, error) {
	switch state := cmp.Or(q.State, "QUEUED"); state {
	case "SUCCEEDED":
	case "FAILED":
		return nil, invalid("Query did not finish successfully. Final query state: FAILED")
	case "CANCELLED":
		return nil, invalid("Could not find results")
	default:
		return nil, invalid("Query has not yet finished. Current state: %s", state)
	}
	size := maxPage
	if input.MaxResults != nil {
		size = *input.MaxResults
	}
	if size < 1 || size > maxPage {
		return nil, unfit("maxResults", "value between 1 and 1000")
	}
	rows := q.rows()
	begin := 0
	if input.NextToken != "" {
		text, known := strings.CutPrefix(input.NextToken, tokenPrefix)
		at, err := strconv.Atoi(text)
		if !known || err != nil || at < 0 || at > len(rows) {
			return nil, invalid("Invalid NextToken")
		}
		begin = at
	}
	end := min(begin+size, len(rows))
	answer := map[string]any{"UpdateCount": 0, "ResultSet": map[string]any{
		"Rows": rows[begin:end], "ResultSetMetadata": map[string]any{"ColumnInfo": q.columns()},
	}}
	if end < len(rows) {
		answer["NextToken"] = tokenPrefix + strconv.Itoa(end)
	}
	return answer, nil
}

// datum is a value; NULL has none (Athena API Reference, Datum).
type datum struct {
	VarCharValue *string `json:",omitempty"`
}

type row struct{ Data []datum }

func (q *query) rows() []row {
	var names []string
	for _, c := range q.plan.Columns {
		name, _, _ := strings.Cut(c, " ")
		names = append(names, name)
	}
	rows := []row{newRow(names)}
	for _, values := range q.plan.Rows {
		rows = append(rows, newRow(values))
	}
	return rows
}

func newRow(values []string) row {
	made := row{[]datum{}}
	for _, v := range values {
		if v == Null {
			made.Data = append(made.Data, datum{})
			continue
		}
		made.Data = append(made.Data, datum{&v})
	}
	return made
}

func (q *query) columns() []map[string]any {
	list := []map[string]any{}
	for _, c := range q.plan.Columns {
		name, kind, _ := strings.Cut(c, " ")
		list = append(list, map[string]any{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name,
			"Type": kind, "Nullable": "UNKNOWN", "CaseSensitive": kind == "varchar"})
	}
	return list
}

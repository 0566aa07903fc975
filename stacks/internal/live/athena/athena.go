// Package athena asks a deployed environment's access logs with SQL.
package athena

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// Query is what to ask, and where.
type Query struct {
	Region, Account     string // no account: any
	WorkGroup, Database string
	SQL                 string
}

// Answer is what a query returned, and how much of the logs it read.
type Answer struct {
	questions.Answer
	Scanned int64 // bytes
}

// Ask runs a query, and tells in which state it is. One that nobody waits for any more is stopped, since Athena bills
// what it reads. The credentials are those that the AWS CLI would take.
func Ask(ctx context.Context, q Query, tell func(state string)) (Answer, error) {
	client, err := open(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	id, err := start(ctx, client, q)
	if err != nil {
		return Answer{}, err
	}
	done, err := wait(ctx, client, id, tell)
	if err != nil {
		return Answer{}, stop(ctx, client, id, q.Region, failure(ctx, err))
	}
	if done.Status.State != types.QueryExecutionStateSucceeded {
		return Answer{}, unsuccessful(done)
	}
	answer, err := results(ctx, client, id)
	return Answer{answer, scanned(done)}, failure(ctx, err)
}

// open makes a client of the account that is wanted, if one is.
func open(ctx context.Context, q Query) (*athena.Client, error) {
	cfg, err := awsclient.Load(ctx, q.Region)
	if err != nil {
		return nil, err
	}
	if _, err := awsclient.Credentials(ctx, cfg); err != nil {
		return nil, err
	}
	cfg.Region = q.Region // where the logs are, whatever the user's is
	if q.Account != "" {
		// Takes no permission (STS API Reference, GetCallerIdentity).
		caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return nil, failure(ctx, err)
		}
		if err := awsclient.CheckAccount(aws.ToString(caller.Account), q.Account); err != nil {
			return nil, err
		}
	}
	return athena.NewFromConfig(cfg), nil
}

// start starts a query once, however often the request is sent. Where the answer doesn't come because of an interrupt,
// the query may run: the same request tells its id, so that it can be stopped.
func start(ctx context.Context, client *athena.Client, q Query) (id string, err error) {
	input := &athena.StartQueryExecutionInput{
		QueryString:           &q.SQL,
		WorkGroup:             &q.WorkGroup,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &q.Database},
		ClientRequestToken:    aws.String(rand.Text() + rand.Text()), // 32 to 128 characters (Athena API Reference, StartQueryExecution)
	}
	started, err := client.StartQueryExecution(ctx, input)
	if err == nil {
		return aws.ToString(started.QueryExecutionId), nil
	}
	if ctx.Err() == nil {
		return "", failure(ctx, err)
	}
	late, cancel := afterwards(ctx)
	defer cancel()
	if started, err := client.StartQueryExecution(late, input); err == nil {
		return "", stop(ctx, client, aws.ToString(started.QueryExecutionId), q.Region, ctx.Err())
	}
	return "", ctx.Err()
}

// The pauses between two looks at a query.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 3 * time.Second
)

// wait looks at a query until it is done, one way or another.
func wait(ctx context.Context, client *athena.Client, id string, tell func(state string)) (*types.QueryExecution, error) {
	for pause := firstPause; ; pause = min(pause*3/2, lastPause) {
		now, err := client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return nil, err
		}
		if now.QueryExecution == nil || now.QueryExecution.Status == nil {
			return nil, errors.New("the query: Athena doesn't tell its state")
		}
		state := now.QueryExecution.Status.State
		if state != types.QueryExecutionStateQueued && state != types.QueryExecutionStateRunning {
			return now.QueryExecution, nil
		}
		tell(string(state))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// stopTimeout is how long an interrupted user waits for a query to be stopped.
const stopTimeout = 5 * time.Second

// afterwards is for what has to be done although ctx is done.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
}

// stop stops a query for a reason, and returns that.
func stop(ctx context.Context, client *athena.Client, id, region string, why error) error {
	late, cancel := afterwards(ctx)
	defer cancel()
	if _, err := client.StopQueryExecution(late, &athena.StopQueryExecutionInput{QueryExecutionId: &id}); err != nil {
		return &StopError{Query: id, Region: region, Why: why, Err: failure(late, err)}
	}
	return why
}

func scanned(q *types.QueryExecution) int64 {
	if q.Statistics == nil {
		return 0
	}
	return aws.ToInt64(q.Statistics.DataScannedInBytes)
}

// results reads all pages of what a query returned.
func results(ctx context.Context, client *athena.Client, id string) (questions.Answer, error) {
	var answer questions.Answer
	var columns []types.ColumnInfo
	pages := athena.NewGetQueryResultsPaginator(client, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return questions.Answer{}, err
		}
		if page.ResultSet == nil || page.ResultSet.ResultSetMetadata == nil {
			return questions.Answer{}, errors.New("the query: Athena sends results without columns")
		}
		rows := page.ResultSet.Rows
		if first {
			columns = page.ResultSet.ResultSetMetadata.ColumnInfo
			answer.Columns = columnsOf(columns)
			rows = rows[min(1, len(rows)):] // a SELECT's first row has the names of the columns (aoyagikouhei/athena-local, measured)
		}
		for _, row := range rows {
			answer.Rows = append(answer.Rows, values(row, columns))
		}
	}
	return answer, nil
}

func columnsOf(columns []types.ColumnInfo) []questions.Column {
	var list []questions.Column
	for _, c := range columns {
		list = append(list, questions.Column{Name: aws.ToString(c.Name), Number: slices.Contains(numbers, aws.ToString(c.Type))})
	}
	return list
}

// numbers are the types of numbers (Athena User Guide, Data types in Amazon Athena).
var numbers = []string{"tinyint", "smallint", "int", "integer", "bigint", "double", "float", "real", "decimal"}

// values are those of a row; NULL is written as the logs write that there is none.
func values(row types.Row, columns []types.ColumnInfo) []string {
	list := make([]string, len(columns))
	for i := range columns {
		list[i] = "-"
		if i < len(row.Data) && row.Data[i].VarCharValue != nil {
			list[i] = *row.Data[i].VarCharValue
		}
	}
	return list
}

// What a query needs and isn't in the account.
var (
	ErrNoWorkGroup = errors.New("the workgroup isn't there")
	ErrNoTable     = errors.New("the table isn't there")
)

// LimitError is a query that read more than its workgroup allows.
type LimitError struct{ Scanned int64 }

func (e *LimitError) Error() string {
	return fmt.Sprintf("the query was cancelled at the limit of its workgroup, after %d bytes", e.Scanned)
}

// StopError is a query that goes on although nobody waits for it.
type StopError struct {
	Query, Region string
	Why           error // it was to be stopped
	Err           error // of stopping it
}

func (e *StopError) Error() string {
	return fmt.Sprintf("the query couldn't be stopped, and goes on: aws athena stop-query-execution --region %s --query-execution-id %s (%v)",
		e.Region, e.Query, e.Err)
}

func (e *StopError) Unwrap() error { return e.Why }

// failure says what is wrong in one line.
func failure(ctx context.Context, err error) error {
	var refused smithy.APIError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !errors.As(err, &refused):
		return awsclient.Unreachable(err)
	}
	message := awsclient.Line(refused.ErrorMessage())
	switch {
	// "WorkGroup is not found.", or "INVALID_INPUT. WorkGroup NAME is not found." (Athena User Guide, Troubleshoot
	// workgroups).
	case strings.Contains(message, "WorkGroup ") && strings.Contains(message, "is not found"):
		return ErrNoWorkGroup
	case slices.Contains([]string{"AccessDeniedException", "AccessDenied"}, refused.ErrorCode()), denies(message):
		return &awsclient.AccessError{Message: message}
	}
	service := "Athena"
	var operation *smithy.OperationError
	if errors.As(err, &operation) {
		service = operation.Service()
	}
	return fmt.Errorf("%s: %s: %s", service, refused.ErrorCode(), message)
}

// Types of errors (Athena User Guide, Athena error catalog).
const (
	noSuchTable    = 1110
	noSuchEntity   = 1301 // also a table or a database
	noPermission   = 1500
	noS3Permission = 1501
)

// unsuccessful says why a query failed, or who cancelled it.
func unsuccessful(q *types.QueryExecution) error {
	reason := awsclient.Line(aws.ToString(q.Status.StateChangeReason))
	kind := int32(-1)
	if e := q.Status.AthenaError; e != nil {
		kind = aws.ToInt32(e.ErrorType)
	}
	switch {
	case strings.Contains(reason, "Bytes scanned limit was exceeded"): // Athena User Guide, Troubleshoot workgroups
		return &LimitError{scanned(q)}
	case kind == noSuchTable, kind == noSuchEntity:
		return ErrNoTable
	case kind == noPermission, kind == noS3Permission, denies(reason):
		return &awsclient.AccessError{Message: reason}
	case reason == "":
		return fmt.Errorf("the query has the state %s, without a reason", q.Status.State)
	case q.Status.State == types.QueryExecutionStateCancelled:
		return fmt.Errorf("the query was cancelled: %s", reason)
	}
	return fmt.Errorf("the query failed: %s", reason)
}

// denies reports whether a text is about permissions: those to read logs and to write results are checked by S3 and
// Glue, and reach the caller as text. The last is for whom s3:GetBucketLocation isn't allowed (Athena User Guide,
// Troubleshoot issues in Athena, Output issues).
func denies(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"not authorized", "access denied", "permission denied", "insufficient permissions", "unable to verify/create output bucket"},
		func(words string) bool { return strings.Contains(text, words) })
}

// Package athena queries the access logs of a deployed environment with SQL.
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

// Query is a query, and where to run it.
type Query struct {
	Region, Account     string // no account: any
	WorkGroup, Database string
	SQL                 string
}

// Answer is the result of a query, and how much of the logs it read.
type Answer struct {
	questions.Answer
	Scanned int64 // bytes
}

// Ask runs a query, and calls tell with its state. If the context ends, the query is stopped, since Athena bills what
// it reads. The credentials are those that the AWS CLI would take.
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

// open makes a client, for the account that is wanted if one is.
func open(ctx context.Context, q Query) (*athena.Client, error) {
	cfg, err := awsclient.Load(ctx, q.Region)
	if err != nil {
		return nil, err
	}
	if _, err := awsclient.Credentials(ctx, cfg); err != nil {
		return nil, err
	}
	cfg.Region = q.Region // where the logs are, not the user's
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

// start starts a query, and only once, however often the request is sent. If the context ends before the answer comes,
// the query may run: sending the same request again returns its id, so that it can be stopped.
func start(ctx context.Context, client *athena.Client, q Query) (id string, err error) {
	input := &athena.StartQueryExecutionInput{
		QueryString:           &q.SQL,
		WorkGroup:             &q.WorkGroup,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &q.Database},
		// 32 to 128 characters (Athena API Reference, StartQueryExecution).
		ClientRequestToken: aws.String(rand.Text() + rand.Text()),
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

// Pauses between two requests for the state of a query.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 3 * time.Second
)

// wait waits until a query ends.
func wait(
	ctx context.Context, client *athena.Client, id string, tell func(state string),
) (*types.QueryExecution, error) {
	for pause := firstPause; ; pause = min(pause*3/2, lastPause) {
		now, err := client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return nil, err
		}
		if now.QueryExecution == nil || now.QueryExecution.Status == nil {
			return nil, errors.New("the query: Athena sends no state; try again")
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

// afterwards returns a context for what has to be done after ctx has ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
}

// stop stops a query, and returns why.
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
			return questions.Answer{}, errors.New("the query: Athena sends results without columns; try again")
		}
		rows := page.ResultSet.Rows
		if first {
			columns = page.ResultSet.ResultSetMetadata.ColumnInfo
			answer.Columns = columnsOf(columns)
			rows = rows[min(1, len(rows)):] // the first row has the names of the columns (aoyagikouhei/athena-local, measured)
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
		number := slices.Contains(numbers, aws.ToString(c.Type))
		list = append(list, questions.Column{Name: aws.ToString(c.Name), Number: number})
	}
	return list
}

// numbers are the types of numbers (Athena User Guide, Data types in Amazon Athena).
var numbers = []string{"tinyint", "smallint", "int", "integer", "bigint", "double", "float", "real", "decimal"}

// values returns the values of a row, with - for NULL as in the logs.
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

// What a query needs may not be in the account.
var (
	ErrNoWorkGroup = errors.New("the workgroup doesn't exist")
	ErrNoTable     = errors.New("the table doesn't exist")
)

// LimitError means that a query read more than its workgroup allows.
type LimitError struct{ Scanned int64 }

func (e *LimitError) Error() string {
	return fmt.Sprintf("the query was cancelled at the limit of its workgroup, after %d bytes", e.Scanned)
}

// ColumnError means that the table lacks a column, as one of an earlier deploy may.
type ColumnError struct{ Reason string }

func (e *ColumnError) Error() string { return "the query failed: " + e.Reason }

// StopError means that a query goes on although nobody waits for it.
type StopError struct {
	Query, Region string
	Why           error // it should stop
	Err           error // why it didn't
}

func (e *StopError) Error() string {
	return fmt.Sprintf("the query goes on, since it couldn't be stopped (%v): "+
		"aws athena stop-query-execution --region %s --query-execution-id %s", e.Err, e.Region, e.Query)
}

func (e *StopError) Unwrap() error { return e.Why }

// failure returns an error of one line.
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

// Types of Athena's errors (Athena User Guide, Athena error catalog).
const (
	noSuchTable    = 1110
	noSuchEntity   = 1301 // also a table or a database
	noPermission   = 1500
	noS3Permission = 1501
)

// unsuccessful returns why a query failed or was cancelled.
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
	case strings.HasPrefix(reason, "COLUMN_NOT_FOUND"): // Trino's name for it
		return &ColumnError{reason}
	case reason == "":
		return fmt.Errorf("the query has the state %s, without a reason", q.Status.State)
	case q.Status.State == types.QueryExecutionStateCancelled:
		return fmt.Errorf("the query was cancelled: %s", reason)
	}
	return fmt.Errorf("the query failed: %s", reason)
}

// denies reports whether a text is about missing permissions. S3 and Glue check those to read logs and to write
// results, and their errors come as text. The last words mean that s3:GetBucketLocation is missing (Athena User Guide,
// Troubleshoot issues in Athena, Output issues).
func denies(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{
		"not authorized", "access denied", "permission denied", "insufficient permissions",
		"unable to verify/create output bucket",
	}, func(words string) bool { return strings.Contains(text, words) })
}

package athena

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

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
	// "WorkGroup is not found.", or "INVALID_INPUT. WorkGroup NAME is not found." (Athena User Guide, Troubleshoot workgroups).
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

// denies tells whether a text is about permissions: those to read logs and to write results are checked by S3 and Glue, and reach the
// caller as text. The last is for whom s3:GetBucketLocation isn't allowed (Athena User Guide, Troubleshoot issues in Athena, Output issues).
func denies(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"not authorized", "access denied", "permission denied", "insufficient permissions", "unable to verify/create output bucket"},
		func(words string) bool { return strings.Contains(text, words) })
}

// Package athena asks a deployed environment's access logs with SQL.
package athena

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

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

// Ask runs a query, and tells in which state it is. One that nobody waits for any more is stopped, since Athena bills what it
// reads. The credentials are those that the AWS CLI would take.
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

// start starts a query once, however often the request is sent. Where the answer doesn't come because of an interrupt, the query may
// run: the same request tells its id, so that it can be stopped.
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

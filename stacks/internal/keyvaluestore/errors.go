package keyvaluestore

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"
	"github.com/aws/smithy-go"
)

// ErrNotFound is that there is no such store in the account.
var ErrNotFound = errors.New("not found")

// errConflict is that the store has another version than the one that a change was made for, or isn't in a state to be read.
var errConflict = errors.New("the key value store is being changed")

// AccountError is a store that is in another account than it must be.
type AccountError struct{ Got, Want string }

func (e *AccountError) Error() string {
	return fmt.Sprintf("the credentials are those of account %s, not of %s", e.Got, e.Want)
}

// AccessError is a request that AWS refuses to these credentials.
type AccessError struct {
	Message string
	// OldToken tells that it may be for a session token of version 1, from the global endpoint of STS: the signature
	// that key value stores want (SigV4A) takes only those of version 2 (CloudFront Developer Guide, Restrictions on
	// CloudFront Functions, Using temporary credentials with the CloudFront KeyValueStore API).
	OldToken bool
}

func (e *AccessError) Error() string { return e.Message }

// failure says what is wrong in one line.
func (s *Store) failure(err error) error {
	var (
		changed *types.ConflictException
		missing *types.ResourceNotFoundException
		full    *types.ServiceQuotaExceededException
		denied  *types.AccessDeniedException
		refused smithy.APIError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &changed):
		return errConflict
	case errors.As(err, &missing):
		return ErrNotFound
	case errors.As(err, &full):
		return fmt.Errorf("the store takes no more: %s; a store has 5 MB, which are some 30,000 keys: remove those that nobody uses", line(full.ErrorMessage()))
	case errors.As(err, &denied):
		// One that lacks a permission names it.
		return &AccessError{line(denied.ErrorMessage()), s.signed.temporary() && !strings.Contains(denied.ErrorMessage(), "not authorized")}
	case errors.As(err, &refused):
		return fmt.Errorf("the key value store: %s: %s", refused.ErrorCode(), line(refused.ErrorMessage()))
	}
	return unreachable(err)
}

// refusal is what CloudFront answers in the place of a description.
func refusal(status int, body []byte) error {
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Error.Code == "" {
		return fmt.Errorf("CloudFront: answers with status %d", status)
	}
	switch code, message := answer.Error.Code, line(answer.Error.Message); code {
	case "EntityNotFound":
		return ErrNotFound
	case "AccessDenied":
		return &AccessError{Message: message}
	default:
		return fmt.Errorf("CloudFront: %s: %s", code, message)
	}
}

// noCredentials is that the SDK finds none, or none that are good.
func noCredentials(ctx context.Context, err error) error {
	var refused smithy.APIError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case strings.Contains(err.Error(), "no EC2 IMDS role found"): // the last place where the SDK looks
		err = errors.New("there are none; set AWS_PROFILE, or sign in (aws sso login)")
	case errors.As(err, &refused):
		err = fmt.Errorf("%s: %s", refused.ErrorCode(), line(refused.ErrorMessage()))
	default:
		err = unreachable(err)
	}
	return fmt.Errorf("AWS credentials: %s", strings.TrimPrefix(line(err.Error()), "failed to refresh cached credentials, "))
}

// unreachable is an error of the network, without the SDK's account of its attempts.
func unreachable(err error) error {
	var request *url.Error
	if !errors.As(err, &request) {
		return err
	}
	at := request.URL
	if u, err := url.Parse(request.URL); err == nil {
		at = u.Host
	}
	if request.Timeout() {
		return fmt.Errorf("%s: doesn't answer", at)
	}
	return fmt.Errorf("%s: can't be reached: %w", at, request.Err)
}

// line is the first of a text: what follows in an answer to a wrong signature repeats the request, and its token.
func line(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

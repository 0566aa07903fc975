package keyvaluestore

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore/types"
	"github.com/aws/smithy-go"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// ErrNotFound is that there is no such store in the account.
var ErrNotFound = errors.New("not found")

// errConflict is that the store has another version than the one that a change was made for, or isn't in a state to be read.
var errConflict = errors.New("the key value store is being changed")

// OldTokenError is a request that AWS refuses, perhaps for a session token of version 1, from the global endpoint of STS:
// the signature that key value stores want (SigV4A) takes only those of version 2 (CloudFront Developer Guide,
// Restrictions on CloudFront Functions, Using temporary credentials with the CloudFront KeyValueStore API).
type OldTokenError struct{ Message string }

func (e *OldTokenError) Error() string { return e.Message }

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
		return fmt.Errorf("the store takes no more: %s; a store has 5 MB, which are some 30,000 keys: remove those that nobody uses", awsclient.Line(full.ErrorMessage()))
	case errors.As(err, &denied):
		message := awsclient.Line(denied.ErrorMessage())
		if s.signed.temporary() && !strings.Contains(message, "not authorized") { // one that lacks a permission names it
			return &OldTokenError{message}
		}
		return &awsclient.AccessError{Message: message}
	case errors.As(err, &refused):
		return fmt.Errorf("the key value store: %s: %s", refused.ErrorCode(), awsclient.Line(refused.ErrorMessage()))
	}
	return awsclient.Unreachable(err)
}

// refusal is what CloudFront answers in the place of a description.
func refusal(status int, body []byte) error {
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Error.Code == "" {
		return fmt.Errorf("CloudFront: answers with status %d", status)
	}
	switch code, message := answer.Error.Code, awsclient.Line(answer.Error.Message); code {
	case "EntityNotFound":
		return ErrNotFound
	case "AccessDenied":
		return &awsclient.AccessError{Message: message}
	default:
		return fmt.Errorf("CloudFront: %s: %s", code, message)
	}
}

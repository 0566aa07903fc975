package awstest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// amendments correct successful answers of moto, given the call and the body.
var amendments = map[string]func(*Server, Call, []byte) []byte{
	// moto drops EventBridge from notifications and DeleteMarkerReplication.
	"s3:PutBucketNotification":       (*Server).keepBody,
	"s3:GetBucketNotification":       (*Server).keptBody,
	"s3:PutReplicationConfiguration": (*Server).keepBody,
	"s3:GetReplicationConfiguration": (*Server).keptBody,
	"s3:DeleteBucket":                (*Server).forgetBucket,
	// moto names two owners, one here and one in ACLs.
	"s3:ListAllMyBuckets": replaced(`<ID>[0-9a-f]+</ID>`, "<ID>"+Owner+"</ID>"),
	// moto makes every state machine a STANDARD one.
	"states:CreateStateMachine":   (*Server).keepMachineType,
	"states:DescribeStateMachine": (*Server).keptMachineType,
	// without a change to wait for, a record takes no 15 seconds.
	"route53:ChangeResourceRecordSets": replaced(`(?s)<ChangeInfo>.*</ChangeInfo>`, ""),
	"route53:CreateHostedZone":         replaced(`(?s)<ChangeInfo>.*</ChangeInfo>`, ""),
	"route53:DeleteHostedZone":         replaced(`(?s)<ChangeInfo>.*</ChangeInfo>`, ""),
}

// Owner is the canonical user of the account, which owns the buckets.
const Owner = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"

type callKey struct{}

// withCall hands the call to amend.
func withCall(r *http.Request, call Call) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callKey{}, call))
}

// amend corrects moto's answer, and turns the 500 of a call it does not know
// into a 501: clients repeat a 500 for minutes.
func (s *Server) amend(response *http.Response) error {
	call, _ := response.Request.Context().Value(callKey{}).(Call)
	change := amendments[call.Name()]
	failed := response.StatusCode == http.StatusInternalServerError
	if !failed && (change == nil || response.StatusCode >= 300) {
		return nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if !failed {
		body = change(s, call, body)
	} else if bytes.HasPrefix(body, []byte("<!doctype html>")) {
		response.StatusCode = http.StatusNotImplemented
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	if response.StatusCode != http.StatusNoContent {
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	return nil
}

func replaced(pattern, with string) func(*Server, Call, []byte) []byte {
	expression := regexp.MustCompile(pattern)
	return func(_ *Server, _ Call, body []byte) []byte {
		return expression.ReplaceAll(body, []byte(with))
	}
}

// part names what a Put or Get of S3 is about: a bucket and a noun.
func (c Call) part() string { return c.bucket() + " " + c.Action[len("Put"):] }

func (c Call) bucket() string {
	path, _, _ := strings.Cut(c.Path, "?")
	return strings.Trim(path, "/")
}

// keepBody remembers what was put, and forgets it when it is deleted.
func (s *Server) keepBody(call Call, body []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call.Method == http.MethodDelete {
		delete(s.kept, call.part())
	} else {
		s.kept[call.part()] = call.Body
	}
	return body
}

func (s *Server) keptBody(call Call, body []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept, ok := s.kept[call.part()]; ok {
		return kept
	}
	return body
}

func (s *Server) forgetBucket(call Call, body []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for part := range s.kept {
		if strings.HasPrefix(part, call.bucket()+" ") {
			delete(s.kept, part)
		}
	}
	return body
}

func (s *Server) keepMachineType(call Call, body []byte) []byte {
	var input struct {
		Type string `json:"type"`
	}
	var output struct {
		StateMachineArn string `json:"stateMachineArn"`
	}
	if json.Unmarshal(call.Body, &input) == nil && json.Unmarshal(body, &output) == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.kept[output.StateMachineArn] = []byte(input.Type)
	}
	return body
}

func (s *Server) keptMachineType(_ Call, body []byte) []byte {
	var output map[string]any
	if json.Unmarshal(body, &output) != nil {
		return body
	}
	arn, _ := output["stateMachineArn"].(string)
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.kept[arn]; len(kept) > 0 {
		output["type"] = string(kept)
	}
	changed, err := json.Marshal(output)
	if err != nil {
		return body
	}
	return changed
}

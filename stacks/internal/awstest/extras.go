package awstest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// extras are the calls moto lacks or gets wrong; an answer reports whether it
// has answered, and leaves the call to moto otherwise.
var extras = map[string]func(*Server, http.ResponseWriter, *http.Request, Call) bool{
	"s3:PutBucketAcl":                       (*Server).refuseACL,
	"s3:GetBucketPolicy":                    (*Server).bucketPolicy,
	"s3:GetMetricsConfiguration":            (*Server).bucketMetrics,
	"s3:PutMetricsConfiguration":            (*Server).bucketMetrics,
	"s3:PutBucketPolicy":                    (*Server).bucketPolicy,
	"s3:DeleteBucketPolicy":                 (*Server).bucketPolicy,
	"route53:ChangeResourceRecordSets":      recreateRecords,
	"states:ValidateStateMachineDefinition": (*Server).validateStateMachine,
	"states:ListStateMachineVersions":       answerJSON(map[string]any{"stateMachineVersions": []string{}}),
}

// recreateRecords has moto put a record where it would create one: it takes a record that was deleted for
// one that exists, if others come behind it.
func recreateRecords(_ *Server, _ http.ResponseWriter, r *http.Request, call Call) bool {
	body := bytes.ReplaceAll(call.Body, []byte("<Action>CREATE</Action>"), []byte("<Action>UPSERT</Action>"))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return false
}

// refuseACL refuses an ACL for a bucket whose ownership controls allow none.
func (s *Server) refuseACL(w http.ResponseWriter, r *http.Request, call Call) bool {
	if s.takesACLs(strings.Trim(r.URL.Path, "/")) {
		return false
	}
	writeError(w, call.protocol, &Error{400, "AccessControlListNotSupported", "The bucket does not allow ACLs"})
	return true
}

// validateStateMachine answers OK for a definition with its first state.
func (s *Server) validateStateMachine(w http.ResponseWriter, _ *http.Request, call Call) bool {
	var input struct{ Definition string }
	var machine struct {
		StartAt string
		States  map[string]json.RawMessage
	}
	result, problems := "OK", []map[string]string{}
	err := json.Unmarshal(call.Body, &input)
	if err == nil {
		err = json.Unmarshal([]byte(input.Definition), &machine)
	}
	if _, ok := machine.States[machine.StartAt]; err != nil || !ok {
		result = "FAIL"
		problems = append(problems, map[string]string{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED",
			"message": "StartAt does not name a state", "location": "/StartAt"})
	}
	writeJSON(w, map[string]any{"result": result, "diagnostics": problems, "truncated": false})
	return true
}

// answerJSON always gives the same answer.
func answerJSON(answer any) func(*Server, http.ResponseWriter, *http.Request, Call) bool {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request, _ Call) bool {
		writeJSON(w, answer)
		return true
	}
}

func writeJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer)
}

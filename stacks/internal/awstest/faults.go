package awstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
)

// Error is an error as AWS answers it.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
}

// AccessDenied is an error no client retries.
var AccessDenied = Error{http.StatusForbidden, "AccessDenied", "User is not authorized to perform this action"}

// fault is an error that waits for the next call of its name.
type fault struct {
	name string
	err  *Error
}

// FailNext makes the next call of the action fail once with the error; the
// names are those of IAM, such as ("cloudfront", "CreateDistribution").
func (s *Server) FailNext(service, action string, err Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{service + ":" + action, &err})
}

// PendingFaults returns the names of the faults no call has met yet.
func (s *Server) PendingFaults() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, f := range s.faults {
		names = append(names, f.name)
	}
	return names
}

func (s *Server) takeFault(call Call) (fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.name == call.Name() {
			s.faults = slices.Delete(s.faults, i, i+1)
			return f, true
		}
	}
	return fault{}, false
}

// protocol is the wire protocol of a call, which decides how its error looks.
type protocol int

const (
	restXML  protocol = iota // CloudFront and Route 53
	s3XML                    // S3
	queryXML                 // IAM, STS, SNS, CloudWatch
	awsJSON                  // all others
)

// writeError answers an error in the protocol of the call.
func writeError(w http.ResponseWriter, p protocol, e *Error) {
	w.Header().Set("X-Amzn-Requestid", requestID)
	if p == awsJSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-Errortype", e.Code)
		w.WriteHeader(e.Status)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": e.Code, "message": e.Message})
		return
	}
	type detail struct {
		XMLName xml.Name `xml:"Error"`
		Type    string   `xml:",omitempty"`
		Code    string
		Message string
	}
	type wrapped struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Error     detail
		RequestID string `xml:"RequestId"`
	}
	var body any = wrapped{Error: detail{Type: "Sender", Code: e.Code, Message: e.Message}, RequestID: requestID}
	if p == s3XML {
		body = detail{Code: e.Code, Message: e.Message}
	}
	text, err := xml.Marshal(body)
	if err != nil {
		text = []byte(err.Error())
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.Status)
	_, _ = w.Write(append([]byte(xml.Header), text...))
}

// requestID is the id of every request.
const requestID = "4a1d2f2e-0c3b-4f0e-9a57-6d3f1f4b8c01"

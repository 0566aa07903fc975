// Package wire is how AWS answers errors in each of its protocols.
package wire

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
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

// Say returns the error with a message.
func (e Error) Say(format string, args ...any) error {
	e.Message = fmt.Sprintf(format, args...)
	return &e
}

// Protocol is the wire protocol of a call, which decides how its error looks.
type Protocol int

// The protocols of the services that stacks use.
const (
	RestXML  Protocol = iota // CloudFront and Route 53
	S3XML                    // S3
	QueryXML                 // IAM, STS, SNS, CloudWatch
	JSON                     // all others
)

// WriteError answers an error in the protocol of the call.
func WriteError(w http.ResponseWriter, p Protocol, e *Error) {
	w.Header().Set("X-Amzn-Requestid", RequestID)
	if p == JSON {
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
	var body any = wrapped{Error: detail{Type: "Sender", Code: e.Code, Message: e.Message}, RequestID: RequestID}
	if p == S3XML {
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

// WriteJSON answers a call of a service that speaks JSON: an error that isn't AWS's is of input that can't be read.
func WriteJSON(w http.ResponseWriter, answer any, err error) {
	if err != nil {
		var refusal *Error
		if !errors.As(err, &refusal) {
			refusal = &Error{Status: http.StatusBadRequest, Code: "SerializationException", Message: err.Error()}
		}
		WriteError(w, JSON, refusal)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer)
}

// RequestID is the id of every request.
const RequestID = "4a1d2f2e-0c3b-4f0e-9a57-6d3f1f4b8c01"

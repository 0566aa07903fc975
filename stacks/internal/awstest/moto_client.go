package awstest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// askMotoJSON makes a call of a JSON service; answer stays empty on an error.
func (s *Server) askMotoJSON(service, target string, input, answer any) {
	text, err := json.Marshal(input)
	if err != nil {
		return
	}
	header := http.Header{"X-Amz-Target": {target}, "Content-Type": {"application/x-amz-json-1.1"}}
	if status, body := s.askMoto(service, http.MethodPost, "/", header, text); status == http.StatusOK {
		_ = json.Unmarshal(body, answer)
	}
}

// askMoto makes a call of the stand-in's own, which is not recorded.
func (s *Server) askMoto(service, method, path string, header http.Header, body []byte) (int, []byte) {
	return s.askMotoIn(Region, service, method, path, header, body)
}

func (s *Server) askMotoIn(region, service, method, path string, header http.Header, body []byte) (int, []byte) {
	request, err := http.NewRequest(method, s.moto.String()+path, bytes.NewReader(body))
	if err != nil {
		return 0, []byte(err.Error())
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", signature(region, service))
	response, err := s.client.Do(request)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return response.StatusCode, answer
}

// signature is a header by which moto finds the service; it checks no more.
func signature(region, service string) string {
	return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20240101/" + region + "/" + service +
		"/aws4_request, SignedHeaders=host, Signature=0"
}

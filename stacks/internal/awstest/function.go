package awstest

import (
	"encoding/base64"
	"net/http"
)

// handleFunction answers all calls to functions but their list and deletion.
func (s *Server) handleFunction(r *http.Request, call Call) (*reply, error) {
	k := kindNamed("Function")
	if call.Action == "CreateFunction" {
		root, err := parseXML(call.Body)
		if err != nil {
			return nil, err
		}
		name := root.get("Name")
		if s.cloudfront.entries[k][name] != nil {
			return nil, k.exists.say("A function with the same name already exists: %s", name)
		}
		e, err := s.cloudfront.insert(k, name, root.at("FunctionConfig"))
		if err != nil {
			return nil, err
		}
		e.code = root.get("FunctionCode")
		return &reply{status: 201, etag: e.etag, location: e.arn(), body: e.functionSummary("DEVELOPMENT")}, nil
	}
	if call.Action == "UpdateFunction" || call.Action == "PublishFunction" {
		return s.changeFunction(k, r, call)
	}

	e, err := s.cloudfront.lookup(k, k.idIn(r))
	if err != nil {
		return nil, err
	}
	stage := r.URL.Query().Get("Stage")
	if stage == "LIVE" && !e.live {
		return nil, k.missing.say("The function %s has no stage LIVE", e.id)
	}
	if call.Action == "GetFunction" {
		code, err := base64.StdEncoding.DecodeString(e.code)
		return &reply{status: 200, etag: e.etag, raw: code}, err
	}
	return &reply{status: 200, etag: e.etag, body: e.functionSummary(stage)}, nil
}

func (s *Server) changeFunction(k *kind, r *http.Request, call Call) (*reply, error) {
	e, err := s.matched(k, r)
	if err != nil {
		return nil, err
	}
	if call.Action == "PublishFunction" {
		e.live = true
		return &reply{status: 200, body: e.functionSummary("LIVE")}, nil
	}
	root, err := parseXML(call.Body)
	if err != nil {
		return nil, err
	}
	e.code = root.get("FunctionCode")
	s.cloudfront.change(e, root.at("FunctionConfig"))
	return &reply{status: 200, etag: e.etag, body: e.functionSummary("DEVELOPMENT")}, nil
}

func (e *entry) functionSummary(stage string) *node {
	if stage == "" {
		stage = "DEVELOPMENT"
	}
	return el("FunctionSummary", leaf("Name", e.id), leaf("Status", "UNASSOCIATED"), e.config,
		el("FunctionMetadata", leaf("FunctionARN", e.arn()), leaf("Stage", stage),
			leaf("CreatedTime", timestamp(e.made)), leaf("LastModifiedTime", timestamp(e.changed))))
}

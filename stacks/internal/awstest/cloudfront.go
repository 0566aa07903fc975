package awstest

import (
	"errors"
	"net/http"
	"strings"
)

// reply is a successful answer of CloudFront's API.
type reply struct {
	status   int
	etag     string
	location string
	body     *node
	raw      []byte // instead of body
}

// serveCloudFront answers one call from the store.
func (s *Server) serveCloudFront(w http.ResponseWriter, r *http.Request, call Call) {
	s.cloudfront.Lock()
	defer s.cloudfront.Unlock()
	answer, err := s.handleCloudFront(r, call)
	var refusal *Error
	switch {
	case errors.As(err, &refusal):
		writeError(w, restXML, refusal)
		return
	case err != nil:
		writeError(w, restXML, &Error{400, "MalformedInput", err.Error()})
		return
	}
	if answer.etag != "" {
		w.Header().Set("Etag", answer.etag)
	}
	if answer.location != "" {
		w.Header().Set("Location", answer.location)
	}
	w.Header().Set("X-Amzn-Requestid", requestID)
	body := answer.raw
	if answer.body != nil {
		w.Header().Set("Content-Type", "text/xml")
		body = answer.body.render()
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(body)
}

func (s *Server) handleCloudFront(r *http.Request, call Call) (*reply, error) {
	switch call.Action {
	case "ListTagsForResource", "TagResource", "UntagResource":
		return s.handleTags(r, call)
	case "CreateInvalidation", "GetInvalidation", "ListInvalidations":
		return s.handleInvalidation(r, call)
	case "CreateMonitoringSubscription", "GetMonitoringSubscription", "DeleteMonitoringSubscription":
		return s.handleMonitoring(r, call)
	case "CreateFunction", "GetFunction", "DescribeFunction", "UpdateFunction", "PublishFunction":
		return s.handleFunction(r, call)
	}
	for _, k := range kinds {
		switch call.Action {
		case "Create" + k.noun:
			return s.create(k, r, call)
		case "List" + k.plural:
			return s.list(k, r), nil
		case "Update" + k.noun:
			return s.update(k, r, call)
		case "Delete" + k.noun:
			return s.delete(k, r)
		case "Get" + k.noun, "Get" + k.noun + "Config":
			e, err := s.cloudfront.lookup(k, k.idIn(r))
			if err != nil {
				return nil, err
			}
			if strings.HasSuffix(call.Action, "Config") {
				return &reply{status: 200, etag: e.etag, body: e.config}, nil
			}
			return &reply{status: 200, etag: e.etag, body: e.element(s.cloudfront)}, nil
		}
	}
	return nil, &Error{501, "NotImplemented", "awstest does not answer " + call.Action}
}

// idIn returns the id in a request's path.
func (k *kind) idIn(r *http.Request) string {
	_, path, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	id, _, _ := strings.Cut(strings.TrimPrefix(path, k.path+"/"), "/")
	return id
}

func (s *Server) create(k *kind, r *http.Request, call Call) (*reply, error) {
	root, err := parseXML(call.Body)
	if err != nil {
		return nil, err
	}
	config := root
	if root.name != k.config { // with tags
		config = root.at(k.config)
	}
	if config == nil {
		return nil, errors.New("no " + k.config)
	}
	if err := s.check(k, "", config); err != nil {
		return nil, err
	}
	e, err := s.cloudfront.insert(k, k.newID(), config)
	if err != nil {
		return nil, err
	}
	if k.noun == "CloudFrontOriginAccessIdentity" {
		e.canonical = canonicalUserID()
	}
	e.tag(root.list("Tags"))
	status := http.StatusCreated
	if k.noun == "VpcOrigin" {
		status = http.StatusAccepted
	}
	return &reply{status: status, etag: e.etag, location: s.URL + r.URL.Path + "/" + e.id, body: e.element(s.cloudfront)}, nil
}

func (s *Server) update(k *kind, r *http.Request, call Call) (*reply, error) {
	e, err := s.matched(k, r)
	if err != nil {
		return nil, err
	}
	config, err := parseXML(call.Body)
	if err != nil {
		return nil, err
	}
	if k.noun == "PublicKey" && config.get("EncodedKey") != e.config.get("EncodedKey") {
		return nil, &Error{400, "CannotChangeImmutablePublicKeyFields", "You can't change the value of a public key."}
	}
	if err := s.check(k, e.id, config); err != nil {
		return nil, err
	}
	if k.unique != "" {
		if err := s.cloudfront.checkUnique(k, e.id, config); err != nil {
			return nil, err
		}
	}
	s.cloudfront.change(e, config)
	return &reply{status: 200, etag: e.etag, body: e.element(s.cloudfront)}, nil
}

func (s *Server) delete(k *kind, r *http.Request) (*reply, error) {
	e, err := s.matched(k, r)
	if err != nil {
		return nil, err
	}
	if e.config.get("Enabled") == "true" {
		return nil, &Error{409, "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled."}
	}
	if users := s.cloudfront.users(e); len(users) > 0 {
		return nil, k.inUse.say("The %s %s is still used by the %s %s", k.noun, e.id, users[0].kind.noun, users[0].id)
	}
	delete(s.cloudfront.entries[k], e.id)
	if k.noun == "VpcOrigin" {
		return &reply{status: http.StatusAccepted, etag: e.etag, body: e.element(s.cloudfront)}, nil
	}
	return &reply{status: http.StatusNoContent}, nil
}

// matched finds the entry of a request that changes it, and checks If-Match.
func (s *Server) matched(k *kind, r *http.Request) (*entry, error) {
	e, err := s.cloudfront.lookup(k, k.idIn(r))
	if err != nil {
		return nil, err
	}
	switch r.Header.Get("If-Match") {
	case e.etag:
	case "":
		return nil, &Error{400, "InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource."}
	default:
		return nil, &Error{412, "PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields."}
	}
	if e.managed {
		return nil, &Error{400, "IllegalUpdate", "Policies managed by AWS cannot be changed."}
	}
	return e, nil
}

// check refuses a configuration AWS would refuse, and completes one it takes.
func (s *Server) check(k *kind, self string, config *node) error {
	if err := s.cloudfront.checkReferences(config); err != nil {
		return err
	}
	switch k.noun {
	case "CachePolicy":
		return checkCachePolicy(config)
	case "Distribution":
		if err := s.checkDistribution(self, config); err != nil {
			return err
		}
		completeDistribution(config)
	}
	return nil
}

func (s *Server) list(k *kind, r *http.Request) *reply {
	items := el("Items")
	for _, e := range s.cloudfront.all(k) {
		kind := "custom"
		if e.managed {
			kind = "managed"
		}
		if wanted := r.URL.Query().Get("Type"); wanted != "" && wanted != kind {
			continue
		}
		full := e.element(s.cloudfront)
		summary := el(k.noun + "Summary")
		if k.nested {
			summary.kids = []*node{leaf("Type", kind), full}
		} else {
			summary.kids = full.kids
			summary.complete(e.config.kids...)
		}
		items.kids = append(items.kids, summary)
	}
	body := el(k.noun+"List", leaf("MaxItems", "100"), leaf("IsTruncated", "false"),
		leaf("Quantity", count(items.kids)), items)
	return &reply{status: 200, body: body}
}

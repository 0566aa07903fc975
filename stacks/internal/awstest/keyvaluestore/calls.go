package keyvaluestore

import (
	"net/http"
	"net/url"
	"strings"
)

// target is what a path names: a store, and with keys all keys or one.
type target struct {
	arn, key string
	keys     bool
}

// targetOf reads a path such as /key-value-stores/ARN/keys/KEY, in which ARN and KEY are escaped.
func targetOf(r *http.Request) (target, bool) {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for i := range parts {
		text, err := url.PathUnescape(parts[i])
		if err != nil {
			return target{}, false
		}
		parts[i] = text
	}
	if len(parts) < 2 || len(parts) > 4 || parts[0] != "key-value-stores" || len(parts) > 2 && parts[2] != "keys" {
		return target{}, false
	}
	t := target{arn: parts[1], keys: len(parts) > 2}
	if len(parts) == 4 {
		t.key = parts[3]
	}
	return t, true
}

// Action names a call as IAM does; what the API doesn't know is its method and path.
func Action(r *http.Request) string {
	t, ok := targetOf(r)
	shape := "store"
	switch {
	case t.key != "":
		shape = "key"
	case t.keys:
		shape = "keys"
	}
	if name := actions[r.Method+" "+shape]; ok && name != "" {
		return name
	}
	return r.Method + " " + r.URL.Path
}

var actions = map[string]string{
	"GET store":  "DescribeKeyValueStore",
	"GET keys":   "ListKeys",
	"POST keys":  "UpdateKeys",
	"GET key":    "GetKey",
	"PUT key":    "PutKey",
	"DELETE key": "DeleteKey",
}

func (api *API) handle(header http.Header, r *http.Request, body []byte) (any, error) {
	if err := checkSignature(r); err != nil {
		return nil, err
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	t, _ := targetOf(r)
	s := api.stores[t.arn]
	if s == nil {
		return nil, notFound("Key value store %s is not found", t.arn)
	}
	if !s.ready {
		return nil, conflict("Key value store %s is not in the expected state", t.arn)
	}
	switch Action(r) {
	case "DescribeKeyValueStore":
		header.Set("Etag", s.etag)
		return map[string]any{"ItemCount": len(s.pairs), "TotalSizeInBytes": size(s.pairs), "KvsARN": t.arn,
			"Created": s.made.Unix(), "LastModified": s.changed.Unix(), "Status": "READY"}, nil
	case "ListKeys":
		return s.list(r.URL.Query())
	case "GetKey":
		value, found := s.pairs[t.key]
		if !found {
			return nil, notFound("Key %s is not found", t.key)
		}
		return map[string]any{"Key": t.key, "Value": value, "ItemCount": len(s.pairs), "TotalSizeInBytes": size(s.pairs)}, nil
	case "PutKey", "DeleteKey", "UpdateKeys":
		return s.update(header, r, t, body)
	}
	return nil, invalid("%s %s is no call", r.Method, r.URL.Path)
}

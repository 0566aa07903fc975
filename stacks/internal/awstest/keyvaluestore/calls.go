package keyvaluestore

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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

// list answers a page of keys: 10 unless told, and 50 at most (CloudFront API Reference, ListKeys).
func (s *store) list(query url.Values) (any, error) {
	length := 10
	if text := query.Get("MaxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 50 {
			return nil, invalid("MaxResults must be between 1 and 50")
		}
		length = n
	}
	keys := slices.Sorted(maps.Keys(s.pairs))
	if token := query.Get("NextToken"); token != "" {
		last, found := strings.CutPrefix(token, tokenPrefix)
		if !found {
			return nil, invalid("NextToken is invalid")
		}
		after, found := slices.BinarySearch(keys, last)
		if found {
			after++
		}
		keys = keys[after:]
	}
	answer := map[string]any{}
	if len(keys) > length {
		keys = keys[:length]
		answer["NextToken"] = tokenPrefix + keys[length-1]
	}
	items := []map[string]string{}
	for _, key := range keys {
		items = append(items, map[string]string{"Key": key, "Value": s.pairs[key]})
	}
	answer["Items"] = items
	return answer, nil
}

const tokenPrefix = "after "

// change is the body of UpdateKeys, and what PutKey and DeleteKey come to.
type change struct {
	Puts    []pair
	Deletes []struct{ Key string }
}

// pair has no value where the request has none, which isn't an empty one.
type pair struct {
	Key   string
	Value *string
}

func (s *store) update(header http.Header, r *http.Request, t target, body []byte) (any, error) {
	var c change
	var err error
	switch {
	case t.key == "":
		err = json.Unmarshal(body, &c)
	case r.Method == http.MethodDelete:
		c.Deletes = []struct{ Key string }{{t.key}}
	default:
		put := pair{Key: t.key}
		err = json.Unmarshal(body, &put)
		put.Key = t.key
		c.Puts = []pair{put}
	}
	if err != nil {
		return nil, invalid("%s", err)
	}
	puts, deletes, err := s.check(r.Header.Get("If-Match"), c, len(body))
	if err != nil {
		return nil, err
	}
	s.write(puts, deletes)
	header.Set("Etag", s.etag)
	return map[string]any{"ItemCount": len(s.pairs), "TotalSizeInBytes": size(s.pairs)}, nil
}

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

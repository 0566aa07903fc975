package keyvaluestore

import (
	"maps"
	"net/http"
	"time"

	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// The quotas of a store (CloudFront Developer Guide, Quotas on key value stores).
const (
	maxKey     = 512
	maxValue   = 1 << 10
	maxStore   = 5 << 20
	maxUpdate  = 50
	maxPayload = 3 << 20
)

// check refuses a change that CloudFront refuses, and returns it as pairs to put and keys to delete.
func (s *store) check(version string, c change, payload int) (puts map[string]string, deletes []string, err error) {
	switch {
	case version == "":
		return nil, nil, invalid("If-Match is required")
	case version != s.etag:
		return nil, nil, conflict("Pre-Condition failed: %s is not the current version", version)
	case len(c.Puts)+len(c.Deletes) == 0:
		return nil, nil, invalid("There is nothing to put or delete")
	case len(c.Puts)+len(c.Deletes) > maxUpdate:
		return nil, nil, quota("%d keys in one request, of at most %d", len(c.Puts)+len(c.Deletes), maxUpdate)
	case payload > maxPayload:
		return nil, nil, quota("The request has %d bytes, of at most %d", payload, maxPayload)
	}
	puts, after := map[string]string{}, maps.Clone(s.pairs)
	for _, item := range c.Deletes {
		if _, found := after[item.Key]; !found {
			return nil, nil, notFound("Key %s is not found", item.Key)
		}
		delete(after, item.Key)
		deletes = append(deletes, item.Key)
	}
	for _, put := range c.Puts {
		switch _, twice := puts[put.Key]; {
		case put.Key == "" || put.Value == nil:
			return nil, nil, invalid("Key and Value are required")
		case twice:
			return nil, nil, invalid("Key %s is put twice", put.Key)
		case len(put.Key) > maxKey:
			return nil, nil, quota("The key has %d bytes, of at most %d", len(put.Key), maxKey)
		case len(*put.Value) > maxValue:
			return nil, nil, quota("The value has %d bytes, of at most %d", len(*put.Value), maxValue)
		}
		puts[put.Key], after[put.Key] = *put.Value, *put.Value
	}
	for _, key := range deletes {
		if _, both := puts[key]; both {
			return nil, nil, invalid("Key %s is put and deleted", key)
		}
	}
	if size(after) > maxStore {
		return nil, nil, quota("The store would have %d bytes, of at most %d", size(after), maxStore)
	}
	return puts, deletes, nil
}

// write changes the pairs, and with them the version.
func (s *store) write(puts map[string]string, deletes []string) {
	for _, key := range deletes {
		delete(s.pairs, key)
	}
	maps.Copy(s.pairs, puts)
	s.etag, s.changed = newETag(), time.Now()
}

func size(pairs map[string]string) int {
	total := 0
	for key, value := range pairs {
		total += len(key) + len(value)
	}
	return total
}

// The errors and their statuses are those of the CloudFront API Reference (UpdateKeys, Errors).

func invalid(format string, args ...any) error {
	return wire.Error{Status: http.StatusBadRequest, Code: "ValidationException"}.Say(format, args...)
}

func notFound(format string, args ...any) error {
	return wire.Error{Status: http.StatusNotFound, Code: "ResourceNotFoundException"}.Say(format, args...)
}

func conflict(format string, args ...any) error {
	return wire.Error{Status: http.StatusConflict, Code: "ConflictException"}.Say(format, args...)
}

func quota(format string, args ...any) error {
	return wire.Error{Status: http.StatusPaymentRequired, Code: "ServiceQuotaExceededException"}.Say(format, args...)
}

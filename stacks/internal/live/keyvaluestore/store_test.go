package keyvaluestore_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/keyvaluestore"
)

const name = "example-dev-api"

// aws is a stand-in of AWS to which the environment leads.
func aws(t *testing.T) *awstest.Server {
	t.Helper()
	s := awstest.StartCloudFront(t)
	s.Setenv(t)
	return s
}

// open opens a store that the stand-in has.
func open(t *testing.T) (*awstest.Server, *keyvaluestore.Store) {
	t.Helper()
	s := aws(t)
	s.CreateKeyValueStore(t, name)
	store, err := keyvaluestore.Open(t.Context(), name, awstest.AccountID)
	require.NoError(t, err)
	return s, store
}

// put is a change that adds an entry, whatever is there.
func put(key, value string) func(context.Context) (keyvaluestore.Change, error) {
	return func(context.Context) (keyvaluestore.Change, error) {
		return keyvaluestore.Change{Put: map[string]string{key: value}}, nil
	}
}

// TestAll reads more than a page.
func TestAll(t *testing.T) {
	s, store := open(t)
	want := map[string]string{}
	for i := range 120 {
		key := fmt.Sprintf("key-%03d", i)
		want[key] = fmt.Sprint(i)
		s.PutPair(name, key, want[key])
	}
	got, err := store.All(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Len(t, s.CallsTo("cloudfront-keyvaluestore:ListKeys"), 3, "in pages of 50")
}

func TestGet(t *testing.T) {
	s, store := open(t)
	_, found, err := store.Get(t.Context(), "canary")
	require.NoError(t, err)
	require.False(t, found)
	s.PutPair(name, "canary", "25")
	value, found, err := store.Get(t.Context(), "canary")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "25", value)
}

func TestUpdate(t *testing.T) {
	s, store := open(t)
	s.PutPair(name, "old", "1")
	require.NoError(t, store.Update(t.Context(), func(context.Context) (keyvaluestore.Change, error) {
		return keyvaluestore.Change{Put: map[string]string{"new": "2"}, Delete: []string{"old"}}, nil
	}))
	require.Equal(t, map[string]string{"new": "2"}, s.Pairs(name))

	s.ResetCalls()
	require.NoError(t, store.Update(t.Context(), func(context.Context) (keyvaluestore.Change, error) { return keyvaluestore.Change{}, nil }))
	require.EqualError(t, store.Update(t.Context(), func(context.Context) (keyvaluestore.Change, error) {
		return keyvaluestore.Change{Put: map[string]string{"never": "3"}}, fmt.Errorf("no")
	}), "no")
	require.Empty(t, s.CallsTo("cloudfront-keyvaluestore:UpdateKeys"))
}

// TestUpdateSeesWhatOthersWrote has someone else change the store after it was read and before it is written.
func TestUpdateSeesWhatOthersWrote(t *testing.T) {
	s, store := open(t)
	var seen []map[string]string
	require.NoError(t, store.Update(t.Context(), func(ctx context.Context) (keyvaluestore.Change, error) {
		entries, err := store.All(ctx)
		seen = append(seen, entries)
		if len(seen) == 1 {
			s.PutPair(name, "theirs", "1")
		}
		return keyvaluestore.Change{Put: map[string]string{"mine": fmt.Sprint(len(entries))}}, err
	}))
	require.Equal(t, []map[string]string{{}, {"theirs": "1"}}, seen)
	require.Equal(t, map[string]string{"theirs": "1", "mine": "1"}, s.Pairs(name))
}

// TestTogether has four people add at once.
func TestTogether(t *testing.T) {
	s, store := open(t)
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() {
			errs[i] = store.Update(context.Background(), func(ctx context.Context) (keyvaluestore.Change, error) {
				if _, err := store.All(ctx); err != nil {
					return keyvaluestore.Change{}, err
				}
				return keyvaluestore.Change{Put: map[string]string{fmt.Sprint(i): "here"}}, nil
			})
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, s.Pairs(name), len(errs))
}

func TestUpdateGivesUp(t *testing.T) {
	s, store := open(t)
	n := 0
	err := store.Update(t.Context(), func(context.Context) (keyvaluestore.Change, error) {
		n++
		s.PutPair(name, "theirs", fmt.Sprint(n))
		return keyvaluestore.Change{Put: map[string]string{"mine": "1"}}, nil
	})
	require.EqualError(t, err, "the store: others changed it 8 times meanwhile; nothing was written, try again")
	require.NotContains(t, s.Pairs(name), "mine")
}

// TestLimits are those that CloudFront has; the stand-in is not asked.
func TestLimits(t *testing.T) {
	s, store := open(t)
	s.ResetCalls()
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	for want, change := range map[string]keyvaluestore.Change{
		"51 entries are too many to change at once: CloudFront allows 50": {Put: many},
		"an entry may have 1024 bytes and its key 512, got 1025 and 1":    {Put: map[string]string{"k": strings.Repeat("v", 1025)}},
		"an entry may have 1024 bytes and its key 512, got 1 and 513":     {Put: map[string]string{strings.Repeat("k", 513): "v"}},
	} {
		require.EqualError(t, store.Update(t.Context(), func(context.Context) (keyvaluestore.Change, error) { return change, nil }), want)
	}
	require.Empty(t, s.CallsTo("cloudfront-keyvaluestore:UpdateKeys"))
}

func TestFullStore(t *testing.T) {
	s, store := open(t)
	for i := range 5*1024 - 1 {
		s.PutPair(name, fmt.Sprintf("%04d", i), strings.Repeat("v", 1020))
	}
	err := store.Update(t.Context(), put("more", strings.Repeat("v", 1020)))
	require.NoError(t, err, "5 MB")
	err = store.Update(t.Context(), put("most", "v"))
	require.ErrorContains(t, err, "the store is full (5 MB, some 30,000 keys): ")
	require.ErrorContains(t, err, "remove keys that nobody uses")
}

func TestOpenRefuses(t *testing.T) {
	s := aws(t)
	_, err := keyvaluestore.Open(t.Context(), name, "")
	require.ErrorIs(t, err, keyvaluestore.ErrNotFound)
	s.CreateKeyValueStore(t, name)
	_, err = keyvaluestore.Open(t.Context(), name, "999999999999")
	require.Equal(t, &awsclient.AccountError{Got: awstest.AccountID, Want: "999999999999"}, err)
	require.EqualError(t, err, "the credentials are those of account 111122223333, not of 999999999999")
	_, err = keyvaluestore.Open(t.Context(), name, "")
	require.NoError(t, err)
	require.Empty(t, s.CallsTo("cloudfront-keyvaluestore:DescribeKeyValueStore"))
}

// TestRegionDoesNotMatter has none, and one of another partition: CloudFront is one for the world.
func TestRegionDoesNotMatter(t *testing.T) {
	for _, region := range []string{"", "cn-north-1", "eu-west-3"} {
		s := aws(t)
		s.CreateKeyValueStore(t, name)
		t.Setenv("AWS_REGION", region)
		store, err := keyvaluestore.Open(t.Context(), name, "")
		require.NoError(t, err)
		require.NoError(t, store.Update(t.Context(), put("a", "b")))
		for _, call := range s.CallsTo("cloudfront:DescribeKeyValueStore") {
			require.Equal(t, "us-east-1", call.Region)
		}
	}
}

// TestEndpoints leads both APIs elsewhere in each of the ways that AWS's tools know.
func TestEndpoints(t *testing.T) {
	s := aws(t)
	s.CreateKeyValueStore(t, name)
	url := os.Getenv("AWS_ENDPOINT_URL")
	const nowhere = "http://127.0.0.1:1"
	shared := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(shared, []byte("[default]\nservices = local\n[services local]\ncloudfront =\n  endpoint_url = "+url+
		"\ncloudfront_keyvaluestore =\n  endpoint_url = "+url+"\n"), 0o600))
	for _, c := range []struct {
		name, general, cloudfront, pairs, config string
		reached                                  bool
	}{
		{name: "general", general: url, reached: true},
		{name: "own", cloudfront: url, pairs: url, reached: true},
		{name: "own before general", general: nowhere, cloudfront: url, pairs: url, reached: true},
		{name: "general alone", general: nowhere},
		{name: "one wrong", general: nowhere, cloudfront: url},
		{name: "shared configuration", config: shared, reached: true},
		{name: "general before shared configuration", config: shared, general: nowhere},
	} {
		t.Run(c.name, func(t *testing.T) {
			for key, value := range map[string]string{"AWS_ENDPOINT_URL": c.general, "AWS_ENDPOINT_URL_CLOUDFRONT": c.cloudfront,
				"AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE": c.pairs, "AWS_CONFIG_FILE": c.config} {
				t.Setenv(key, value)
				if value == "" {
					require.NoError(t, os.Unsetenv(key))
				}
			}
			t.Setenv("AWS_RETRY_MODE", "standard")
			t.Setenv("AWS_MAX_ATTEMPTS", "1")
			store, err := keyvaluestore.Open(t.Context(), name, "")
			if err == nil {
				_, err = store.All(t.Context())
			}
			if c.reached {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "127.0.0.1:1: can't be reached: ")
		})
	}
}

// TestLostAnswer has a change be made and its answer not come: the SDK's next attempt conflicts with the first.
func TestLostAnswer(t *testing.T) {
	s := aws(t)
	s.CreateKeyValueStore(t, name)
	server := awstest.LoseFirstAnswer(t, os.Getenv("AWS_ENDPOINT_URL"))
	t.Setenv("AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE", server.URL)
	store, err := keyvaluestore.Open(t.Context(), name, "")
	require.NoError(t, err)
	var seen []map[string]string
	require.NoError(t, store.Update(t.Context(), func(ctx context.Context) (keyvaluestore.Change, error) {
		entries, err := store.All(ctx)
		seen = append(seen, maps.Clone(entries))
		if _, there := entries["mine"]; there {
			return keyvaluestore.Change{}, err
		}
		return keyvaluestore.Change{Put: map[string]string{"mine": "1"}}, err
	}))
	require.Equal(t, []map[string]string{{}, {"mine": "1"}}, seen)
}

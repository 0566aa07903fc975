package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// backend is where a stack keeps its state: an object or a file.
type backend struct {
	S3    struct{ Bucket, Key string }
	Local struct{ Path string }
}

func backendOf(t *testing.T, synthesized []byte) (b backend) {
	t.Helper()
	text, err := json.Marshal(parse(t, synthesized).Terraform.Backend)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &b))
	return b
}

// state is what is checked of a Terraform state.
type state struct {
	Serial    int
	Lineage   string
	Outputs   map[string]struct{ Value any }
	Resources []struct {
		Mode, Type, Name string
		Instances        []struct {
			IndexKey   any `json:"index_key"`
			Attributes struct {
				ID       string
				Tags     map[string]string `json:"tags_all"`
				Boundary string            `json:"permissions_boundary"`
			}
		}
	}
}

// state reads the state where Terraform has left it: asking Terraform starts the provider.
func (d deployment) state(t *testing.T) (s state) {
	t.Helper()
	text := d.stateText(t)
	require.NoError(t, json.Unmarshal(text, &s), "%s", text)
	return s
}

func (d deployment) stateText(t *testing.T) []byte {
	t.Helper()
	if d.backend.S3.Bucket != "" {
		return d.aws.Object(t, d.backend.S3.Bucket, d.backend.S3.Key)
	}
	text, err := os.ReadFile(filepath.Join(d.dir, d.backend.Local.Path))
	require.NoError(t, err)
	return text
}

func (d deployment) hasState(t *testing.T) bool {
	t.Helper()
	if d.backend.S3.Bucket != "" {
		return slices.Contains(d.aws.Objects(t, d.backend.S3.Bucket), d.backend.S3.Key)
	}
	_, err := os.Stat(filepath.Join(d.dir, d.backend.Local.Path))
	return err == nil
}

// ids returns the ids of the resources in the state, by address without index.
func (s state) ids() map[string][]string {
	ids := map[string][]string{}
	for _, r := range s.Resources {
		for _, instance := range r.Instances {
			if r.Mode == "managed" {
				ids[r.Type+"."+r.Name] = append(ids[r.Type+"."+r.Name], instance.Attributes.ID)
			}
		}
	}
	return ids
}

// addresses returns the addresses of the resources in the state, without indexes.
func (s state) addresses() []string { return slices.Sorted(maps.Keys(s.ids())) }

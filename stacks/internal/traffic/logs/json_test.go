package logs

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs/logstest"
)

func asJSON(t *testing.T, text string) string { return logstest.JSON(t, text) }

// delivered is a log with all fields of version 2.
func delivered() string {
	fields := Delivered()
	values := func(of map[string]string) string {
		var line []string
		for _, field := range fields {
			value, has := of[field]
			if !has {
				value = "-"
			}
			line = append(line, value)
		}
		return strings.Join(line, "\t") + "\n"
	}
	return fieldsPrefix + strings.Join(fields, " ") + "\n" +
		values(map[string]string{
			"date": "2026-01-31", "time": "10:00:00", "cs-method": "GET", "cs-uri-stem": "/models/a%2520b.gguf", "sc-status": "206",
			"sc-bytes": "2147483648", "cs-bytes": "9", "cs-protocol": "https", "x-edge-result-type": "Hit", "c-ip": "2001:db8::1",
			"cs(User-Agent)": "curl/8.5.0%20%22x%22", "cs(Cookie)": "a=b;%20c", "time-taken": "1.5", "time-to-first-byte": "0.25",
			"sc-range-start": "0", "c-country": "DE", "cache-behavior-path-pattern": "/models/*", CallerField: "caller%3Dalice%26canary%3D0",
		}) +
		values(map[string]string{
			"date": "2026-01-31", "time": "10:00:01", "cs-method": "POST", "cs-uri-stem": "/v1/ü", "sc-status": "000", "sc-bytes": "0",
			"cs-bytes": "9", "cs-protocol": "https", "x-edge-result-type": "Error", "origin-fbl": "0.251", "origin-lbl": "12",
		})
}

// TestJSON gives the same lines as the text, however it is written.
func TestJSON(t *testing.T) {
	want, problems, err := all(t, file(t, t.TempDir(), "a", delivered()))
	require.NoError(t, err)
	require.Empty(t, problems)
	require.Len(t, want, 2)
	for name, written := range map[string]func(field, value string) (string, any){
		"as CloudFront's": func(field, value string) (string, any) { return field, value },
		"columns":         func(field, value string) (string, any) { return Column(field), value },
		"small letters":   func(field, value string) (string, any) { return strings.ToLower(field), value },
		"null": func(field, value string) (string, any) {
			if value == "-" {
				return field, nil
			}
			return field, value
		},
		"numbers": func(field, value string) (string, any) {
			number, err := strconv.ParseFloat(value, 64)
			if err != nil || field == "sc-status" && value == "000" {
				return field, value
			}
			return field, number
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := logstest.Objects(t, delivered(), written)
			got, problems, err := all(t, file(t, t.TempDir(), "a", string(packed(t, text))))
			require.NoError(t, err)
			require.Empty(t, problems)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestJSONIsVersion2 wherever the file is.
func TestJSONIsVersion2(t *testing.T) {
	dir := t.TempDir()
	one := file(t, dir, "E.2026-01-31-10.a.gz", columnsRead+line("10:00:00", "/"))
	two := file(t, dir, "E.2026-01-31-10.b.gz", asJSON(t, columnsRead+line("10:00:00", "/")))
	_, err := Find([]string{dir})
	require.EqualError(t, err, one+" and "+two+
		" are logs of both versions for the same hour, so its requests would count twice: name those of one version")
}

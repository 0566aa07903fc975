package plan

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// frozen is a plan in which a distribution's origins change, after an edit.
func frozen(t *testing.T, edits ...func(p object)) Plan {
	t.Helper()
	text, err := os.ReadFile("testdata/origins.json")
	require.NoError(t, err)
	var all object
	require.NoError(t, json.Unmarshal(text, &all))
	for _, edit := range edits {
		edit(all)
	}
	text, err = json.Marshal(all)
	require.NoError(t, err)
	p, err := Read(bytes.NewReader(text))
	require.NoError(t, err)
	return p
}

func resource(p object) object { return list(p["resource_changes"])[0].(object) }

func change(p object) object { return resource(p)["change"].(object) }

// after is the first origin after the change.
func after(p object) object { return item(child(change(p)["after"], "origin"), 0).(object) }

// header is one of that origin.
func header(p object, name string) object {
	for _, h := range list(after(p)["custom_header"]) {
		if child(h, "name") == name {
			return h.(object)
		}
	}
	panic(name)
}

// configured are the custom headers in the configuration.
func configured(p object) (origin object, headers []any) {
	for _, r := range list(child(child(p["configuration"], "root_module"), "resources")) {
		if child(r, "type") == distribution {
			origin = item(child(child(r, "expressions"), "origin"), 0).(object)
			return origin, list(origin["custom_header"])
		}
	}
	panic("no distribution")
}

// another is a resource that changes beside the distribution.
func another(change object) func(object) {
	return func(p object) {
		p["resource_changes"] = append(list(p["resource_changes"]), object{"type": "x", "change": change})
	}
}

func digest(t *testing.T, edits ...func(object)) string {
	t.Helper()
	d, err := frozen(t, edits...).Digest()
	require.NoError(t, err)
	require.Len(t, d, 64)
	return d
}

// TestDigestOfWhatChecksRead holds that it is nothing.
func TestDigestOfWhatChecksRead(t *testing.T) {
	read := object{"type": "x", "action_reason": "read_because_check_nested", "change": object{"actions": []any{"read"}}}
	add := func(p object) { p["resource_changes"] = append(list(p["resource_changes"]), read) }
	require.Equal(t, digest(t), digest(t, add))
	only := func(p object) {
		p["resource_changes"], p["output_changes"] = []any{read}, object{"o": object{"actions": []any{"no-op"}}}
	}
	empty, err := frozen(t, only).Digest()
	require.NoError(t, err)
	require.Equal(t, Nothing, empty)
	digest(t, only, func(p object) { p["output_changes"] = object{"o": object{"actions": []any{"update"}}} })
	digest(t, func(p object) { p["resource_changes"] = []any{} })
}

// TestDigestHasNoSecrets holds that it doesn't confirm a guess.
func TestDigestHasNoSecrets(t *testing.T) {
	require.Equal(t, digest(t), digest(t, func(p object) { header(p, "X-Origin-Verify")["value"] = "guess" }))
	nested := func(secret string) func(object) {
		return another(object{"actions": []any{"update"}, "before": object{"k": "a"},
			"after":           object{"k": "a", "l": []any{object{"m": secret}}},
			"after_sensitive": object{"k": false, "l": []any{object{"m": true}}}})
	}
	require.Equal(t, digest(t, nested("one")), digest(t, nested("two")))
	output := func(secret string) func(object) {
		return func(p object) {
			p["output_changes"] = object{"o": object{"actions": []any{"create"}, "before": nil, "before_sensitive": true,
				"after": object{"a": secret}, "after_sensitive": true}}
		}
	}
	require.Equal(t, digest(t, output("one")), digest(t, output("two")))
	for _, r := range list(frozen(t).all["resource_changes"]) {
		text, err := json.Marshal(frozen(t).withoutSecrets(child(r, "change").(object)))
		require.NoError(t, err)
		require.NotContains(t, string(text), "hunter2")
		require.NotContains(t, string(text), "rotated")
	}
}

func TestDigestHasWhatElseChanges(t *testing.T) {
	seen := map[string]bool{digest(t): true}
	for name, edit := range map[string]func(object){
		"a domain": func(p object) { after(p)["domain_name"] = "x.example.com" },
		"a header": func(p object) { header(p, "X-Team")["value"] = "x" },
		"a new header": func(p object) {
			after(p)["custom_header"] = append(list(after(p)["custom_header"]), object{"name": "X-New", "value": "x"})
		},
		"a comment":  func(p object) { child(change(p), "after").(object)["comment"] = "x" },
		"an output":  func(p object) { p["output_changes"] = object{"o": object{"actions": []any{"create"}, "after": "x"}} },
		"a resource": another(object{"actions": []any{"create"}}),
		"a move":     func(p object) { resource(p)["previous_address"] = "aws_cloudfront_distribution.old" },
		"an import":  func(p object) { another(object{"actions": []any{"no-op"}, "importing": object{"id": "1"}})(p) },
	} {
		d := digest(t, edit)
		require.False(t, seen[d], name)
		seen[d] = true
	}
	stays := another(object{"actions": []any{"no-op"}, "after": object{"status": "InProgress"}})
	require.Equal(t, digest(t), digest(t, stays), "what stays may have another status")
}

func TestOrigins(t *testing.T) {
	require.Equal(t, `# aws_cloudfront_distribution.edge: its origins, which Terraform hides because of a secret
  ~ origin "api"
      + custom_header.X-Env = "prod"
      ~ custom_header.X-Origin-Verify = (sensitive) -> (sensitive)
      ~ custom_header.X-Team = "ml" -> "ops"
      ~ custom_origin_config.origin_read_timeout = 120 -> 60
      ~ domain_name = "inference.example.com" -> "new.example.com"
  - origin "api-failover"
      - connection_attempts = 2
      - connection_timeout = 5
      - custom_header.X-Origin-Verify = (sensitive)
      - custom_header.X-Team = "ml"
      - custom_origin_config.http_port = 80
      - custom_origin_config.https_port = 443
      - custom_origin_config.origin_keepalive_timeout = 30
      - custom_origin_config.origin_protocol_policy = "https-only"
      - custom_origin_config.origin_read_timeout = 120
      - custom_origin_config.origin_ssl_protocols = ["TLSv1.2"]
      - domain_name = "inference-standby.example.com"
      - origin_shield.enabled = true
      - origin_shield.origin_shield_region = "us-east-1"
  ~ origin "models"
      + s3_origin_config.origin_access_identity = "origin-access-identity/cloudfront/E1ABC"
  + origin "models-replica"
      + connection_attempts = 3
      + connection_timeout = 10
      + domain_name = (known after apply)
      + s3_origin_config.origin_access_identity = "origin-access-identity/cloudfront/E1ABC"

`, frozen(t).Origins())
}

func TestOriginsOfANewAndOfADeletedDistribution(t *testing.T) {
	made := func(p object) { change(p)["before"], change(p)["before_sensitive"] = nil, false }
	require.Contains(t, frozen(t, made).Origins(), "  + origin \"api\"\n      + connection_attempts = 2\n")
	gone := func(p object) {
		change(p)["after"], change(p)["after_sensitive"], change(p)["after_unknown"] = nil, false, false
	}
	require.Contains(t, frozen(t, gone).Origins(), "      - domain_name = \"inference.example.com\"\n")
}

func TestOriginsThatStayOrThatTerraformShows(t *testing.T) {
	for name, edit := range map[string]func(object){
		"stay": func(p object) {
			child(change(p), "after").(object)["origin"] = child(child(change(p), "before"), "origin")
			change(p)["after_unknown"] = object{}
		},
		"shown": func(p object) {
			change(p)["before_sensitive"] = object{"origin": []any{}}
			change(p)["after_sensitive"] = object{"origin": []any{object{"custom_header": []any{}}}}
		},
		"another type": func(p object) { resource(p)["type"] = "aws_s3_bucket" },
	} {
		require.Empty(t, frozen(t, edit).Origins(), name)
	}
}

func TestOriginsHideSecrets(t *testing.T) {
	all := frozen(t).Origins() + frozen(t, func(p object) { change(p)["before"] = nil }).Origins()
	require.NotContains(t, all, "hunter2")
	require.NotContains(t, all, "rotated")
	for name, row := range map[string]struct {
		edit func(object)
		want string
	}{
		"in another header": {func(p object) { header(p, "X-Team")["value"] = "Bearer rotated-secret-2" },
			`custom_header.X-Team = "ml" -> (sensitive)`},
		"in another field": {func(p object) { after(p)["origin_path"] = "/rotated-secret-2" }, "+ origin_path = (sensitive)"},
		"in a list": {func(p object) {
			item(after(p)["custom_origin_config"], 0).(object)["origin_ssl_protocols"] = []any{"rotated-secret-2"}
		}, `origin_ssl_protocols = ["TLSv1.2"] -> (sensitive)`},
		"of another resource": {another(object{
			"after": object{"k": []any{"ops"}}, "after_sensitive": object{"k": []any{true}},
		}), `custom_header.X-Team = "ml" -> (sensitive)`},
		"of an output": {func(p object) {
			outputs := object{"o": object{"sensitive": true, "value": object{"a": "ops"}}}
			p["planned_values"] = object{"outputs": outputs}
		}, `custom_header.X-Team = "ml" -> (sensitive)`},
		"in a header that the configuration hasn't": {func(p object) {
			origin, headers := configured(p)
			var others []any
			for _, h := range headers {
				if child(child(h, "name"), "constant_value") != "X-Team" {
					others = append(others, h)
				}
			}
			origin["custom_header"] = others
		}, "custom_header.X-Team = (sensitive) -> (sensitive)"},
		"by reference": {func(p object) {
			_, headers := configured(p)
			child(headers[1], "value").(object)["references"] = []any{"local.x"}
		}, "custom_header.X-Team = (sensitive) -> (sensitive)"},
		"by its name": {func(p object) {
			_, headers := configured(p)
			delete(child(headers[0], "value").(object), "references")
		}, "custom_header.X-Origin-Verify = (sensitive) -> (sensitive)"},
	} {
		require.Contains(t, frozen(t, row.edit).Origins(), row.want, name)
	}
}

func TestReadRefusesWhatIsNoPlan(t *testing.T) {
	_, err := Read(strings.NewReader("Error: no plan"))
	require.ErrorContains(t, err, "not a plan as terraform show -json prints it: ")
}

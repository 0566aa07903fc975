package config_test

import (
	"fmt"
	"strings"
)

func structureRows() []row {
	return []row{
		{"S1 unknown field", `{"zzzzzz": 1}`, is(hard("S1", "zzzzzz"))},
		{"S1 misspelt field", `{"state": {"rolearn": "arn:aws:iam::111122223333:role/r"}}`, is(hard("S1", "state.rolearn"))},
		{"S1 guessed field", `{"environments": {"dev": {"api": {"timeout": 0}}}}`, is(
			hard("S1", "environments.dev.api.timeout"))},
		{"S1 part of a field", `{"environments": {"dev": {"api": {"readTimeout": 10, "hostname": "a.example.com"}}}}`, is(
			hard("S1", "environments.dev.api.hostname"),
			hard("S1", "environments.dev.api.readTimeout"))},
		{"S1 TTL", `{"environments": {"dev": {"api": {"cache": {"ttl": 60}}}}}`, is(hard("S1", "environments.dev.api.cache.ttl"))},
		{"S1 field of another section", `{"environments": {"dev": {"api": {"priceClass": "PriceClass_100"}}}}`,
			is(hard("S1", "environments.dev.api.priceClass"))},
		{"S3 wrong type", `{"name": 1}`, is(hard("S3", "name"))},
		{"S4 missing name", `{"name": null}`, is(hard("S4", "name"))},
		{"S4 missing state", `{"state": null}`, is(hard("S4", "state"))},
		{"S4 missing environments", `{"environments": null}`, is(hard("S4", "environments"))},
		{"S4 missing bucket of the state", `{"state": {"bucket": null}}`, is(hard("S4", "state.bucket"))},
		{"S4 missing region of the state", `{"state": {"region": null}}`, is(hard("S4", "state.region"))},
		{"S4 missing parts of an environment", `{"environments": {"dev": {"region": null, "api": null}}}`, is(
			hard("S4", "environments.dev.api"),
			hard("S4", "environments.dev.region"))},
		{"T1 reference", `{"name": "a${b"}`, is(hard("T1", "name"))},
		{"T1 directive", `{"name": "a%{b"}`, is(hard("T1", "name"))},
		{"T1 in a name", `{"environments": {"dev": {"tags": {"a${b": "c"}}}}`,
			is(hard("T1", `environments.dev.tags["a${b"]`))},
		{"T1 in an item", `{"environments": {"dev": {"domain": {"hostedZoneId": "Z1", "aliases": ["${a"]}}}}`,
			is(hard("T1", `environments.dev.domain.aliases[0]`))},
		{"T1 in a key", `{"environments": {"dev": {"models": {"signers": [{"name": "a", "publicKey": "${a"}]}}}}`,
			is(hard("T1", `environments.dev.models.signers[0].publicKey`))},
		{"T2 control character", `{"environments": {"dev": {"distribution": {"comment": "a\u0000b"}}}}`,
			is(hard("T2", "environments.dev.distribution.comment"))},
		{"T2 next line", `{"environments": {"dev": {"distribution": {"comment": "a\u0085b"}}}}`,
			is(hard("T2", "environments.dev.distribution.comment"))},
		{"T2 in a tag called publicKey", `{"environments": {"dev": {"tags": {"publicKey": "a\nb"}}}}`,
			is(hard("T2", "environments.dev.tags.publicKey"))},
		{"T3 leading space", `{"environments": {"dev": {"distribution": {"comment": " a"}}}}`,
			is(hard("T3", "environments.dev.distribution.comment"))},
		{"T3 trailing space", `{"environments": {"dev": {"distribution": {"comment": "a\u00a0"}}}}`,
			is(hard("T3", "environments.dev.distribution.comment"))},
		{"T3 line break at the end", `{"environments": {"dev": {"distribution": {"comment": "a\n"}}}}`,
			is(hard("T3", "environments.dev.distribution.comment"))},
		{"T2 and T3 in one text", `{"environments": {"dev": {"distribution": {"comment": "a\nb\n"}}}}`,
			is(hard("T2", "environments.dev.distribution.comment"))},
		hidden("an override", `\u202e`), hidden("an isolate", `\u2066`), hidden("a zero-width space", `\u200b`),
		hidden("a joiner", `\u200d`), hidden("a right-to-left mark", `\u200f`), hidden("an Arabic letter mark", `\u061c`),
		hidden("a byte order mark", `\ufeff`), hidden("a word joiner", `\u2060`), hidden("a soft hyphen", `\u00ad`),
		hidden("a line separator", `\u2028`), hidden("a filler", `\u3164`), hidden("a tag", `\udb40\udc41`),
		hidden("a variation", `\udb40\udd00`),
		{"T5 a token in a tag", `{"environments": {"dev": {"tags": {"token": "ghp_abcdefghijklmnopqrstuvwxyz0123456789"}}}}`,
			is(hard("T5", "environments.dev.tags.token"))},
		{"T5 a key where the name of its header belongs",
			`{"environments": {"dev": {"api": {"keys": {"header": "sk-proj-abcdefghijklmnop123456"}}}}}`,
			is(hard("T5", "environments.dev.api.keys.header"))},
		{"T5 a token in an expectation", `{"environments": {"dev": {"expect": [{"request": "GET /", "origin": "api",
			"headers": {"Authorization": "Bearer sk-proj-abcdefghijklmnop123456"}}]}}}`,
			is(hard("T5", "environments.dev.expect[0].headers.Authorization"))},
		{"T5 a made-up token in an expectation", `{"environments": {"dev": {"expect": [{"request": "GET /", "origin": "api",
			"headers": {"Authorization": "Bearer a"}}]}}}`, nil},
		{"T5 a JSON Web Token", `{"environments": {"dev": {"distribution": {"comment": "eyJhbGciOiJIUzI1NiIsInR5.eyJzdWIiOiIxMjM0NTY3.dozjgNryP4J3jVmNHl0w5N"}}}}`,
			is(hard("T5", "environments.dev.distribution.comment"))},
		{"T5 a word that begins like one", `{"environments": {"dev": {"tags": {"team": "sk-eu", "note": "AKIA"}}}}`, nil},
		{"T4 in a name", `{"environments": {"dev": {"tags": {"a\u200bb": "c"}}}}`,
			is(hard("T4", `environments.dev.tags["a\u200bb"]`))},
		{"T4 in a required text", `{"environments": {"dev": {"api": {"domainName": "\u202eb.example.com"}}}}`,
			is(hard("T4", "environments.dev.api.domainName"))},
		{"T4 in an item", `{"environments": {"dev": {"domain": {"hostedZoneId": "Z1", "aliases": ["a.example.com\ufeff"]}}}}`,
			is(hard("T4", "environments.dev.domain.aliases[0]"))},
		{"T4 in a key", `{"environments": {"dev": {"models": {"signers": [{"name": "a", "publicKey": "\u2060"}]}}}}`,
			is(hard("T4", "environments.dev.models.signers[0].publicKey"))},
		{"T other alphabets and signs", `{"environments": {"dev": {"distribution": {"comment": "é שלום 日本 ‒ – ✔️"}}}}`, nil},
		{"T harmless text", `{"environments": {"dev": {"distribution": {"comment": "$ { % } $a %b é"}}}}`, nil},
	}
}

// hidden is a row of a text with a sign that nobody sees.
func hidden(name, escaped string) row {
	return row{"T4 " + name, `{"environments": {"dev": {"distribution": {"comment": "a` + escaped + `"}}}}`,
		is(hard("T4", "environments.dev.distribution.comment"))}
}

// fillInBucketRow is a name of the state's bucket that is still to be filled in.
func fillInBucketRow(name string) row {
	return row{"O3 bucket " + name, `{"state": {"bucket": "` + name + `"}, "environments": {"dev": {"api": {"domainName": "api.acme.co"}}}}`,
		is(warning("O3", "state.bucket"))}
}

func nameRows() []row {
	rows := []row{
		{"N0 name too short", `{"name": "a"}`, is(hard("N0", "name"))},
		{"N0 name shortest", `{"name": "ab"}`, nil},
		{"N0 name too long", `{"name": "abcdefghijklmnopqrstuvwxyz"}`, is(hard("N0", "name"))},
		{"N0 name longest", `{"name": "abcdefghijklmnopqrstuvw-1"}`, nil},
		{"N0 name in upper case", `{"name": "Demo"}`, is(hard("N0", "name"))},
		{"N0 name with a digit first", `{"name": "1demo"}`, is(hard("N0", "name"))},
		{"N0 no environment", `{"environments": {"dev": null}}`, is(hard("N0", "environments"))},
		{"N0 environment name too long", environment("abcdefghijklmnopq"), is(hard("N0", "environments.abcdefghijklmnopq"))},
		{"N0 environment name longest", environment("abcdefghijklmn-1"), nil},
		{"N0 environment name shortest", environment("a"), nil},
		{"N0 environment name empty", environment(""), is(hard("N0", `environments[""]`))},
		{"N0 environment name with a dot", environment("a.b"), is(hard("N0", `environments["a.b"]`))},
		{"N0 environment with a dot and more that is wrong", `{"environments": {"a.b": {"region": 1, "api": [], "regoin": ""}}}`,
			is(hard("N0", `environments["a.b"]`))},
		{"N0 environment called state", environment("state"), is(hard("N0", "environments.state"))},

		bucketRow("too short", "ab", 1),
		bucketRow("shortest", "abc", 0),
		bucketRow("too long", strings.Repeat("a", 64), 1),
		bucketRow("longest", strings.Repeat("a", 63), 0),
		bucketRow("in upper case", "Demo-state", 1),
		bucketRow("with _", "demo_state", 1),
		bucketRow("with - first", "-demo", 1),
		bucketRow("with - last", "demo-", 1),
		bucketRow("with a dot", "demo.state", 1),
		bucketRow("with two dots", "demo..state", 1),
		bucketRow("like an address", "192.0.2.1", 1),
		bucketRow("with prefix xn", "xn--a", 1),
		bucketRow("with prefix sthree", "sthree-a", 1),
		bucketRow("with prefix demo", "amzn-s3-demo-a", 1),
		bucketRow("with suffix alias", "a-s3alias", 1),
		bucketRow("with suffix object lambda", "a--ol-s3", 1),
		bucketRow("with suffix access point", "a.mrap", 1),
		bucketRow("with suffix directory", "a--x-s3", 1),
		bucketRow("with suffix of account-regional names", "a-111122223333-us-east-1-an", 1),
		bucketRow("with suffix table", "a--table-s3", 1),
		{"N1 name that buckets can't begin with", `{"name": "xn--demo"}`, is(hard("N1", "name"))},
		{"N1 bucket of models", `{"environments": {"dev": {"models": {"bucket": "A-b"}}}}`, is(hard("N1", "environments.dev.models.bucket"))},

		{"N2 region of the state", `{"state": {"region": "eu-west-9"}}`, is(hard("N2", "state.region"))},
		{"N2 region of GovCloud", `{"state": {"region": "us-gov-west-1"}}`, is(hard("N2", "state.region"))},
		{"N2 region of an environment", `{"environments": {"dev": {"region": "moon"}}}`, is(hard("N2", "environments.dev.region"))},

		{"N4 role of the state is a user", `{"state": {"roleArn": "arn:aws:iam::111122223333:user/u"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 role of the state", `{"state": {"roleArn": "arn:aws:iam::111122223333:role/r"}}`, nil},
		{"N4 role with a region", `{"state": {"roleArn": "arn:aws:iam:us-east-1:111122223333:role/r"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 role without a name", `{"state": {"roleArn": "arn:aws:iam::111122223333:role/"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 role of a short account", `{"state": {"roleArn": "arn:aws:iam::1111:role/r"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 role of another partition", `{"state": {"roleArn": "arn:aws-cn:iam::111122223333:role/r"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 role of another service", `{"state": {"roleArn": "arn:aws:sts::111122223333:role/r"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 role that reads the state", `{"state": {"planRoleArn": "arn:aws:iam::111122223333:role/r"}}`, nil},
		{"N4 role that reads the state is a user", `{"state": {"planRoleArn": "arn:aws:iam::111122223333:user/u"}}`, is(hard("N4", "state.planRoleArn"))},
		{"N4 role is no ARN", `{"state": {"roleArn": "r"}}`, is(hard("N4", "state.roleArn"))},
		{"N4 key of the state is an alias", `{"state": {"kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:alias/a"}}`,
			is(hard("N4", "state.kmsKeyArn"))},
		{"N4 key of the state without a region", `{"state": {"kmsKeyArn": "arn:aws:kms::111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"}}`,
			is(hard("N4", "state.kmsKeyArn"))},
		{"N4 key of the state elsewhere", `{"state": {"kmsKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"}}`,
			is(hard("N4", "state.kmsKeyArn"))},
		{"N4 key of the state", `{"state": {"kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-96ef-1234567890ab"}}`, nil},
		{"N4 multi-Region key of the state", `{"state": {"kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"}}`, nil},
		{"N4 key of the state that Terraform refuses", `{"state": {"kmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}`,
			is(hard("N4", "state.kmsKeyArn"))},
	}
	return append(rows, inDev(
		row{"N2 replica in the same region", `{"models": {"replicaRegion": "us-east-1"}}`, is(hard("N2", "models.replicaRegion"))},
		row{"N2 replica nowhere", `{"models": {"replicaRegion": "us-east-7"}}`, is(hard("N2", "models.replicaRegion"))},
		row{"N2 retired replica in the same region", `{"models": {"retiredReplicaRegion": "us-east-1"}}`,
			is(hard("N2", "models.retiredReplicaRegion"))},
		row{"N2 retired replica that isn't", `{"models": {"replicaRegion": "us-east-2", "retiredReplicaRegion": "us-east-2"}}`,
			is(hard("N2", "models.retiredReplicaRegion"))},
		row{"N2 retired replica nowhere", `{"models": {"retiredReplicaRegion": "us-east-7"}}`,
			is(hard("N2", "models.retiredReplicaRegion"))},
		row{"N2 retired replica", `{"models": {"retiredReplicaRegion": "us-east-2"}}`, nil},
		row{"N2 moved replica", `{"models": {"replicaRegion": "us-west-2", "retiredReplicaRegion": "us-east-2"}}`, nil},
		row{"N2 replica elsewhere", `{"models": {"replicaRegion": "us-east-2"}}`, nil},
		row{"N3 logs in an opt-in region", `{"region": "me-south-1"}`, is(hard("N3", "logging.enabled"))},
		row{"N3 logs of both versions in an opt-in region", `{"region": "me-south-1", "logging": {"version": 2, "retiredVersion": 1}}`,
			is(hard("N3", "logging.retiredVersion"))},
		row{"N3 logs of version 2 in an opt-in region", `{"region": "me-south-1", "logging": {"version": 2}}`, nil},
		row{"N3 no logs in an opt-in region", `{"region": "me-south-1", "logging": {"enabled": false}}`, nil},
		row{"N4 account too short", `{"account": {"id": "11112222333"}}`, is(hard("N4", "account.id"))},
		row{"N4 account too long", `{"account": {"id": "1111222233334"}}`, is(hard("N4", "account.id"))},
		row{"N4 account with a letter", `{"account": {"id": "11112222333a"}}`, is(hard("N4", "account.id"))},
		row{"N4 account", `{"account": {"id": "111122223333", "roleArn": "arn:aws:iam::111122223333:role/r"}}`, nil},
		row{"N4 role of an environment", `{"account": {"roleArn": "r"}}`, is(hard("N4", "account.roleArn"))},
		row{"N4 role of another account", `{"account": {"id": "111122223333", "roleArn": "arn:aws:iam::999922223333:role/r"}}`,
			is(hard("N4", "account.roleArn"))},
		row{"N4 plan role", `{"account": {"id": "111122223333", "planRoleArn": "arn:aws:iam::111122223333:role/r"}}`, nil},
		row{"N4 plan role of another account", `{"account": {"id": "111122223333", "planRoleArn": "arn:aws:iam::999922223333:role/r"}}`,
			is(hard("N4", "account.planRoleArn"))},
		row{"N4 boundary", `{"account": {"id": "111122223333", "permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/team/boundary"}}`, nil},
		row{"N4 boundary is a role", `{"account": {"permissionsBoundaryArn": "arn:aws:iam::111122223333:role/r"}}`, is(hard("N4", "account.permissionsBoundaryArn"))},
		row{"N4 boundary that AWS manages", `{"account": {"id": "111122223333", "permissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"}}`, nil},
		row{"N4 role of AWS", `{"account": {"roleArn": "arn:aws:iam::aws:role/r"}}`, is(hard("N4", "account.roleArn"))},
		row{"N4 boundary of another account", `{"account": {"id": "111122223333", "permissionsBoundaryArn": "arn:aws:iam::999922223333:policy/boundary"}}`,
			is(hard("N4", "account.permissionsBoundaryArn"))},
		row{"N7 plan role that deploys", `{"account": {"roleArn": "arn:aws:iam::111122223333:role/r", "planRoleArn": "arn:aws:iam::111122223333:role/r"}}`,
			is(hard("N7", "account.planRoleArn"))},
		row{"N7 plan role beside one that deploys", `{"account": {"roleArn": "arn:aws:iam::111122223333:role/r", "planRoleArn": "arn:aws:iam::111122223333:role/p"}}`, nil},
		row{"N4 key of models", `{"models": {"access": "control", "kmsKeyArn": "k"}}`, is(hard("N4", "models.kmsKeyArn"))},
		row{"O3 key of AWS's documentation", `{"api": {"domainName": "api.acme.co"}, "models": {"access": "control", "kmsKeyArn": "arn:aws:kms:us-east-1:111122225555:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}`,
			is(warning("O3", "models.kmsKeyArn"))},
		row{"N4 key of models elsewhere and of another account",
			`{"account": {"id": "111122223333"}, "models": {"access": "control", "kmsKeyArn": "arn:aws:kms:eu-west-1:999922223333:key/k"}}`, is(
				hard("N4", "models.kmsKeyArn"),
				hard("N4", "models.kmsKeyArn"))},
		row{"N6 too many tags", `{"tags": ` + object(50, `"t%d": ""`) + `}`, is(quota("N6", "tags"))},
		row{"N6 most tags", `{"tags": ` + object(49, `"t%d": ""`) + `}`, nil},
		row{"N6 key too long", `{"tags": {` + text(129) + `: "a"}}`, is(hard("N6", "tags."+strings.Repeat("x", 129)))},
		row{"N6 key longest", `{"tags": {` + text(128) + `: "a"}}`, nil},
		row{"N6 key empty", `{"tags": {"": "a"}}`, is(hard("N6", `tags[""]`))},
		row{"N6 key shortest", `{"tags": {"a": ""}}`, nil},
		row{"N6 value too long", `{"tags": {"a": ` + text(257) + `}}`, is(hard("N6", "tags.a"))},
		row{"N6 value longest", `{"tags": {"a": ` + text(256) + `}}`, nil},
		row{"N6 key with &", `{"tags": {"R&D": "a"}}`, is(hard("N6", `tags["R&D"]`))},
		row{"N6 value with a comma", `{"tags": {"teams": "a, b"}}`, is(hard("N6", "tags.teams"))},
		row{"N6 every sign", `{"tags": {"a é_.:/=+-@1": "a é_.:/=+-@1"}}`, nil},
		row{"N6 value counted in characters", `{"tags": {"a": "` + strings.Repeat("é", 256) + `"}}`, nil},
		row{"N6 key of AWS", `{"tags": {"AWS:a": "b"}}`, is(hard("N6", `tags["AWS:a"]`))},
		row{"N6 key in another case", `{"tags": {"Team": "a", "team": "b"}}`, is(hard("N6", "tags.team"))},
		row{"N6 key of the stack", `{"tags": {"ML-API-Accelerator:stack": "b"}}`, is(hard("N6", `tags["ML-API-Accelerator:stack"]`))},
		row{"N6 key that cdktf loses", `{"tags": {"__proto__": "b"}}`, is(hard("N6", "tags.__proto__"))},
		row{"N6 too many tags for a health check", merged(regional(`{}`), `{"tags": `+object(9, `"t%d": ""`)+`}`),
			is(hard("N6", "tags"))},
		row{"N6 most tags for a health check", merged(regional(`{}`), `{"tags": `+object(8, `"t%d": ""`)+`}`), nil},
		row{"N6 key with aws", `{"tags": {"awsome": "b"}}`, nil},
	)...)
}

// bucketRow is a bucket name, and how many things are wrong with it.
func bucketRow(name, bucket string, wrong int) row {
	r := row{name: "N1 bucket " + name, patch: `{"state": {"bucket": "` + bucket + `"}}`}
	for range wrong {
		r.want = append(r.want, hard("N1", "state.bucket"))
	}
	return r
}

// environment adds one more environment.
func environment(name string) string {
	return `{"environments": {"` + name + `": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}}}}`
}

func environments(names ...string) string {
	var list []string
	for i, name := range names {
		list = append(list, fmt.Sprintf(`%q: {"region": "us-east-1", "api": {"domainName": "backend-%d.example.com"}}`, name, i))
	}
	return `{"environments": {` + strings.Join(list, ", ") + `}}`
}

// inZone has two environments with one hosted zone, the first in an account, and something else in domain of the second.
func inZone(prod, domain string) string {
	return `{"environments": {"dev": {"account": {"id": "111111112222"}, "domain": {"hostedZoneId": "Z1", "aliases": ["a.example.com"]}}, "prod": {"region": "us-east-1",
		"account": ` + prod + `, "api": {"domainName": "b.example.com"}, "domain": {"hostedZoneId": "Z1", "aliases": ["c.example.com"]` + domain + `}}}}`
}

func sharedRows() []row {
	return []row{
		{"N5 bucket of the state", `{"environments": {"dev": {"models": {"bucket": "demo-state"}}}}`,
			is(hard("N5", "environments.dev.models.bucket"))},
		{"N5 bucket of another environment", `{"environments": {"dev": {"models": {"bucket": "shared"}}, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "models": {"bucket": "shared"}}}}`,
			is(hard("N5", "environments.prod.models.bucket"))},
		{"N8 an environment named after another's buckets", environments("p", "p-models"), is(hard("N8", "environments.p-models"))},
		{"N8 named like their beginning", environments("p", "p-logs-eu"), is(hard("N8", "environments.p-logs-eu"))},
		{"N8 the bucket's of another", `{"environments": {"p": {"region": "us-east-1", "api": {"domainName": "p.example.com"}, "buckets": {"data": {"path": "/data/*"}}},
			"p-data": {"region": "us-east-1", "api": {"domainName": "q.example.com"}}}}`, is(hard("N8", "environments.p-data"))},
		{"N8 a replica's", environments("p", "p-replica"), is(hard("N8", "environments.p-replica"))},
		{"N8 names that are cut to the same", `{"name": "abcdefghijklmnopqrstuvwxy", ` + environments("prod", "production")[1:],
			is(hard("N8", "environments.production"))},
		{"N8 names that only begin alike", environments("p", "p-model", "p-log", "pmodels", "models", "p-eu"), nil},
		{"N8 in accounts of their own", `{"environments": {"p": {"account": {"id": "111122223333"}, "region": "us-east-1", "api": {"domainName": "a.example.com"}},
			"p-models": {"account": {"id": "444455556666"}, "region": "us-east-1", "api": {"domainName": "b.example.com"}}}}`, nil},
		{"N8 a bucket named like another environment's", `{"environments": {"dev": {}, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "models": {"bucket": "demo-dev-logs-of-prod"}}}}`,
			is(hard("N8", "environments.prod.models.bucket"))},
		{"N8 the state's bucket named like an environment's", `{"state": {"bucket": "demo-dev-models-state"}}`,
			is(hard("N8", "state.bucket"))},
		{"N8 alarms of one name", environments("p", "p-api-execution"), is(hard("N8", "environments.p-api-execution"))},
		{"N8 cache policies of one name", `{"environments": {"p": {"region": "us-east-1", "api": {"domainName": "a.example.com"}, "routes": [{"path": "/a-default", "cache": {}}]},
			"p-route-a": {"region": "us-east-1", "api": {"domainName": "b.example.com", "cache": {}}}}}`, is(hard("N8", "environments.p-route-a"), takes("environments.p-route-a.api.cache"))},
		{"N7 plan role that writes the state", `{"state": {"roleArn": "arn:aws:iam::111122223333:role/r", "planRoleArn": "arn:aws:iam::111122223333:role/r"},
			"environments": {"dev": {"account": {"planRoleArn": "arn:aws:iam::111122223333:role/r"}}}}`, is(
			hard("N7", "environments.dev.account.planRoleArn"),
			hard("N7", "state.planRoleArn"))},
		{"N7 plan role that deploys another environment", `{"environments": {"dev": {"account": {"planRoleArn": "arn:aws:iam::111122223333:role/r"}},
			"prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "account": {"roleArn": "arn:aws:iam::111122223333:role/r"}}}}`,
			is(hard("N7", "environments.dev.account.planRoleArn"))},
		{"N7 one plan role for all", `{"state": {"planRoleArn": "arn:aws:iam::111122223333:role/p"}, "environments": {"dev": {"account": {"planRoleArn": "arn:aws:iam::111122223333:role/p"}}}}`, nil},
		fillInBucketRow("my-terraform-state"), fillInBucketRow("your-terraform-state"), fillInBucketRow("mycompany-terraform-state"),
		fillInBucketRow("terraform-state"), fillInBucketRow("tfstate"), fillInBucketRow("acme-your-bucket-name"), fillInBucketRow("example-bucket"),
		{"O3 bucket of the state", `{"state": {"bucket": "ml-api-terraform-state"}, "environments": {"dev": {"api": {"domainName": "api.acme.co"}}}}`,
			is(warning("O3", "state.bucket"))},
		{"N5 existing bucket of two environments", `{"environments": {"dev": {"models": {"existing": true, "bucket": "shared"}}, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"},
			"models": {"existing": true, "bucket": "shared"}, "buckets": {"voices": {"path": "/voices/*", "existing": true, "bucket": "shared"}}}}}`, nil},
		{"N5 existing bucket of another environment", `{"environments": {"dev": {"models": {"bucket": "shared"}}, "prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "models": {"existing": true, "bucket": "shared"}}}}`,
			is(hard("N5", "environments.prod.models.bucket"))},
		{"M5 existing bucket in two regions", `{"environments": {"dev": {"models": {"existing": true, "bucket": "shared"}, "buckets": {
			"docs": {"path": "/docs/*", "existing": true, "bucket": "shared", "bucketRegion": "us-east-1"}, "pdfs": {"path": "/pdfs/*", "existing": true, "bucket": "shared", "bucketRegion": "eu-west-1"}}}}}`,
			is(hard("M5", "environments.dev.buckets.pdfs.bucket"))},
		{"M5 existing bucket in the regions of two environments", `{"environments": {"dev": {"models": {"existing": true, "bucket": "shared"}}, "prod": {"region": "eu-west-1", "api": {"domainName": "b.example.com"},
			"models": {"existing": true, "bucket": "shared"}}}}`, is(hard("M5", "environments.prod.models.bucket"))},
		{"M5 existing bucket of two environments in its region", `{"environments": {"dev": {"models": {"existing": true, "bucket": "shared"}}, "prod": {"region": "eu-west-1", "api": {"domainName": "b.example.com"},
			"models": {"existing": true, "bucket": "shared", "bucketRegion": "us-east-1"}}}}`, nil},
		{"N5 no buckets", environment("prod"), nil},
		{"N5 alias of another environment", `{"environments": {"dev": {"domain": {"hostedZoneId": "Z1", "aliases": ["a.example.com", "b.example.com"]}},
			"prod": {"region": "us-east-1", "api": {"domainName": "backend.example.com"}, "domain": {"hostedZoneId": "Z1", "aliases": ["c.example.com", "b.example.com"]}}}}`,
			is(hard("N5", "environments.prod.domain.aliases[1]"))},
		{"R13 too many policies in an account", `{"environments": {"dev": {"routes": ` + list(10, `{"path": "/%d", "cache": {}}`) + `},
			"prod": {"region": "us-east-1", "api": {"domainName": "b.example.com", "cache": {}}, "routes": ` + list(10, `{"path": "/%d", "cache": {}}`) + `}}}`,
			is(warning("R13", "environments.prod"),
				takes("environments.prod.api.cache"))},
		{"R13 most policies in an account", `{"environments": {"dev": {"routes": ` + list(10, `{"path": "/%d", "cache": {}}`) + `},
			"prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "routes": ` + list(10, `{"path": "/%d", "cache": {}}`) + `}}}`, nil},
		{"R13 too many policies in a known account", `{"environments": {"dev": {"account": {"id": "111122223333"}, "routes": ` + list(21, `{"path": "/%02d", "cache": {}}`) + `}}}`,
			is(quota("R13", "environments.dev"))},
		{"R13 more policies with a raised quota", `{"environments": {"dev": {"quotas": {"cachePolicies": 21}, "routes": ` + list(21, `{"path": "/%02d", "cache": {}}`) + `}}}`, nil},
		{"C3 too many environments in an account", `{"environments": ` + object(21, `"e%02d": `+inAccount(`"api": {"domainName": "b.example.com"}`)) + `}`,
			is(quota("C3", "environments.e20"))},
		{"C3 too many environments", `{"environments": ` + object(20, `"e%02d": {"region": "us-east-1", "api": {"domainName": "b.example.com"}}`) + `}`,
			is(warning("C3", "environments.e19"))},
		{"R11 too many keys in an account", ownKeys(`{"environments": ` + object(11, `"e%02d": `+inAccount(`"api": {"domainName": "b.example.com"}, "models": {"signers": [`+signer("a", keyRSA)+`]}`)) + `}`), is(
			quota("R11", "environments.e10"),
			quota("R11", "environments.e10"))},
		{"R11 too many keys of the environments", ownKeys(`{"environments": ` + object(11, `"e%02d": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "models": {"signers": [`+signer("a", keyRSA)+`]}}`) + `}`), is(
			warning("R11", "environments.e10"),
			warning("R11", "environments.e10"))},
		{"R11 one key for two environments", `{"environments": ` + object(2, `"e%02d": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "models": {"signers": [`+signer("a", keyRSA)+`]}}`) + `}`,
			is(warning("R11", "environments.e01.models.signers[0].publicKey"))},
		{"D12 name and wildcard in two environments", validatedIn("a.example.com", "Z1", `"b.example.com", "*.a.example.com"`),
			is(hard("D12", "environments.prod.domain.aliases[1]"))},
		{"D12 wildcard and name in two environments", validatedIn("*.a.example.com", "Z1", `"a.example.com"`),
			is(hard("D12", "environments.prod.domain.aliases[0]"))},
		{"D12 in two zones", validatedIn("a.example.com", "Z2", `"*.a.example.com"`), nil},
		{"D12 below the wildcard", validatedIn("*.example.com", "Z1", `"a.example.com"`), nil},
		{"D12 in one environment", validatedIn("b.example.com", "Z1", `"a.example.com", "*.a.example.com"`), nil},
		{"D12 validated elsewhere", `{"environments": {"dev": {"domain": {"hostedZoneId": "Z1", "aliases": ["a.example.com"]}}, "prod": {"region": "us-east-1", "api": {"domainName": "backend.example.net"},
			"domain": {"certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab", "aliases": ["*.a.example.com"]}}}}`, nil},
		{"D13 names of two domains in two environments", validatedIn("api.example.com", "Z1", `"*.example.org", "www.api.example.com"`),
			is(hard("D13", "environments.prod.domain.aliases[0]"))},
		{"D10 zone in two accounts", inZone(`{"id": "333333334444"}`, ""), is(hard("D10", "environments.prod.domain.hostedZoneId"))},
		{"D10 zone in the account of a role", inZone(`{"id": "333333334444"}`, `, "hostedZoneRoleArn": "arn:aws:iam::111111112222:role/dns"`), nil},
		{"D10 zone in the account of another role", inZone(`{"id": "111111112222"}`, `, "hostedZoneRoleArn": "arn:aws:iam::333333334444:role/dns"`),
			is(hard("D10", "environments.prod.domain.hostedZoneId"))},
		{"D10 zone in one account", inZone(`{"roleArn": "arn:aws:iam::111111112222:role/deploy"}`, ""), nil},
		{"D10 zone in an unknown account", inZone(`{}`, ""), nil},
		{"D13 names of two domains in two zones", validatedIn("api.example.com", "Z2", `"*.example.org"`), nil},
		{"N5 originAlias of another environment", `{"environments": {"dev": ` + regional(`{"region": "us-east-1"}`) + `, "prod": ` + regional(`{"region": "us-east-1", "domain": {"aliases": ["b.example.com"]}}`) + `}}`,
			is(hard("N5", "environments.prod.api.originAlias"))},
		{"D10 alias of another environment", `{"environments": {"prod": {"region": "us-east-1", "api": {"domainName": "b.example.com"}, "domain": {"hostedZoneId": "Z1", "aliases": ["backend.example.com"]}}}}`,
			is(hard("D10", "environments.dev.api.domainName"))},
		{"R13 policies in two accounts", `{"environments": {"dev": {"routes": ` + list(20, `{"path": "/%d", "cache": {}}`) + `},
			"prod": {"region": "us-east-1", "account": {"id": "111122223333"}, "api": {"domainName": "b.example.com", "cache": {}}}}}`, is(takes("environments.prod.api.cache"))},
	}
}

// inAccount is an environment of one account.
func inAccount(fields string) string {
	return `{"region": "us-east-1", "account": {"id": "111122223333"}, ` + fields + `}`
}

// validatedIn is an alias of dev, validated in Z1, and some of prod, validated in another zone or in the same.
func validatedIn(alias, otherZone, aliases string) string {
	return `{"environments": {"dev": {"domain": {"hostedZoneId": "Z1", "aliases": ["` + alias + `"]}},
		"prod": {"region": "us-east-1", "api": {"domainName": "backend.example.net"}, "domain": {"hostedZoneId": "` + otherZone + `", "aliases": [` + aliases + `]}}}}`
}

package stacks_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/local/serve"
)

// TestLongRehearsal does what a team does in its first month, by the READMEs' own commands: it pastes an example, tries
// it, deploys it, lets callers in, changes it, brings a canary, looks for errors, pauses it, and takes all down again.
func TestLongRehearsal(t *testing.T) {
	aws := needAWS(t)
	sideBySide(t)
	const store = "ml-api-prod-api"
	const secretName, secret = "ml-api/prod/origin-verify", "a-secret-of-the-backend"
	stable, next := newBackend(t, "stable", secret), newBackend(t, "next", secret)
	us := team{newProgram(t, aws, t.TempDir()), object{}}
	run := func(t *testing.T, line string) string {
		t.Helper()
		stdout, _ := us.run(t, line, "")
		return stdout
	}
	logging := " --listen localhost:0 --log logs/serve.log --secret " + secretName + "=" + secret

	step(t, "an example is pasted, and check says what to replace", func(t *testing.T) {
		printed := run(t, readme(t, "go run . example NAME", "NAME", "several-services"))
		maps.Copy(us.environments, members(t, printed))
		us.save(t)
		_, warnings := us.run(t, readme(t, "go run . check"), "")
		for _, field := range []string{"api", "backends.embeddings", "backends.litellm"} {
			require.Contains(t, warnings, "environments.prod."+field+".domainName")
		}
		us.edit(t, ".example.com", ".backend.dev")
		us.prod()["logging"] = object{"version": 2}
		us.save(t)
		require.Equal(t, "cdktf.json: fine\n", run(t, readme(t, "go run . check")))
	})
	step(t, "it is tried on a laptop, where nothing stands for some of the backends", func(t *testing.T) {
		require.NoError(t, os.Mkdir(filepath.Join(us.dir, "logs"), 0o700))
		line := readme(t, "go run . serve prod --api localhost:8000 --api-key alice=sk-alice", "localhost:8000", stable)
		us.serve(t, line+logging, func(url string) {
			require.Equal(t, answer{200, "stable for alice"}, chat(t, url, "sk-alice"))
			require.Equal(t, 401, chat(t, url, "").status)
			failed, _ := send(t, "POST", url+"/v1/embeddings", "sk-alice", "{}")
			require.Equal(t, 502, failed.status)
		})
	})

	run(t, readme(t, "go run .  "))
	state := us.newDeployment(t, aws, readme(t, "cdktf deploy ml-api-state"))
	step(t, "the bucket of the states is made", func(t *testing.T) {
		state.apply(t)
		require.Equal(t, []string{us.bucket()}, aws.Buckets(t))
	})
	prod := us.newDeployment(t, aws, readme(t, "cdktf deploy ml-api-dev", "dev", "prod"))
	step(t, "the environment is deployed, after the secret that it names", func(t *testing.T) {
		aws.CreateSecret(t, "us-east-1", secretName, secret)
		prod.apply(t)
	})
	options := serve.Options{
		API: parseURL(t, stable), Canary: parseURL(t, next), Models: t.TempDir(), MemoryBytes: 1 << 20, DiskBytes: 1 << 20,
		Store: deployedStore{aws, store}, Secrets: map[string]string{secretName: secret},
	}
	live := serveDeployed(t, aws, us.stack(t, "ml-api-prod"), options)
	var key string
	models := func(t *testing.T) string {
		t.Helper()
		_, xCache := send(t, "GET", live+"/v1/models", key, "")
		return xCache
	}
	step(t, "a caller gets a key, and nobody without one an answer", func(t *testing.T) {
		key = strings.TrimSpace(run(t, readme(t, "go run . key add prod alice")))
		require.Equal(t, answer{200, "stable for alice"}, chat(t, live, key))
		require.Equal(t, 401, chat(t, live, "").status)
		require.Equal(t, 401, chat(t, live, "sk-alice").status)
		require.Equal(t, "Miss from cloudfront", models(t))
		require.Equal(t, "Miss from cloudfront", models(t))
	})

	step(t, "a route gets a cache and a canary comes: compare tells who sees it", func(t *testing.T) {
		run(t, readme(t, "go run . --output cdktf.out.main"))
		for _, part := range []string{`"routes": [{"path": "/v1/models*"`, `"expect": [{"request": "GET /v1/models"`} {
			us.add(t, readme(t, part))
		}
		recipe := readme(t, "\"api\": {\n  \"domainName\": \"inference.example.com\",", ".example.com", ".backend.dev")
		us.addCanary(t, recipe, readme(t, `"percent": 0`))
		us.save(t)
		run(t, readme(t, "go run .  "))
		told := run(t, readme(t, "go run . compare cdktf.out.main cdktf.out"))
		require.Contains(t, told, "+ canary: inference-next.backend.dev for 0 % of the callers")
		require.Contains(t, told, "+ caching: cached for 60 s")
		require.NotContains(t, told, "/models/*", "the bucket stays as it is")
	})
	step(t, "the plan has no more than that: nothing is replaced, and it is deployed", func(t *testing.T) {
		text := us.stack(t, "ml-api-prod")
		prod.change(t, text, patience(t, text))
		require.Equal(t, map[string]string{
			"aws_cloudfront_distribution.edge":                      "update",
			"aws_cloudfront_cache_policy.route-v1_models-all":       "create",
			"aws_cloudfront_origin_request_policy.forward-5ac5b2f2": "create",
			"aws_cloudfront_function.api":                           "update",
			"aws_cloudfront_function.api-120s":                      "create", // its canary is another origin
			"aws_cloudfront_function.api-public":                    "update",
			"aws_cloudfront_function.backends":                      "update",
			"aws_cloudfront_function.backends-strip-llm-93d90ef6":   "update",
		}, prod.planAllowed(t).changes)
		prod.apply(t, withoutRefresh)
	})
	live = serveDeployed(t, aws, us.stack(t, "ml-api-prod"), options)
	step(t, "the route is cached, and nobody gets the canary yet", func(t *testing.T) {
		require.Equal(t, "Miss from cloudfront", models(t))
		require.Equal(t, "Hit from cloudfront", models(t))
		require.Equal(t, answer{200, "stable for alice"}, chat(t, live, key))
	})
	step(t, "verify finds the edge to do what is expected", func(t *testing.T) {
		readme(t, "--connect-to")
		line := readme(t, "go run . verify prod --url", "https://api.example.com", prod.output(t, "api_url"),
			"https://inference.example.com", stable)
		told := run(t, `VERIFY_KEYS="alice=`+key+`" `+line+" --insecure --connect-to "+strings.TrimPrefix(live, "https://"))
		require.Regexp(t, `ok +GET /v1/models +200 +miss [^,]*, hit`, told)
		require.Regexp(t, `ok +POST /v1/embeddings +401`, told)
		require.Contains(t, told, "4 ok, 0 broken, 4 skipped")
	})
	step(t, "the canary gets everybody, nobody, and then its configured share", func(t *testing.T) {
		run(t, readme(t, "go run . canary prod 25"))
		require.Contains(t, run(t, readme(t, "go run . canary prod  ")), "25 % of the callers")
		run(t, "go run . "+readme(t, "canary prod 100"))
		require.Equal(t, answer{200, "next for alice"}, chat(t, live, key))
		run(t, readme(t, "go run . canary prod 0"))
		require.Equal(t, answer{200, "stable for alice"}, chat(t, live, key))
		run(t, "go run . "+readme(t, "canary prod --reset"))
		require.Contains(t, run(t, readme(t, "go run . canary prod  ")), "0 % of the callers get the canary, as configured")
	})
	step(t, "logs know what failed on the laptop, and who called", func(t *testing.T) {
		line := readme(t, "go run . serve prod --api localhost:8000 --canary",
			"localhost:8000", stable, "localhost:8001", next, "percent 50", "percent 100", "8081", "localhost:0")
		us.serve(t, line+logging, func(url string) {
			require.Equal(t, answer{200, "next for bob"}, chat(t, url, "sk-b"))
		})
		require.Regexp(t, `/v1/embeddings +502 +OriginConnectError`, run(t, readme(t, "go run . logs prod errors logs")))
		callers := run(t, readme(t, "go run . logs prod callers")+" logs")
		require.Regexp(t, `alice +stable +2 +1 `, callers)
		require.Regexp(t, `bob +canary +1 +0 `, callers)
		require.Regexp(t, `\(none\) +- +1 +0 .* 1 `, callers)
	})
	step(t, "a key is rotated without interruption", func(t *testing.T) {
		stdout, stderr := us.run(t, readme(t, "go run . key add prod alice"), "")
		newer := strings.TrimSpace(stdout)
		for _, k := range []string{key, newer} {
			require.Equal(t, answer{200, "stable for alice"}, chat(t, live, k))
		}
		older := regexp.MustCompile(`key remove prod alice --id (\w+)`).FindStringSubmatch(stderr)
		require.NotNil(t, older, stderr)
		require.Contains(t, run(t, readme(t, "go run . key list prod")), older[1])
		run(t, "go run . "+readme(t, "key remove prod alice --id ID", "ID", older[1]))
		require.Equal(t, 401, chat(t, live, key).status)
		require.Equal(t, answer{200, "stable for alice"}, chat(t, live, newer))
		key = newer
	})
	step(t, "paused, the edge refuses calls with the message, until it is resumed", func(t *testing.T) {
		run(t, readme(t, "go run . pause prod"))
		paused := chat(t, live, key)
		require.Equal(t, 503, paused.status)
		require.Contains(t, paused.said, "Back at 10:00 UTC.")
		run(t, readme(t, "go run . resume prod"))
		require.Equal(t, answer{200, "stable for alice"}, chat(t, live, key))
	})

	step(t, "its buckets may go with all that is in them, once that is deployed", func(t *testing.T) {
		aws.PutObject(t, prod.output(t, "models_bucket"), "models/llama.gguf", "weights")
		require.ErrorContains(t, prod.Destroy(t.Context(), withoutRefresh), "Instance cannot be destroyed")
		for _, field := range []string{"models.forceDestroy", "logging.forceDestroy"} {
			section, name, _ := strings.Cut(readme(t, field), ".")
			part, _ := us.prod()[section].(object)
			us.prod()[section] = object{name: true}
			maps.Copy(us.prod()[section].(object), part)
		}
		us.save(t)
		run(t, readme(t, "go run .  "))
		prod.deploy(t, us.stack(t, "ml-api-prod"))
	})
	step(t, "destroyed, it leaves its empty state", func(t *testing.T) {
		readme(t, "cdktf destroy ml-api-dev")
		prod.destroy(t, withoutRefresh)
		require.Empty(t, aws.Resources())
		require.Empty(t, aws.Pairs(store))
		require.Empty(t, prod.state(t).addresses())
		require.Equal(t, []string{us.bucket()}, aws.Buckets(t))
	})
	step(t, "the bucket of the states goes last", func(t *testing.T) {
		require.ErrorContains(t, state.Destroy(t.Context(), withoutRefresh), "Instance cannot be destroyed")
		us.run(t, readme(t, "echo '{\"resource\": {\"aws_s3_bucket\"", "> ", "> "+state.dir+"/"), "")
		state.apply(t)
		require.NoError(t, state.Destroy(t.Context(), withoutRefresh), "by an administrator: no policy of ours allows it")
		require.Empty(t, aws.Buckets(t))
	})
}

package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOneMistakeIsOneProblem has what people get wrong first. Each is one line, about what they typed: no other problem that only follows
// from it, and none about a field that nobody wrote.
func TestOneMistakeIsOneProblem(t *testing.T) {
	for _, r := range []struct{ environment, want string }{
		{`{"api": {"ttl": 100000}}`, `api.ttl: unknown field (did you mean defaultTTLSeconds, a field of api.cache?)`},
		{`{"api": {"cache": {"ttl": 100000}}}`, `api.cache.ttl: unknown field (did you mean defaultTTLSeconds?)`},
		{`{"api": {"cache": {"ttl": 5}}}`, `api.cache.ttl: unknown field (did you mean defaultTTLSeconds?)`},
		{`{"api": {"cache": {"ttl": "1h"}}}`, `api.cache.ttl: unknown field (did you mean defaultTTLSeconds?)`},
		{`{"routes": [{"path": "/a", "keepaliveTimeoutSeconds": 100}]}`, `routes[0].keepaliveTimeoutSeconds: unknown field (keepaliveTimeoutSeconds is a field of api, not of routes[])`},
		{`{"routes": [{"path": "/a", "keepaliveTimeoutSeconds": 1000}]}`, `routes[0].keepaliveTimeoutSeconds: unknown field (keepaliveTimeoutSeconds is a field of api, not of routes[])`},
		{`{"routes": [{"path": "/a", "defaultTTLSeconds": 100}]}`, `routes[0].defaultTTLSeconds: unknown field (defaultTTLSeconds is a field of routes[].cache, not of routes[])`},
		{`{"routes": [{"path": "/a", "ttl": 100}]}`, `routes[0].ttl: unknown field (did you mean defaultTTLSeconds, a field of routes[].cache?)`},
		{`{"routes": [{"pattern": "/a"}]}`, `routes[0].pattern: unknown field (did you mean path?)`},
		{`{"routes": [{"pathPattern": "/a"}]}`, `routes[0].pathPattern: unknown field (did you mean path?)`},
		{`{"routes": [{"url": "/a"}]}`, `routes[0].url: unknown field (did you mean path?)`},
		{`{"routes": ["/a"]}`, `routes[0]: must be an object, got a text`},
		{`{"routes": {"path": "/a"}}`, `routes: must be a list, got an object: write [{…}]`},
		{`{"routes": {"/a": {"cache": {}}}}`, `routes: must be a list, got an object: write [{…}]`},
		{`{"domainName": "a.example.com", "api": null}`, `domainName: unknown field (domainName is a field of api, not of an environment)`},
		{`{"domainName": "a.example.com"}`, `domainName: unknown field (domainName is a field of api, not of an environment)`},
		{`{"api": {"host": "b.example.com"}}`, `api.host: unknown field (did you mean domainName?)`},
		{`{"api": null, "backend": {"domainName": "b.example.com"}}`, `backend: unknown field (did you mean api?)`},
		{`{"api": "b.example.com"}`, `api: must be an object, got a text`},
		{`{"api": {"region": "eu-west-1"}, "region": null}`, `api.region: unknown field (region is a field of an environment, not of api)`},
		{`{"api": {"region": "eu-west-1"}}`, `api.region: unknown field (region is a field of an environment, not of api)`},
		{`{"path": "/x"}`, `path: unknown field (path is a field of api and models, not of an environment)`},
		{`{"enabled": true}`, `enabled: unknown field (enabled is a field of logging, firewall and monitoring, not of an environment)`},
		{`{"firewall": true}`, `firewall: must be an object, got true: write {"enabled": true}`},
		{`{"firewall": {"enabled": "yes"}}`, `firewall.enabled: must be true or false, got "yes": write true`},
		{`{"waf": {"enabled": true}}`, `waf: unknown field (did you mean firewall?)`},
		{`{"waf": true}`, `waf: unknown field (did you mean firewall?)`},
		{`{"firewall": {"enable": true}}`, `firewall.enable: unknown field (did you mean enabled?)`},
		{`{"firewall": {"rateLimit": 100}}`, `firewall.rateLimit: unknown field (did you mean requestsPer5Minutes?)`},
		{`{"firewall": {"enabled": true, "rate": 5}}`, `firewall.rate: unknown field (did you mean requestsPer5Minutes?)`},
		{`{"firewall": {"enabled": true, "limits": [{"path": "/a", "requestsPer5Minutes": "100"}]}}`, `firewall.limits[0].requestsPer5Minutes: must be a whole number from 10 to 2000000000, got "100": write 100`},
		{`{"models": {"signers": "key"}, "routes": [{"path": "/s/*", "signed": true}]}`, `models.signers: must be a list, got a text`},
		{`{"models": {"publicKey": "x"}, "routes": [{"path": "/s/*", "signed": true}]}`, `models.publicKey: unknown field (publicKey is a field of models.signers[], not of models)`},
		{`{"models": {"signers": [{"name": "a"}]}, "routes": [{"path": "/s/*", "signed": true}]}`, `models.signers[0].publicKey: is required`},
		{`{"api": {"failover": "b.example.com"}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`, `api.failover: must be an object, got a text`},
		{`{"api": {"standby": {"domainName": "b.example.com"}}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`, `api.standby: unknown field`},
		{`{"failover": {"domainName": "c.example.com"}, "routes": [{"path": "/a", "methods": "read", "failover": true}]}`, `failover: unknown field (failover is a field of api, not of an environment)`},
		{`{"region": "us-est-1", "api": {"verifySecret": "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf"}}`, `region: must be an AWS region like us-east-1, got "us-est-1" (did you mean us-east-1?)`},
		{`{"keys": {}, "expect": [{"request": "GET /", "caller": "alice", "route": "*"}]}`, `keys: unknown field (keys is a field of api, not of an environment)`},
		{`{"api": {"keys": true}, "expect": [{"request": "GET /", "caller": "alice", "route": "*"}]}`, `api.keys: must be an object, got true: it lists neither callers nor their keys; write {}, deploy, and create keys with the command key add`},
		{`{"api": {"keys": ["sk-1234"]}}`, `api.keys: must be an object, got a list: it lists neither callers nor their keys; write {}, deploy, and create keys with the command key add`},
		{`{"api": {"keys": "sk-1234"}}`, `api.keys: must be an object, got a text: it lists neither callers nor their keys; write {}, deploy, and create keys with the command key add`},
		{`{"api": {"canary": {"domainName": "c.example.com", "percent": 0.1}}}`, `api.canary.percent: must be a whole number from 0 to 100, got 0.1 (10 means 10 %)`},
		{`{"api": {"canary": {"domainName": "c.example.com", "percentage": 10}}}`, `api.canary.percentage: unknown field (did you mean percent?)`},
		{`{"api": {"canary": {"domain": "c.example.com", "percent": 10}}}`, `api.canary.domain: unknown field (did you mean domainName?)`},
		{`{"api": {"canary": "c.example.com"}}`, `api.canary: must be an object, got a text`},
		{`{"canary": {"domainName": "c.example.com", "percent": 10}}`, `canary: unknown field (canary is a field of api, not of an environment)`},
		{`{"domain": "api.example.com"}`, `domain: must be an object, got a text`},
		{`{"domain": {"alias": "api.example.com", "hostedZoneId": "Z1"}}`, `domain.alias: unknown field (did you mean aliases?)`},
		{`{"domain": {"aliases": "api.example.com", "hostedZoneId": "Z1"}}`, `domain.aliases: must be a list, got "api.example.com": write ["api.example.com"]`},
		{`{"domain": {"name": "api.example.com", "hostedZoneId": "Z1"}}`, `domain.name: unknown field (name is a field of the configuration itself, not of domain)`},
		{`{"aliases": ["api.example.com"], "domain": {"hostedZoneId": "Z1"}}`, `aliases: unknown field (aliases is a field of domain, not of an environment)`},
		{`{"domain": {"aliases": ["api.example.com"], "zone": "Z1"}}`, `domain.zone: unknown field (did you mean hostedZoneId?)`},
		{`{"domain": {"aliases": ["api.example.com"], "hostedZone": "example.com"}}`, `domain.hostedZone: unknown field (did you mean hostedZoneId?)`},
		{`{"cors": true}`, `cors: must be an object, got true`},
		{`{"cors": ["https://a.example.com"]}`, `cors: must be an object, got a list`},
		{`{"cors": {"origins": ["https://a.example.com"]}}`, `cors.origins: unknown field (did you mean allowOrigins?)`},
		{`{"cors": {"allowOrigins": "*"}}`, `cors.allowOrigins: must be a list, got "*": write ["*"]`},
		{`{"cors": {"allowedOrigins": ["https://a.example.com"]}}`, `cors.allowedOrigins: unknown field (did you mean allowOrigins?)`},
		{`{"allowOrigins": ["*"]}`, `allowOrigins: unknown field (allowOrigins is a field of cors, not of an environment)`},
		{`{"cors": {}}`, `cors.allowOrigins: is required`},
		{`{"logging": true}`, `logging: must be an object, got true: write {"enabled": true}`},
		{`{"logging": "on"}`, `logging: must be an object, got a text`},
		{`{"logs": {"enabled": true}}`, `logs: unknown field (did you mean logging?)`},
		{`{"monitoring": true}`, `monitoring: must be an object, got true: write {"enabled": true}`},
		{`{"monitoring": {"enabled": true, "email": "a@example.com"}}`, `monitoring.email: unknown field (did you mean emails?)`},
		{`{"expect": {"request": "GET /"}}`, `expect: must be a list, got an object: write [{…}]`},
		{`{"expect": [{"path": "/", "status": 200}]}`, `expect[0].path: unknown field (missing here: request)`},
		{`{"expect": [{"request": "GET /", "status": "403"}]}`, `expect[0].status: must be a whole number from 0 to 599, got "403": write 403`},
		{`{"expect": [{"request": "GET /", "cache": true}]}`, `expect[0].cache: unknown field (did you mean cached?)`},
		{`{"region": ["us-east-1"]}`, `region: must be a text, got a list`},
		{`{"account": "111122223333"}`, `account: must be an object, got a text`},
		{`{"account": {"id": 111122223333}}`, `account.id: must be a text, got 111122223333: write "111122223333"`},
		{`{"accountId": "111122223333"}`, `accountId: unknown field (did you mean account?)`},
		{`{"tags": ["a"]}`, `tags: must be an object, got a list`},
		{`{"tags": {"a": 5}}`, `tags.a: must be a text, got 5: write "5"`},
		{`{"api": {"port": 8443}}`, `api.port: unknown field (did you mean httpsPort?)`},
		{`{"api": {"httpsPort": "8443"}}`, `api.httpsPort: must be a whole number, got "8443": write 8443`},
		{`{"api": {"readTimeoutSeconds": "60s"}}`, `api.readTimeoutSeconds: must be seconds as a number, got "60s": write 60`},
		{`{"api": {"timeoutSeconds": 60}}`, `api.timeoutSeconds: unknown field (did you mean readTimeoutSeconds?)`},
		{`{"api": {"readTimeout": "1m"}}`, `api.readTimeout: unknown field (did you mean readTimeoutSeconds?)`},
		{`{"readTimeoutSeconds": 60}`, `readTimeoutSeconds: unknown field (readTimeoutSeconds is a field of api, not of an environment)`},
		{`{"api": {"headers": ["X-A: b"]}}`, `api.headers: must be an object, got a list`},
		{`{"headers": {"X-A": "b"}}`, `headers: unknown field (headers is a field of api, not of an environment)`},
		{`{"api": {"cache": true}}`, `api.cache: must be an object, got true: write {}`},
		{`{"api": {"cache": false}}`, `api.cache: must be an object, got false: leave it out`},
		{`{"cache": {}}`, `cache: unknown field (cache is a field of api, not of an environment)`},
		{`{"api": {"cache": 3600}}`, `api.cache: must be an object, got 3600`},
		{`{"api": {"caching": {}}}`, `api.caching: unknown field (did you mean cache?)`},
		{`{"api": {"cache": {"keyHeaders": "Accept"}}}`, `api.cache.keyHeaders: must be a list, got "Accept": write ["Accept"]`},
		{`{"api": {"keyHeaders": ["Accept"]}}`, `api.keyHeaders: unknown field (keyHeaders is a field of api.cache, not of api)`},
		{`{"api": {"cache": {"minTTLSeconds": 100000, "maxTTLSeconds": "200000", "defaultTTLSeconds": 150000}}}`, `api.cache.maxTTLSeconds: must be a whole number from 0 to 3153600000, got "200000": write 200000`},
		{`{"models": {"replicaRegion": "us-est-2"}}`, `models.replicaRegion: must be an AWS region like us-east-1, got "us-est-2" (did you mean us-east-2?)`},
		{`{"bucket": "a-bucket"}`, `bucket: unknown field (bucket is a field of models, not of an environment)`},
		{`{"models": {"bucketName": "a-bucket"}}`, `models.bucketName: unknown field (did you mean bucket?)`},
		{`{"models": "a-bucket"}`, `models: must be an object, got a text`},
		{`{"model": {"bucket": "a-bucket"}}`, `model: unknown field (did you mean models?)`},
		{`{"priceClass": "PriceClass_100"}`, `priceClass: unknown field (priceClass is a field of distribution, not of an environment)`},
		{`{"distribution": {"geoRestriction": ["DE"]}}`, `distribution.geoRestriction: must be an object, got a list`},
		{`{"distribution": {"geoRestriction": {"allow": ["DE"]}}}`, `distribution.geoRestriction.allow: unknown field`},
		{`{"api": {"domainName": ["a.example.com"]}}`, `api.domainName: must be a text, got a list`},
		{`{"api": {}, "region": 5}`, `region: must be a text, got 5`},
		{`{"quotas": {"originReadTimeoutSeconds": "300"}, "api": {"readTimeoutSeconds": 300}}`, `quotas.originReadTimeoutSeconds: must be a whole number, got "300": write 300`},
		{`{"api": {"vpcOrigin": "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/1", "domainName": null}}`, `api.vpcOrigin: must be an object, got a text`},
		{`{"api": {"verifySecret": {"name": "x"}}}`, `api.verifySecret: must be a text, got an object`},
		{`{"api": {"shieldRegion": true}}`, `api.shieldRegion: must be a text, got true`},
		{`{"routes": [{"path": "/a", "methods": ["GET"]}]}`, `routes[0].methods: must be a text, got a list`},
		{`{"routes": [{"path": "/a", "methods": "red", "failover": true}], "api": {"failover": {"domainName": "d.example.com"}}}`, `routes[0].methods: must be one of all, read, got "red"`},
		{`{"routes": [{"path": "/a", "grpc": "true", "cache": {}}]}`, `routes[0].grpc: must be true or false, got "true": write true`},
		{`{"routes": [{}]}`, `routes[0].path: is required`},
		{`{"routes": [{"foo": 1}]}`, `routes[0].foo: unknown field (missing here: path)`},
		{`{"distribution": {"httpVersion": "http1"}, "routes": [{"path": "/a", "grpc": true}]}`, `distribution.httpVersion: must be one of http1.1, http2, http3, http2and3, got "http1"`},
	} {
		t.Run(r.environment, func(t *testing.T) {
			got := problems(t, row{patch: `{"environments": {"dev": ` + r.environment + `}}`}.file(t))
			require.Len(t, got, 1, "%v", got)
			require.Equal(t, "environments.dev."+r.want, got[0].String())
		})
	}
}

func TestOneMistakeOutsideOfEnvironments(t *testing.T) {
	for _, r := range []struct{ configuration, want string }{
		{`{"environments": {"region": "us-east-1", "api": {"domainName": "a.example.com"}, "dev": null}}`, `environments.api: must be the name of an environment, which has the fields: {"NAME": {"api": …}}`},
		{`{"environments": [{"name": "dev"}]}`, `environments: must be an object, got a list`},
		{`{"region": "us-east-1"}`, `region: unknown field (region is a field of state, not of the configuration itself)`},
		{`{"api": {"domainName": "a.example.com"}}`, `api: unknown field (api is a field of an environment, not of the configuration itself)`},
		{`{"env": {}, "environments": null}`, `env: unknown field (missing here: environments)`},
		{`{"environment": {"dev": {"region": "us-east-1", "api": {"domainName": "x.example.com"}}}, "environments": null}`, `environment: unknown field (did you mean environments?)`},
		{`{"state": "bucket"}`, `state: must be an object, got a text`},
		{`{"bucket": "a-bucket", "state": {"bucket": null}}`, `bucket: unknown field (bucket is a field of state, not of the configuration itself)`},
		{`{"state": {"bucketName": "a-bucket", "bucket": null}}`, `state.bucketName: unknown field (did you mean bucket?)`},
		{`{"state": {"buckt": "a-bucket", "bucket": null}}`, `state.buckt: unknown field (did you mean bucket?)`},
		{`{"state": {"location": "x", "region": null}}`, `state.location: unknown field (missing here: region)`},
		{`{"environments": {"dev": "x"}}`, `environments.dev: must be an object, got a text`},
		{`{"dev": {"region": "us-east-1", "api": {"domainName": "x.example.com"}}}`, `dev: unknown field (an environment belongs in environments)`},
	} {
		t.Run(r.configuration, func(t *testing.T) {
			got := problems(t, row{patch: r.configuration}.file(t))
			require.Len(t, got, 1, "%v", got)
			require.Equal(t, r.want, got[0].String())
		})
	}
}

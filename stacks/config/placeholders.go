package config

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/config/declare"
)

// shippedBucket is that of the shipped cdktf.json.
const shippedBucket = "ml-api-terraform-state"

// exampleAccounts are the account ids of AWS's documentation.
var exampleAccounts = []string{"111122223333", "123456789012", "444455556666", "555566667777", "777788889999"}

func exampleAccount(id string) bool {
	return slices.Contains(exampleAccounts, id) || id != "" && strings.Trim(id, id[:1]) == ""
}

// exampleResource ends with the id of a key or a certificate in AWS's documentation.
var exampleResource = regexp.MustCompile(`[/:](1234abcd-12ab-34cd-56ef-1234567890ab|12345678-1234-1234-1234-123456789012|` +
	`mrk-1234abcd12ab34cd56ef1234567890ab)$`)

// exampleDomain reports whether a name is at or below one that is nobody's (RFC 2606, Reserved Example Second Level
// Domain Names), that of the shipped cdktf.json, or one in which somebody's own is still to be filled in, such as
// api.yourdomain.com.
func exampleDomain(name string) bool {
	name = strings.ToLower(name)
	return name == placeholderDomain || strings.HasPrefix(name, exampleAPI) ||
		slices.ContainsFunc([]string{"example.com", "example.net", "example.org"}, func(domain string) bool {
			return name == domain || strings.HasSuffix(name, "."+domain)
		}) || slices.ContainsFunc(strings.Split(name, "."), toFillIn.MatchString)
}

// exampleRanges are nobody's addresses (RFC 5737, IPv4 Address Blocks Reserved for Documentation; RFC 3849 for IPv6).
var exampleRanges = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"),
}

func exampleRange(text string) bool {
	p, err := netip.ParsePrefix(text)
	return err == nil && slices.ContainsFunc(exampleRanges, func(e netip.Prefix) bool { return isWithin(p, e) })
}

// exampleAPI begins the name of the API that stands in the examples here.
const exampleAPI = "a1b2c3d4e5.execute-api."

// Words that stand for a name of the user's own.
const (
	owners = `(domain|company|org|organi[sz]ation|corp|website)`
	states = `(bucket|terraform|tf|tfstate|state|models?)`
)

// toFillIn is the whole label of a domain, or segment of a path, that is still to be filled in.
var toFillIn = regexp.MustCompile(`^((your|my)-?(own-?)?(api-?)?` + owners + `(-?name)?(-?here)?|your-.+|` +
	`your(api|app|backend|brand|endpoint|host|hostname|project|server|site|team)|` +
	`change-?me|replace-?me|placeholder|x{3,}|foobar)$`)

// exampleBucket is the name of a bucket that is still to be filled in, or that somebody has since long.
var exampleBucket = regexp.MustCompile(
	`^((your|my|some)-?((own|unique)-?)?(` + owners + `|project|app|` + states + `)(-?(` + states + `|name))*|` +
		`your-.+|.*-your-.*|((terraform|tf)-?state|tfstate)(-?bucket)?|bucket-?name|(change|replace)-?me|` +
		`.*(example|changeme|xxx).*)$`)

// exampleZone reports whether the id of a hosted zone is made up. Z1D633PJN98FT9 is that of AWS's documentation.
func exampleZone(id string) bool {
	return id == "Z1D633PJN98FT9" || madeUp(id, "12345", "ABCDE", "EXAMPLE", "YOUR", "ZONEID")
}

// exampleSecurityGroup reports whether the id of a security group is made up.
func exampleSecurityGroup(id string) bool { return madeUp(id, "12345", "abcde") }

// exampleFunction reports whether the ARN of a function is in an account of AWS's documentation.
func exampleFunction(text string) bool {
	got, err := arn.Parse(text)
	return err == nil && exampleAccount(got.AccountID)
}

// madeUp reports whether an id has one of some parts or a sign five times in a row: AWS's own have neither words nor
// digits in their order.
func madeUp(id string, parts ...string) bool {
	for i := 0; i+5 <= len(id); i++ {
		if strings.Trim(id[i:i+5], id[i:i+1]) == "" {
			return true
		}
	}
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(id, part) })
}

// checkPlaceholders warns of what only stands for a value of the user's own.
func (c Config) checkPlaceholders(r *declare.Report) {
	warn := func(at declare.Path, value, instead string) {
		if slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.At.Equal(at) && p.Class == Hard }) {
			return // it has to change in any case
		}
		r.Warn(rulePlaceholderDomain, at, "is a placeholder, %q: replace it with %s", value, instead)
	}
	buckets := func(at declare.Path, name string) {
		if name == shippedBucket || exampleBucket.MatchString(name) {
			warn(at, name, "a name of your own, since bucket names are unique across all of AWS")
		}
	}
	groups := func(at declare.Path, id string) {
		if exampleSecurityGroup(id) {
			warn(at, id, "the id of a security group of your own")
		}
	}
	buckets(declare.Path{"state", "bucket"}, c.State.Bucket)
	for _, name := range c.EnvironmentNames() {
		e, at := c.Environments[name], declare.Path{environments}.Field(name)
		of := func(at declare.Path, domain, written, instead string) {
			if exampleDomain(domain) {
				warn(at, written, instead)
			}
		}
		domains := func(at declare.Path, name, instead string) { of(at, name, name, instead) }
		if e.API.Canary != nil {
			domains(at.Field("api").Field("canary").Field("domainName"), e.API.Canary.DomainName, "the name of your new version")
		}
		for _, name := range e.BackendNames() {
			const yours = "the name of your backend, or every call will be answered 502"
			backend, of := e.Backend(name)
			of = at.Join(of)
			domains(of.Field("domainName"), backend.DomainName, yours)
			if slices.ContainsFunc(strings.Split(backend.Path, "/"), toFillIn.MatchString) {
				warn(of.Field("path"), backend.Path, "the path of your backend")
			}
			domains(of.Field("failover").Field("domainName"), backend.Failover.DomainName, "the name of your second backend")
			domains(of.Field("vpcOrigin").Field("domainName"), backend.VPCOrigin.DomainName,
				"the name on your backend's certificate")
			domains(of.Field("originAlias"), backend.OriginAlias, "a name of your own domain")
			domains(of.Field("loadBalancer").Field("domainName"), backend.loadBalancerName(), "a name of your own domain")
			groups(of.Field("vpcOrigin").Field("securityGroupId"), backend.VPCOrigin.SecurityGroupID)
			if backend.LoadBalancer != nil {
				groups(of.Field("loadBalancer").Field("securityGroupId"), backend.LoadBalancer.SecurityGroupID)
			}
			for i, region := range backend.Regions {
				domains(of.Field("regions").Index(i).Field("domainName"), region.DomainName, yours)
			}
		}
		for i, alias := range e.Domain.Aliases {
			of(at.Field("domain").Field("aliases").Index(i), strings.TrimPrefix(alias, "*."), alias, "a name of your own domain")
		}
		if e.CORS != nil {
			for i, origin := range e.CORS.AllowOrigins {
				of(at.Field("cors").Field("allowOrigins").Index(i), originHost(origin), origin, "the origin of your pages")
			}
		}
		for i, email := range e.Monitoring.Emails {
			_, domain, _ := strings.Cut(email, "@")
			of(at.Field("monitoring").Field("emails").Index(i), domain, email, "an address where somebody reads alarms")
		}
		if s := e.Monitoring.Slack; s != nil {
			for field, id := range map[string]string{"workspaceId": s.WorkspaceID, "channelId": s.ChannelID} {
				if madeUp(id, "12345", "ABCDE", "EXAMPLE") {
					warn(at.Field("monitoring").Field("slack").Field(field), id, "the one that Slack shows")
				}
			}
		}
		for _, b := range e.NamedBuckets() {
			_, of := e.Bucket(b.Name)
			buckets(at.Join(of).Field("bucket"), b.BucketName)
		}
		zones := func(at declare.Path, id string) {
			if exampleZone(id) {
				warn(at, id, "the id of your domain's hosted zone, which aws route53 list-hosted-zones-by-name prints")
			}
		}
		zones(at.Field("domain").Field("hostedZoneId"), e.Domain.HostedZoneID)
		for domain, id := range e.Domain.HostedZones {
			zones(at.Field("domain").Field("hostedZones").Field(domain), id)
		}
		ranges := func(at declare.Path, list []string) {
			for i, text := range list {
				if exampleRange(text) {
					warn(at.Index(i), text, "a range of your own addresses")
				}
			}
		}
		ranges(at.Field("firewall").Field("allowedIPs"), e.Firewall.AllowedIPs)
		for _, b := range e.Behaviors() {
			ranges(at.Join(b.at).Field("allowedIPs"), b.AllowedIPs)
		}
		if exampleAccount(e.Account.ID) {
			warn(at.Field("account").Field("id"), e.Account.ID, "the id of your account")
		}
	}
}

// IsPlaceholder reports whether a problem is a placeholder that is left.
func IsPlaceholder(p Problem) bool { return p.Rule == rulePlaceholderDomain.ID }

// originHost is the host of one of CloudFront's patterns of origins.
func originHost(origin string) string {
	if _, rest, found := strings.Cut(origin, "://"); found {
		origin = rest
	}
	host, _, _ := strings.Cut(origin, ":")
	return strings.TrimPrefix(host, "*.")
}

// shippedKey is the SHA-256 of the public key, as its SubjectPublicKeyInfo, that the shipped cdktf.json once had:
// whoever has its private half signs what it verifies.
const shippedKey = "5abeb12634c713adba98f10314f405a5a51e3e8ba235c5f59757ebc2948ae873"

func isShippedKey(der []byte) bool {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]) == shippedKey
}

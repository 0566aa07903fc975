package cli

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/cloudfront/sign"
	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/edge/signed"
	"ml-api-accelerator/stacks/internal/shared/names"
)

func newSign() *cobra.Command {
	var s signing
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sign ENVIRONMENT URL --key FILE --expires TIME",
		Short: "Make a signed URL, or signed cookies, for a private model",
		Long: `Prints a URL that works until a time, signed with the private key of one of models.signers; nothing else
goes to stdout. The URL may be only a path; the host is then the first alias. It must be as callers will
send it, with its query.

With --cookies it prints cookies for the URL instead, as curl -b takes them. Only with them may a * in the
URL stand for anything, such as https://api.example.com/models/*. With --valid-from, --ip or a * it signs a
custom policy, otherwise a canned one, which is shorter.

CloudFront wants the id that it gave to the public key: --key-pair-id. serve takes any, so without the flag it
is the signer's name.`,
		Example: `  go run . sign prod https://api.example.com/models/llama.gguf --key 2026-01.pem --expires 1h --key-pair-id K2JCJMDEHXQW5F
  go run . sign prod http://localhost:8080/models/llama.gguf --key 2026-01.pem --expires 1h
  go run . sign prod 'https://api.example.com/models/*' --key 2026-01.pem --expires 7d --cookies`,
		Args:              takes(2, 2, "an environment and a URL", "sign prod /models/llama.gguf --key 2026-01.pem --expires 1h"),
		ValidArgsFunction: completeEnvironments(),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			result, err := e.sign(args[1], s)
			switch {
			case err != nil:
				return err
			case asJSON:
				return printJSON(cmd, result)
			}
			return printText(cmd, result.text()+"\n")
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.key, "key", "", "`FILE` with the private key, in PEM")
	f.StringVar(&s.expires, "expires", "", "`TIME` at which it expires, "+aheadForm+"; a day lasts until its end")
	f.StringVar(&s.from, "valid-from", "", "`TIME` from which on it works, "+aheadForm+" (default now)")
	formerName(cmd, "from", "valid-from")
	f.StringVar(&s.ip, "ip", "",
		"`CIDR` of the IPv4 addresses that may use it, such as 192.0.2.0/24, or one address (default all)")
	f.StringVar(&s.keyPairID, "key-pair-id", "", "`ID` that CloudFront gave to the public key, such as K2JCJMDEHXQW5F")
	f.BoolVar(&s.cookies, "cookies", false, "print cookies instead of a URL")
	f.BoolVar(&asJSON, "json", false,
		"print {url, cookies, keyPairId, signer, expires}; cookies is a list of {name, value}, or url is null")
	_ = cmd.MarkFlagFilename("key", "pem") // an error is a flag that doesn't exist
	completeNothing(cmd, "expires", "valid-from", "ip", "key-pair-id")
	addFresh(cmd)
	return cmd
}

// signing is what a person says about a signature.
type signing struct {
	key, expires, from, ip, keyPairID string
	cookies                           bool
}

// signedURL is what came of it, as JSON.
type signedURL struct {
	URL       *string   `json:"url"`
	Cookies   []cookie  `json:"cookies"`
	KeyPairID string    `json:"keyPairId"`
	Signer    string    `json:"signer"`
	Expires   time.Time `json:"expires"`
}

type cookie struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// text is the URL, or the cookies as a Cookie header has them.
func (s signedURL) text() string {
	if s.URL != nil {
		return *s.URL
	}
	var list []string
	for _, c := range s.Cookies {
		list = append(list, c.Name+"="+c.Value)
	}
	return strings.Join(list, "; ")
}

func (e environment) sign(typed string, s signing) (signedURL, error) {
	if s.key == "" || s.expires == "" {
		return signedURL{}, usageErrorf("sign needs --key and --expires: sign %s %s --key 2026-01.pem --expires 1h",
			e.name, quoted(typed))
	}
	resource, err := e.resource(typed, s.cookies)
	if err != nil {
		return signedURL{}, err
	}
	policy, custom, err := s.policy(resource, time.Now())
	if err != nil {
		return signedURL{}, err
	}
	key, err := privateKey(s.key)
	if err != nil {
		return signedURL{}, err
	}
	signers, err := e.signers(key.Public())
	if err != nil {
		return signedURL{}, err
	}
	signer, err := e.signerFor(resource, signers)
	if err != nil {
		return signedURL{}, err
	}
	if c := policy.Statements[0].Condition.IPAddress; c != nil && !toLocal(resource) {
		e.warnOfPrivateRange(c.SourceIP)
	}
	if s.ip != "" && e.Distribution.IPv6 { // CloudFront API Reference, DistributionConfig, IsIPV6Enabled
		warn(e.cmd, "callers who come by IPv6 are refused, whatever their address is: set environments.%s.distribution.ipv6 to false",
			e.name)
	}
	expires := policy.Statements[0].Condition.DateLessThan.UTC()
	result := signedURL{KeyPairID: s.keyPairID, Signer: signer.Name, Expires: expires, Cookies: []cookie{}}
	if result.KeyPairID == "" {
		result.KeyPairID = signer.Name
		fmt.Fprintf(e.cmd.ErrOrStderr(), "warning: CloudFront refuses the key pair id %s, which only serve takes; its own, for --key-pair-id, is the id in\n"+
			"  terraform -chdir=cdktf.out/stacks/%s state show aws_cloudfront_public_key.%s\n",
			signer.Name, e.stack, names.Signer(signer.bucket, signer.Name))
	}
	return result, result.sign(resource, policy, custom, key, s.cookies)
}

// sign adds the URL, or the cookies (CloudFront Developer Guide, Set signed cookies using a canned policy, and a
// custom one).
func (s *signedURL) sign(resource string, policy *sign.Policy, custom bool, key crypto.Signer, cookies bool) error {
	signature, encoded, err := policy.Sign(key)
	if err != nil {
		return err
	}
	conditions := cookie{"CloudFront-Expires", fmt.Sprint(s.Expires.Unix())}
	if custom {
		conditions = cookie{sign.CookiePolicyName, string(encoded)}
	}
	list := []cookie{conditions, {sign.CookieSignatureName, string(signature)}, {sign.CookieKeyIDName, s.KeyPairID}}
	if cookies {
		s.Cookies = list
		return nil
	}
	mark := "?"
	if strings.Contains(resource, "?") {
		mark = "&"
	}
	u := resource
	for _, c := range list {
		u += mark + strings.TrimPrefix(c.Name, signed.CookiePrefix) + "=" + c.Value
		mark = "&"
	}
	s.URL = &u
	return nil
}

// unsafe are characters that clients send percent-encoded, so a signature for them would never match.
var unsafe = regexp.MustCompile("[^!-~]|[\"<>\\\\^`{|}#]")

// resource returns the URL that is signed.
func (e environment) resource(typed string, cookies bool) (string, error) {
	whole := typed
	if strings.HasPrefix(typed, "/") {
		aliases := e.Domain.Aliases
		if len(aliases) == 0 || strings.Contains(aliases[0], "*") {
			return "", usageErrorf("URL %q: must have a scheme and a host, since %s has no alias that names one: https://d111111abcdef8.cloudfront.net%s",
				typed, e.name, typed)
		}
		whole = "https://" + aliases[0] + typed
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil:
		var parsing *url.Error
		if errors.As(err, &parsing) {
			err = parsing.Err
		}
		return "", usageErrorf("URL %q: %w", typed, err)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil:
		return "", usageErrorf("URL %q: must be a path, or like https://api.example.com/models/llama.gguf", typed)
	case unsafe.MatchString(whole):
		return "", usageErrorf("URL %q: must be as callers send it: spaces and the like percent-encoded, and nothing after #",
			typed)
	case strings.Contains(whole, "*") && !cookies:
		return "", usageErrorf("URL %q: a * stands for many URLs: sign cookies for them with --cookies, or each URL", typed)
	}
	if u.Path == "" {
		u.Path = "/" // as clients send it
		whole = u.String()
	}
	if _, signature := signed.Split(u.RawQuery); len(signature) > 0 {
		return "", usageErrorf("URL %q: must not have Expires, Policy, Signature, Key-Pair-Id or Hash-Algorithm, which signing adds",
			typed)
	}
	return whole, nil
}

// policy returns what is signed, and whether it takes a custom policy (CloudFront Developer Guide, Decide to use
// canned or custom policies for signed URLs).
func (s signing) policy(resource string, now time.Time) (policy *sign.Policy, custom bool, err error) {
	if s.keyPairID != "" && !keyPairID.MatchString(s.keyPairID) {
		return nil, false, usageErrorf("--key-pair-id: must be like K2JCJMDEHXQW5F, got %q", s.keyPairID)
	}
	expires, err := expiry("expires", s.expires, now)
	if err != nil {
		return nil, false, err
	}
	policy = sign.NewCannedPolicy(resource, expires)
	condition := &policy.Statements[0].Condition
	if s.from != "" {
		from, err := timeAhead("valid-from", s.from, now)
		if err != nil {
			return nil, false, err
		}
		if !from.Before(expires) {
			return nil, false, usageErrorf("--valid-from: must be before --expires, %s, got %q",
				expires.UTC().Format(time.RFC3339), s.from)
		}
		condition.DateGreaterThan = sign.NewAWSEpochTime(from)
	}
	if s.ip != "" {
		prefix, err := ipv4Prefix(s.ip)
		if err != nil {
			return nil, false, err
		}
		condition.IPAddress = &sign.IPAddress{SourceIP: prefix.String()}
	}
	return policy, s.from != "" || s.ip != "" || strings.Contains(resource, "*"), nil
}

var keyPairID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// ipv4Prefix reads addresses, which must be IPv4 (CloudFront Developer Guide, Create a signed URL using a custom
// policy).
func ipv4Prefix(typed string) (netip.Prefix, error) {
	text := typed
	if !strings.Contains(text, "/") {
		text += "/32"
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || !prefix.Addr().Is4() {
		return prefix, usageErrorf("--ip: must be IPv4 addresses such as 192.0.2.0/24 or 192.0.2.1, got %q", typed)
	}
	return prefix.Masked(), nil
}

// privateKey reads a key of RSA or ECDSA, in the formats that openssl writes.
func privateKey(file string) (crypto.Signer, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--key: %w", err)
	}
	for rest := text; ; { // openssl ecparam writes parameters before the key
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, fmt.Errorf("--key %s: has no private key in PEM; make one as stacks/docs/recipes.md says, Signed models", file)
		}
		var key any
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, fmt.Errorf("--key %s: is encrypted; decrypt it: openssl pkey -in %s -out plain.pem", file, quoted(file))
		case "OPENSSH PRIVATE KEY":
			return nil, fmt.Errorf("--key %s: is in the format of OpenSSH; ssh-keygen -p -m PEM -f %s rewrites the file in PEM, "+
				"if it is RSA or ECDSA (CloudFront takes no Ed25519)", file, quoted(file))
		case "PUBLIC KEY":
			return nil, fmt.Errorf("--key %s: is the public key; name the file with the private one", file)
		default:
			continue
		}
		if signer, ok := key.(crypto.Signer); err == nil && ok {
			return signer, nil
		}
		if block.Headers["DEK-Info"] != "" {
			return nil, fmt.Errorf("--key %s: is encrypted; decrypt it: openssl pkey -in %s -out plain.pem", file, quoted(file))
		}
		return nil, fmt.Errorf("--key %s: can't be read; it must be a private key of RSA or ECDSA", file)
	}
}

// bucketSigner is a signer with the name of the bucket that has it.
type bucketSigner struct {
	config.Signer
	bucket string
}

// is reports whether it has a public key.
func (s bucketSigner) is(key crypto.PublicKey) bool {
	block, _ := pem.Decode([]byte(s.PublicKey))
	if block == nil {
		return false
	}
	configured, err := x509.ParsePKIXPublicKey(block.Bytes)
	k, ok := configured.(interface{ Equal(crypto.PublicKey) bool })
	return err == nil && ok && k.Equal(key)
}

// allSigners are those of all buckets.
func (e environment) allSigners() (all []bucketSigner) {
	for _, b := range e.NamedBuckets() {
		for _, s := range b.Signers {
			all = append(all, bucketSigner{s, b.Name})
		}
	}
	return all
}

// signers returns those whose public key it is, of which there is one.
func (e environment) signers(key crypto.PublicKey) ([]bucketSigner, error) {
	all := e.allSigners()
	if len(all) == 0 {
		return nil, e.wrong(errors.New("models.signers: isn't there, so no URL needs a signature; stacks/docs/recipes.md, Signed models, says how to add one"))
	}
	var having []bucketSigner
	var others []string
	for _, s := range all {
		if s.is(key) {
			having = append(having, s)
		}
		others = append(others, s.Name)
	}
	if len(having) == 0 {
		return nil, fmt.Errorf("--key: belongs to none of the signers of environments.%s, %s; its public half must be there, and deployed",
			e.name, strings.Join(others, ", "))
	}
	return having, nil
}

// signerFor returns, of the signers with the key, the one of the URL's route. It warns where a signature is in vain:
// where CloudFront doesn't take it, or everyone gets the answer.
func (e environment) signerFor(resource string, signers []bucketSigner) (bucketSigner, error) {
	u, err := url.Parse(resource)
	if err != nil {
		return signers[0], err
	}
	d, err := e.distribution()
	if err != nil {
		return signers[0], err
	}
	route := d.Route(d.Object(u.EscapedPath()))
	switch {
	case toLocal(resource) || strings.Contains(u.Host, "*"):
	case !d.Answers(u.Host):
		hosts := append(slices.Clone(d.Aliases), "the output cloudfront_distribution_domain")
		warn(e.cmd, "CloudFront refuses the URL: %s is no host of %s; take %s", u.Host, e.name, strings.Join(hosts, " or "))
	case u.Scheme == "http" && route.ViewerProtocol != "allow-all":
		warn(e.cmd, "callers are sent from http to https, where this signature is wrong: sign https%s",
			strings.TrimPrefix(resource, "http"))
	}
	trusted := e.trusted(route.Keys)
	ofRoute := slices.IndexFunc(signers, func(s bucketSigner) bool { return slices.Contains(trusted, s.bucket) })
	switch {
	case ofRoute >= 0:
		return signers[ofRoute], nil
	case slices.ContainsFunc(route.Keys, signers[0].is): // in a group that an override made
	case len(route.Keys) > 0:
		warn(e.cmd, "the signature is refused: %s is on the route %s, which takes only the signers of %s, and the key is that of "+
			"%s of %s", u.EscapedPath(), route.Path, cmp.Or(declare.Listed(trusted, "and"), "another group"), signers[0].Name, signers[0].bucket)
	case route.Function != nil && route.Function.ChecksKeys():
		warn(e.cmd, "%s is on the route %s, which needs an API key and no signature", u.EscapedPath(), route.Path)
	default:
		warn(e.cmd, "%s is on the route %s, which needs no signature: everyone gets it", u.EscapedPath(), route.Path)
	}
	return signers[0], nil
}

// trusted are the buckets whose signers have the public keys of a route.
func (e environment) trusted(keys []crypto.PublicKey) (buckets []string) {
	for _, b := range e.NamedBuckets() {
		all := len(b.Signers) > 0 && len(b.Signers) == len(keys)
		for _, s := range b.Signers {
			all = all && slices.ContainsFunc(keys, bucketSigner{s, b.Name}.is)
		}
		if all {
			buckets = append(buckets, b.Name)
		}
	}
	return buckets
}

// warnOfPrivateRange says that nobody calls CloudFront from a range of addresses.
func (e environment) warnOfPrivateRange(text string) {
	if p, err := netip.ParsePrefix(text); err == nil && config.IsPrivateRange(p) {
		warn(e.cmd, "--ip %s: is private, and CloudFront sees public addresses only, such as that of your VPN or proxy", text)
	}
}

// toLocal reports whether a URL is one of this machine, or of a private network.
func toLocal(resource string) bool {
	u, err := url.Parse(resource)
	return err == nil && isLocal(u.Hostname())
}

// isLocal reports whether a host is this machine, or one of a private network, where only serve can be.
func isLocal(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (address.IsLoopback() || address.IsPrivate())
}

var needsQuotes = regexp.MustCompile(`[^\w./:=,@%+-]`)

// quoted is a word for a shell.
func quoted(word string) string {
	if word != "" && !needsQuotes.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

package edge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signature is how a request's signature is judged.
type Signature string

// The judgements; SignatureNone where no signature is needed.
const (
	SignatureNone    Signature = "none"
	SignatureMissing Signature = "missing"
	SignatureValid   Signature = "valid"
	SignatureInvalid Signature = "invalid"
	SignatureExpired Signature = "expired"
)

const cookiePrefix = "CloudFront-"

// signatureParameters make a URL a signed one, whose cookies don't count any more (CloudFront Developer Guide, Decide to use
// signed URLs or signed cookies). They stay out of the key and of what the origin gets (Cache content based on query string
// parameters).
var signatureParameters = []string{"Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"}

func notOfSignature(parameter string) bool { return !slices.Contains(signatureParameters, parameter) }

// checkSignature judges the signature of a URL or, if it has none, of the cookies.
func (b *Behavior) checkSignature(v viewer) Signature {
	if len(b.Keys) == 0 {
		return SignatureNone
	}
	base, query, _ := strings.Cut(v.url, "?")
	own := filterQuery(query, notOfSignature)
	values := map[string]string{}
	for parameter := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(parameter, "="); slices.Contains(signatureParameters, name) {
			values[name] = value
		}
	}
	if len(values) == 0 {
		for name, value := range v.cookies {
			if parameter := strings.TrimPrefix(name, cookiePrefix); parameter != name && !notOfSignature(parameter) {
				values[parameter] = value
			}
		}
	}
	if len(values) == 0 {
		return SignatureMissing
	}
	return b.judge(v, withQuery(base, own), values)
}

// judge checks who signed, and then what: a canned policy, which is made up again from the URL, or a custom one.
func (b *Behavior) judge(v viewer, url string, values map[string]string) Signature {
	text, err := decodeSafe(values["Policy"])
	if values["Policy"] == "" {
		var expires int64
		expires, err = strconv.ParseInt(values["Expires"], 10, 64)
		text = fmt.Appendf(nil, `{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}`, url, expires)
	}
	signature, signatureErr := decodeSafe(values["Signature"])
	if err != nil || signatureErr != nil || values["Key-Pair-Id"] == "" || !b.signed(text, signature, values["Hash-Algorithm"]) {
		return SignatureInvalid
	}
	policy, err := parseSignedPolicy(text)
	// A canned policy was made from the URL, in which * and ? stand for themselves.
	if err != nil || values["Policy"] != "" && !resourceMatches(policy.Resource, url) || !policy.allows(v.ip) {
		return SignatureInvalid
	}
	return policy.judge(v.time)
}

// decodeSafe decodes base64 with the characters that are safe in a URL (Create a signed URL using a canned policy).
func decodeSafe(text string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(text))
}

// signed tells whether one of the keys made a signature, with SHA-1 unless the request says SHA256. The ids of the keys are
// AWS's to choose.
func (b *Behavior) signed(text, signature []byte, algorithm string) bool {
	sum1, sum256 := sha1.Sum(text), sha256.Sum256(text)
	hash, digest := crypto.SHA1, sum1[:]
	switch algorithm {
	case "", "SHA1":
	case "SHA256":
		hash, digest = crypto.SHA256, sum256[:]
	default:
		return false
	}
	return slices.ContainsFunc(b.Keys, func(key crypto.PublicKey) bool {
		switch key := key.(type) {
		case *rsa.PublicKey:
			return rsa.VerifyPKCS1v15(key, hash, digest, signature) == nil
		case *ecdsa.PublicKey:
			return ecdsa.VerifyASN1(key, digest, signature)
		}
		return false
	})
}

// allows tells whether a caller's address is one that the policy names. Addresses of IPv6 are none (Create a signed URL using
// a custom policy).
func (p signedPolicy) allows(ip netip.Addr) bool {
	source := p.Condition.IPAddress.SourceIP
	if source == "" || !ip.IsValid() {
		return true
	}
	if !strings.Contains(source, "/") {
		source += "/32"
	}
	prefix, err := netip.ParsePrefix(source)
	return err == nil && prefix.Contains(ip.Unmap())
}

// judge compares the time with the policy's: a caller is let in after the one and before the other.
func (p signedPolicy) judge(now time.Time) Signature {
	switch from, until := p.Condition.From.Epoch, *p.Condition.Until.Epoch; {
	case now.IsZero():
		return SignatureValid
	case now.Unix() >= until:
		return SignatureExpired
	case from != nil && now.Unix() <= *from:
		return SignatureInvalid
	}
	return SignatureValid
}

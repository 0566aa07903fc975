package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// Signer is a key whose holder signs the URLs or cookies under which models are served.
type Signer struct {
	Name      string
	PublicKey string
}

func (s *Signer) declare(f *fields) {
	f.text("name", &s.Name, "Names the key.").required().matches(ruleR11, signerName, "be 1 to 64 letters, digits, _ and -")
	f.lines("publicKey", &s.PublicKey, "Public key in PEM: RSA of 2048 bits, or ECDSA on P-256.").required()
}

func checkSigners(r *report, at path, signers []Signer, quotas Quotas) {
	r.overQuota(ruleR11, at, len(signers), quotas.KeyGroupKeys, " keys in the key group", "keyGroupKeys")
	names := make([]string, len(signers))
	for i, s := range signers {
		names[i] = s.Name
		key, ok := signingKey(s.PublicKey)
		if ok && isShippedKey(key) {
			r.must(ruleR19, at.index(i).field("publicKey"), "must not be the public key that this project once shipped: whoever has its private half signs your URLs; make a key pair of your own (README, Private models)")
		}
		if !ok {
			r.must(ruleR11, at.index(i).field("publicKey"), "must be a public key in PEM, RSA of 2048 bits or ECDSA on P-256%s", keyHint(s.PublicKey))
		}
	}
	for _, i := range repeated(names, exactly) {
		r.must(ruleR11, at.index(i).field("name"), "must not repeat %q", names[i])
	}
}

// keyHint says what is wrong with a text that is nearly a public key. It shows nothing of it: it may be a secret.
func keyHint(text string) string {
	switch {
	case strings.Contains(text, "PRIVATE KEY"):
		return "; this is a private key, which must stay secret: openssl pkey -pubout prints its public half"
	case strings.Contains(text, "-----BEGIN RSA PUBLIC KEY"):
		return "; this one is PKCS#1: openssl rsa -RSAPublicKey_in -pubout prints it as it must be"
	case strings.HasPrefix(text, "-----BEGIN") && !strings.Contains(text, "\n"):
		return "; its lines must end with \\n"
	}
	return ""
}

// signingKey returns the SubjectPublicKeyInfo of a text that is one public key which CloudFront takes.
func signingKey(text string) (der []byte, ok bool) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(block.Headers) > 0 || strings.TrimSpace(string(rest)) != "" {
		return nil, false
	}
	if !strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----") || strings.Count(text, "-----BEGIN") > 1 {
		return nil, false
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, false
	}
	der, err = x509.MarshalPKIXPublicKey(key)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return der, err == nil && key.N.BitLen() == 2048
	case *ecdsa.PublicKey:
		return der, err == nil && key.Curve == elliptic.P256()
	}
	return nil, false
}

package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
)

// Public keys whose private halves are thrown away.
const (
	keyRSA = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuyL6cRVTsiESVLpPz7EQ
QtVEPmwt3pmXFknH7N2iDXdzBvulvXPUatF89E9w3yEqQM9rQHK6KQoSt+nCiFeV
elydhJlnqc2wlIdb1/etEdrHjvqZI4banTf/DQTTHoPba3g6uqTO2Q5l/jBbu5PH
xbh9HJmrEWmOrWu9H51oS/8Fu3ZEBI8FPEHQi1u6bwdRl55DbSsAS3eqDJUy9XyE
OTbQQPIpRAZWkqvuaWBKnSqTd3WezPA137zd11N6sViLTE9R3/tsDn9YlQNmglqc
Ej+U6bnohHJdawEmIGqfd0vLkeZ2pL2ykZnsIOal0t+YPMX9eVnnGIBQlNkJ+1iv
nwIDAQAB
-----END PUBLIC KEY-----
`
	keyP256 = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbu4LMusbjij9APNG4TniRcQPQRdj
JSIkRia20vC8MAKtMx1/kIW7lHMtfzaY0ehicPRSYX7J5lYJ9GRVK2aDZw==
-----END PUBLIC KEY-----
`
	keyRSA1024 = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCwV4n7rhyAC/xiBolkbFuhiyrg
SUTH0qrJo9y8bu2YJGp0LpJMv/6quFpzwYh8uO09Na+8AfVgrGbr71VNJmFOGfai
dvmNeaNeK72lvszFdQwwFM3M/GAqzO6/b3DFLt0XF0Ye0vwE+WGv0wQQEyZOzi/0
0ujl3+WIzOsTzheagwIDAQAB
-----END PUBLIC KEY-----
`
	keyRSA4096 = `-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAnKKaDZTjdtpxkvxByaXE
98AtUz2bR7a/CDaCfeNpQgfi1EcLj5aqJsXKM0DURV6GVcibwnroAW7XJEdiv2ko
88+ck7sT0jf0L8xVj5DvmqH6oSFu21fH3A6ZNMGMwhrbaZPld8/ukPuFQBr+IXf0
9lxpAoRdX3oKNLum9UUkI4asRouHgm/djttkawlQm9vbwgKce4ossbdWj2p7JCOM
6HYf/jNso9rqYHheBWSjbI/cA2npeaSesu1/fQvWnbK85g4cUUfzLo9ofEGVhtqu
wHX3/Hy0tkRWr3cIzIbUKqKJneT2dO2gyQtJVo0RQ5lz/ejA9M4WS7uqO9J90ktN
bLUXaf22gTt2PEyIumUlRlMHsPhrs0EmktrZRPSDoLY1QRhSvoy8HkJu7mROSHu5
ht/Od6AjCqxk6aR47O+l4nK8n+qQ2JObplJKRWaaw2zO0+7HyJ7csFA7HAE5mW3p
S5BQmE5t1+AKrV5PrT7MRnriHDx6n0gENIxNKBqkNNDaSKvIi/0lcFNEUx1go570
vwFqm0amj8SPNR8/9J8jajQiLx7VznZC6Xrfkae1XWOkUW3j1jLnQ1O2RrfyRaGA
tRUsdNevBuspU9WA5aFQdw/DqrByns3DmC2nfZb6nnpwdMAYUzPaEKE81aTyUC5q
6tPSpGD/jl/ZVhGDfNUZz70CAwEAAQ==
-----END PUBLIC KEY-----
`
	keyP384 = `-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEQejj/eX8NDmQKfH/lF2LrL3S0xJa4w7N
/HsQpCcGBX3wGKSIIhzzQWT1Qmc42vpM/IdAOcoXBsvXcY+uWif/xwt+XmM3r+Mv
BKHXbwDxF1urRRDygrN7Ux2XjTLvOtOx
-----END PUBLIC KEY-----
`
	keyEd25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAhj8I+e1BJccyBjLmHDf0A+3Q8IHBPPfDTpvk7LqyTT0=
-----END PUBLIC KEY-----
`
)

// shippedKey is the public key that this project once shipped, without its lines.
const shippedKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAm8QYyBaJGc9/5yqyKp7QlYAMTcFk2HzabRCEDLDtziKEALkFEJg0MryS" +
	"E0Q1fSRGjF/2cg+jxQZmRiqj4a0x2yVlvujjS2H5G0/1K9VL+r7u1nOpatzxYyPekmMujZSEYtf0+2g6bDREXNd49o3xz1tscTiz" +
	"6NfFexFcnoJFAvSLvtzDMsYi34MIA9IrteUJrGC6DUb3/6K9dJGNk3s4NuG6RfVII+rmUyJXRmQu5LjPDfzJCslIa/mRRNRSdwtz" +
	"i3bWLsAoG2Qa2UWKXr3G+1vDn4xSfkl9M8NCtPBkRqOSSotAW4SA8IhjP5d1iSOsl248wJUfKz0OsEQHsbx+UQIDAQAB"

// signer returns a signer as JSON.
func signer(name, key string) string {
	data, err := json.Marshal(map[string]string{"name": name, "publicKey": key})
	if err != nil {
		panic(err)
	}
	return string(data)
}

func signers(list ...string) string {
	return `{"models": {"signers": [` + strings.Join(list, ",") + `]}}`
}

// keyRow is a public key, and whether it is refused.
func keyRow(name, key string, refused bool) row {
	r := row{name: "R11 key " + name, patch: signers(signer("a", key))}
	if refused {
		r.want = is(hard("R11", "models.signers[0].publicKey"))
	}
	return r
}

// many are signers with one key.
func many(n int) []string {
	var list []string
	for i := range n {
		list = append(list, signer(fmt.Sprintf("s%d", i), keyRSA))
	}
	return list
}

// ownKeys gives each signer of a change a key of its own in place of keyRSA.
func ownKeys(patch string) string {
	for old := signer("", keyRSA); ; {
		begin, rest, found := strings.Cut(patch, strings.TrimPrefix(old, `{"name":""`))
		if !found {
			return patch
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			panic(err)
		}
		own := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		patch = begin + strings.TrimPrefix(signer("", own), `{"name":""`) + rest
	}
}

func signerRows() []row {
	const begin, end = "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n"
	signed := `"signers": [` + signer("a", keyRSA) + `]`
	return inDev(
		keyRow("RSA of 2048 bits", keyRSA, false),
		keyRow("on P-256", keyP256, false),
		keyRow("without a last line end", strings.TrimSpace(keyP256), false),
		keyRow("RSA of 1024 bits", keyRSA1024, true),
		keyRow("RSA of 4096 bits", keyRSA4096, true),
		keyRow("on P-384", keyP384, true),
		keyRow("Ed25519", keyEd25519, true),
		keyRow("of PKCS#1", strings.ReplaceAll(keyRSA, "PUBLIC KEY", "RSA PUBLIC KEY"), true),
		keyRow("that is private", strings.ReplaceAll(keyRSA, "PUBLIC KEY", "PRIVATE KEY"), true),
		keyRow("in one line", strings.ReplaceAll(keyRSA, "\n", ""), true),
		keyRow("empty", "", true),
		keyRow("without content", begin+end, true),
		keyRow("without an end", strings.TrimSuffix(keyRSA, end), true),
		keyRow("that is no key", begin+"AAAA\n"+end, true),
		keyRow("twice", keyRSA+keyRSA, true),
		keyRow("after another", begin+"!\n"+keyRSA, true),
		keyRow("with text after", keyRSA+"text", true),
		keyRow("of the recipe", "PASTE IT HERE", true),
		keyRow("of SSH", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDJ a@example.com", true),
		keyRow("of SSH on P-256", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBG4", true),
		keyRow("of SSH that is private", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n", true),
		keyRow("that is a certificate", "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n", true),
		keyRow("that is a file", "keys/2026-01.pem", true),
		keyRow("without its lines", strings.TrimSuffix(strings.TrimPrefix(keyRSA, begin), end), true),
		keyRow("with line ends of its own", strings.ReplaceAll(keyRSA, "\n", `\n`), true),
		keyRow("with text before", "text\n"+keyRSA, true),
		keyRow("with headers", begin+"Proc-Type: 4\n\n"+strings.TrimPrefix(keyP256, begin), true),
		row{"R19 the key that was shipped", signers(signer("a", begin+shippedKey+"\n"+end)), is(hard("R19", "models.signers[0].publicKey"))},
		row{"R19 that key in other lines", signers(signer("a", keyP256), signer("b", begin+shippedKey[:40]+"\r\n"+shippedKey[40:]+"\n"+end)),
			is(hard("R19", "models.signers[1].publicKey"))},
		row{"R11 name twice", signers(signer("a", keyRSA), signer("a", keyP256)), is(hard("R11", "models.signers[1].name"))},
		row{"R11 name in another case", signers(signer("a", keyRSA), signer("A", keyP256)), nil},
		row{"R11 name empty", signers(signer("", keyRSA)), is(hard("R11", "models.signers[0].name"))},
		row{"R11 name longest", signers(signer(strings.Repeat("x", 64), keyRSA)), nil},
		row{"R11 name too long", signers(signer(strings.Repeat("x", 65), keyRSA)), is(hard("R11", "models.signers[0].name"))},
		row{"R11 name with a dot", signers(signer("a.b", keyRSA)), is(hard("R11", "models.signers[0].name"))},
		row{"R11 most keys", ownKeys(signers(many(5)...)), nil},
		row{"R11 too many keys", ownKeys(signers(many(6)...)), is(quota("R11", "models.signers"))},
		row{"R11 signed without signers", routes(`{"path": "/a", "signed": true}`), is(hard("R11", "routes[0].signed"))},
		row{"R11 signed with signers", `{"models": {"signers": [` + signer("a", keyRSA) + `]}, "routes": [{"path": "/a", "signed": true}]}`, nil},
		row{"R11 one key twice", signers(signer("a", keyRSA), signer("b", keyP256), signer("c", strings.TrimSpace(keyRSA))), is(warning("R11", "models.signers[2].publicKey"))},
		row{"R11 one key for models and a page", page(`{"models": {` + signed + `}, "web": {` + signed + `}, "routes": [{"path": "/a", "origin": "web", "signed": true}]}`),
			is(warning("R11", "web.signers[0].publicKey"))},
		row{"S4 signer without anything", signers(`{}`), is(
			hard("S4", "models.signers[0].name"),
			hard("S4", "models.signers[0].publicKey"))},
	)
}

package config

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// The ways in which CloudFront reads the models' bucket.
const (
	AccessIdentity = "identity"
	AccessControl  = "control"
)

// Bucket is a private bucket and how CloudFront serves it.
type Bucket struct {
	BucketName           string // empty: Terraform chooses one
	BucketRegion         string // of one that exists; empty: that of the environment
	Existing             bool   // it is only read
	Adopt                bool   // Terraform imports it
	Path                 string
	Strip                string
	Access               string
	KMSKeyARN            string
	Signers              []Signer
	AllowedIPs           []string
	ReplicaRegion        string
	RetiredReplicaRegion string
	NoncurrentDays       int
	InvalidateOnChange   bool
	ForceDestroy         bool
}

// Declare implements [declare.Section].
func (b *Bucket) Declare(f *declare.Fields) {
	b.declare(f, "<bucket>").Required()
}

// declare declares the fields of a bucket whose name begins with that of the stack and a part, and returns the field of
// the path.
func (b *Bucket) declare(f *declare.Fields, part string) *declare.Field[string] {
	f.Text("bucket", &b.BucketName,
		"Name of the bucket; by default Terraform chooses one that begins with <name>-<environment>-"+part+"-.").
		Matches(ruleBucketName, bucketName, aBucketName).Explain(bucketMeant)
	f.Boolean("existing", &b.Existing, "Read a bucket that already exists, in any account and region: nothing is made, and "+
		"nothing about it changes. Its owner adds the statement that policy --bucket prints.")
	regionField(f, "bucketRegion", &b.BucketRegion, "With existing: region of the bucket, if it isn't the environment's.")
	f.Boolean("adopt", &b.Adopt, "Take over a bucket of this account and region: the next deploy imports it with its objects, "+
		"and protects it like one made here. The plan shows what changes.")
	path := f.Text("path", &b.Path,
		"Path pattern under which the bucket is served. An object's key is the path without its leading /.")
	path.Length(rulePathPattern, 1, mostPath).Matches(rulePathPattern, pathCharacters, onlyPathSigns).Explain(pathMeant)
	stripField(f, &b.Strip)
	f.Text("access", &b.Access,
		"How CloudFront reads the bucket: with an origin access identity or an origin access control.").
		Default(AccessIdentity).
		OneOf(ruleModelsAccess, AccessIdentity, AccessControl)
	f.Confidential("kmsKeyArn", &b.KMSKeyARN,
		`KMS key that encrypts the objects, with access "control". By default S3's own keys do.`)
	signers := "Public keys that verify signed URLs and cookies. Without any, everyone can read the bucket."
	if part == names.Web {
		signers = "Public keys that verify signed cookies and URLs, on routes to the page that set signed. Without such a route, " +
			"everyone can read the whole page."
	}
	declare.Objects(f, "signers", &b.Signers, signers)
	f.Texts("allowedIPs", &b.AllowedIPs, "IP ranges (CIDR) that get in here; by default all do. Needs firewall.enabled.")
	regionField(f, "replicaRegion", &b.ReplicaRegion,
		"Second region with a copy of the bucket, read when the first one fails.")
	regionField(f, "retiredReplicaRegion", &b.RetiredReplicaRegion,
		"The previous replicaRegion, for the one deploy that removes or moves the replica.")
	f.Integer("noncurrentDays", &b.NoncurrentDays,
		"Days during which an overwritten or deleted object can be restored.").Default(30).Between(ruleModelsKept, 1,
		mostDaysKept)
	f.Boolean("invalidateOnChange", &b.InvalidateOnChange,
		"Invalidate an object's URL at the edge when the object is overwritten or deleted.")
	f.Boolean("forceDestroy", &b.ForceDestroy,
		"Let Terraform delete the bucket and its replica with everything in them, from "+
			"the next deploy on. Otherwise Terraform refuses.")
	return path
}

// Models is the first bucket, which every environment has.
type Models struct{ Bucket }

// Declare implements [declare.Section].
func (m *Models) Declare(f *declare.Fields) { m.declare(f, names.Models).Default("/models/*") }

// Complete has an existing bucket keep its versions as its owner says.
func (b *Bucket) Complete(written map[string]any) {
	if _, kept := written["noncurrentDays"]; b.Existing && !kept {
		b.NoncurrentDays = 0
	}
}

// Region is that of the bucket, given the environment's.
func (b Bucket) Region(environment string) string { return cmp.Or(b.BucketRegion, environment) }

// accessPointSuffix ends the alias of an access point, which stands for the name of its bucket (Amazon S3 User Guide,
// Referencing access points).
const accessPointSuffix = "-s3alias"

// IsAccessPoint reports whether the bucket is read through an access point.
func (b Bucket) IsAccessPoint() bool {
	return b.Existing && strings.HasSuffix(b.BucketName, accessPointSuffix)
}

// What stands for the account and the name of an access point, which its alias doesn't tell.
const (
	AccessPointAccount = "ACCOUNT_ID"
	AccessPointName    = "ACCESS_POINT"
)

// ARN is that of a bucket with a name, or of its access point, given the region of both.
func (b Bucket) ARN(region string) string {
	if b.IsAccessPoint() {
		return "arn:aws:s3:" + region + ":" + AccessPointAccount + ":accesspoint/" + AccessPointName
	}
	return "arn:aws:s3:::" + b.BucketName
}

func (b Bucket) check(r *declare.Report, at declare.Path, environment, region, account string, quotas Quotas) {
	if b.BucketName != "" && !b.IsAccessPoint() {
		checkBucket(r, at.Field("bucket"), b.BucketName, b.Existing || b.Adopt)
	}
	b.checkThere(r, at)
	region = b.Region(region)
	if b.Existing {
		account = "" // the key is its owner's
	}
	checkStrip(r, at.Field("strip"), b.Strip, b.Path)
	b.checkKey(r, at.Field("kmsKeyArn"), region, account)
	checkSigners(r, at.Field("signers"), b.Signers, quotas)
	b.checkAccess(r, at.Field("access"), region)
	if b.ReplicaRegion != "" && b.ReplicaRegion == region && !b.Existing {
		r.Must(ruleRegion, at.Field("replicaRegion"), "must differ from region, got %q for both", region)
	}
	if b.RetiredReplicaRegion != "" && (b.RetiredReplicaRegion == region || b.RetiredReplicaRegion == b.ReplicaRegion) {
		r.Must(ruleRegion, at.Field("retiredReplicaRegion"),
			"must differ from region and replicaRegion, got %q", b.RetiredReplicaRegion)
	}
	if b.ForceDestroy && environment == "prod" && !b.Existing {
		r.Warn(ruleModelsKept, at.Field("forceDestroy"), "lets Terraform delete every object of prod")
	}
}

// checkThere checks what is said of a bucket that is there already.
func (b Bucket) checkThere(r *declare.Report, at declare.Path) {
	if !b.Existing && !b.Adopt {
		if b.BucketRegion != "" {
			r.Must(ruleExisting, at.Field("bucketRegion"), "must be absent without existing: buckets are made in the region "+
				"of the environment")
		}
		return
	}
	rule, field := ruleExisting, "existing"
	if b.Adopt {
		rule, field = ruleAdopted, "adopt"
	}
	if b.BucketName == "" {
		r.Must(rule, at.Field("bucket"), "is required with %s: it is the name of the bucket that is there", field)
	}
	if b.Adopt {
		b.checkAdopted(r, at)
		return
	}
	for _, changing := range []struct {
		set        bool
		name, does string
	}{
		{b.ReplicaRegion != "", "replicaRegion", "sets the bucket's replication"},
		{b.NoncurrentDays != 0, "noncurrentDays", "sets the bucket's lifecycle rules"},
		{b.InvalidateOnChange, "invalidateOnChange", "sets where S3 sends the bucket's events"},
		{b.ForceDestroy, "forceDestroy", "lets Terraform delete the bucket"},
	} {
		if changing.set {
			r.Must(ruleExisting, at.Field(changing.name), "must be absent with existing, which changes nothing: it %s",
				changing.does)
		}
	}
}

func (b Bucket) checkAdopted(r *declare.Report, at declare.Path) {
	if b.Existing {
		r.Must(ruleAdopted, at.Field("adopt"), "must be absent with existing: a bucket is either only read, or taken over")
	} else if b.BucketRegion != "" {
		r.Must(ruleAdopted, at.Field("bucketRegion"), "must be absent with adopt, which takes over buckets of the "+
			"environment's region; with existing one is read from any")
	}
}

// checkAccess refuses an origin access identity for an access point, and for a bucket whose Region has come after these.
func (b Bucket) checkAccess(r *declare.Report, at declare.Path, region string) {
	if b.IsAccessPoint() && b.Access == AccessIdentity {
		r.Must(ruleModelsAccess, at, `must be "control" for an access point, which no origin access identity can read`)
		return
	}
	for _, region := range []string{region, b.ReplicaRegion} {
		if b.Access == AccessIdentity && slices.Contains(regionsWithoutIdentities, region) {
			r.Must(ruleModelsAccess, at,
				`must be "control" for a bucket in %s: S3 has no origin access identities there`, region)
		}
	}
}

func (b Bucket) checkKey(r *declare.Report, at declare.Path, region, account string) {
	if b.KMSKeyARN == "" {
		return
	}
	checkARN(r, ruleARN, at, b.KMSKeyARN, keyARN.in(region), account)
	if b.Access == AccessIdentity {
		r.Must(ruleModelsAccess, at, `needs access "control": an origin access identity can't read SSE-KMS objects`)
	}
	if b.ReplicaRegion != "" && !strings.Contains(b.KMSKeyARN, ":key/mrk-") {
		r.Must(ruleReplicaKey, at,
			"must be a multi-Region key (key/mrk-…) with replicaRegion, which needs its replica there, got %q",
			b.KMSKeyARN)
	}
}

// Signer is a key whose holder signs the URLs or cookies under which models are served.
type Signer struct {
	Name      string
	PublicKey string
}

// Declare implements [declare.Section].
func (s *Signer) Declare(f *declare.Fields) {
	f.Text("name", &s.Name, "Name of the key.").Required().Matches(ruleSigners, signerName,
		"be 1 to 64 letters, digits, _ and -")
	f.Lines("publicKey", &s.PublicKey, "Public key in PEM: RSA with 2048 bits, or ECDSA on P-256.").Required()
}

func checkSigners(r *declare.Report, at declare.Path, signers []Signer, quotas Quotas) {
	overQuota(r, ruleSigners, at, len(signers), quotas.KeyGroupKeys, " keys in the key group", "keyGroupKeys")
	names, holders := make([]string, len(signers)), map[string]string{}
	for i, s := range signers {
		names[i] = s.Name
		key, ok := signingKey(s.PublicKey)
		if holder, held := holders[string(key)]; ok && held {
			r.Warn(ruleSigners, at.Index(i).Field("publicKey"),
				"is the key of %q as well: taking one of the two out locks nobody out, and rotates nothing", holder)
		} else if ok {
			holders[string(key)] = s.Name
		}
		if ok && isShippedKey(key) {
			r.Must(ruleShippedKey, at.Index(i).Field("publicKey"),
				"must not be the public key that this project once shipped: whoever has its private key can sign your URLs; "+
					"make your own key pair (stacks/docs/recipes.md, Signed models)")
		}
		if !ok {
			r.Must(ruleSigners, at.Index(i).Field("publicKey"),
				"must be a public key in PEM, RSA of 2048 bits or ECDSA on P-256%s", keyHint(s.PublicKey))
		}
	}
	for _, i := range repeated(names, exactly) {
		r.Must(ruleSigners, at.Index(i).Field("name"), "must not repeat %q", names[i])
	}
}

const (
	keyBegins = "-----BEGIN PUBLIC KEY-----"
	keyEnds   = "-----END PUBLIC KEY-----"
	keyRecipe = "openssl pkey -in KEY.pem -pubout prints (stacks/docs/recipes.md, Signed models)"
)

var (
	sshKey = regexp.MustCompile(`^(ssh-|ecdsa-sha2-|sk-(ssh|ecdsa)-)\S+ |BEGIN SSH2 PUBLIC KEY|BEGIN OPENSSH PRIVATE KEY`)
	// keyFile is the name of a file, keyBody what stands between the lines of PEM.
	keyFile = regexp.MustCompile(`(?i)^[^\s]+\.(pem|pub|key|crt|cer|der)$`)
	keyBody = regexp.MustCompile(`^M[A-Za-z0-9+/=\s]{50,}$`)
)

// keyHint says what is wrong with a text that isn't a public key as CloudFront takes it, and what to do. It shows
// nothing of it: it may be a secret.
func keyHint(text string) string {
	_, after, ended := strings.Cut(text, keyEnds)
	switch {
	case sshKey.MatchString(text):
		return "; this is an SSH key: make a key pair with openssl, and paste what " + keyRecipe
	case strings.Contains(text, "PRIVATE KEY"):
		return "; this is a private key, which must stay secret: openssl pkey -pubout prints its public half"
	case strings.Contains(text, "BEGIN RSA PUBLIC KEY"):
		return "; this one is PKCS#1: openssl rsa -RSAPublicKey_in -pubout prints it as it must be"
	case strings.Contains(text, "BEGIN CERTIFICATE"):
		return "; this is a certificate: openssl x509 -pubkey -noout prints its public key"
	case keyFile.MatchString(text):
		return `; this is the name of a file: paste the text that is in it, with \n for each line break`
	case keyBody.MatchString(text):
		return "; the lines " + keyBegins + " and " + keyEnds + " around it are missing"
	case !strings.Contains(text, keyBegins):
		return `; paste what ` + keyRecipe + `, with \n for each line break`
	case strings.Contains(text, `\n`):
		return `; its lines must end with \n, not with \\n`
	case !strings.Contains(text, "\n"):
		return `; its lines must end with \n`
	case strings.Count(text, keyBegins) > 1:
		return "; these are several keys: give each a signer of its own"
	case !ended:
		return "; its last line, " + keyEnds + ", is missing"
	case !strings.HasPrefix(text, keyBegins) || strings.TrimSpace(after) != "":
		return "; there is something else before or after the key: take it out"
	}
	return keyKind(text)
}

// keyKind says of which kind a public key is that CloudFront doesn't take.
func keyKind(text string) string {
	kind := ""
	if block, _ := pem.Decode([]byte(text)); block != nil {
		key, _ := x509.ParsePKIXPublicKey(block.Bytes)
		switch key := key.(type) {
		case *rsa.PublicKey:
			kind = fmt.Sprintf("RSA of %d bits", key.N.BitLen())
		case *ecdsa.PublicKey:
			kind = "ECDSA on " + key.Params().Name
		case ed25519.PublicKey:
			kind = "Ed25519"
		}
		if kind != "" && len(block.Headers) == 0 {
			return ", got " + kind + ": make another key pair (stacks/docs/recipes.md, Signed models)"
		}
	}
	return "; the text between its first and its last line is damaged: paste it again"
}

// signingKey returns the SubjectPublicKeyInfo of a text that is one public key which CloudFront takes.
func signingKey(text string) (der []byte, ok bool) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(block.Headers) > 0 || strings.TrimSpace(string(rest)) != "" {
		return nil, false
	}
	if !strings.HasPrefix(text, keyBegins) || strings.Count(text, "-----BEGIN") > 1 {
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

package config

import (
	"slices"
	"strings"
)

// The ways in which CloudFront reads the models' bucket.
const (
	AccessIdentity = "identity"
	AccessControl  = "control"
)

// Models is the private bucket of models and how CloudFront serves it.
type Models struct {
	Bucket               string
	Path                 string
	Access               string
	KMSKeyARN            string
	Signers              []Signer
	ReplicaRegion        string
	RetiredReplicaRegion string
	NoncurrentDays       int
	InvalidateOnChange   bool
	ForceDestroy         bool
}

func (m *Models) declare(f *fields) {
	f.text("bucket", &m.Bucket, "Name of the bucket; by default Terraform chooses one that begins with <name>-<environment>-models-.").
		matches(ruleN1, bucketName, aBucketName)
	f.text("path", &m.Path, "Path pattern under which the bucket is served; an object's key is the path without its leading /.").standard("/models/*").
		length(ruleR1, pathLength).
		matches(ruleR1, pathCharacters, onlyPathSigns)
	f.text("access", &m.Access, `How CloudFront reads the bucket: as an origin access identity, or through an origin access control.`).standard(AccessIdentity).
		oneOf(ruleM2, AccessIdentity, AccessControl)
	f.confidential("kmsKeyArn", &m.KMSKeyARN, `KMS key that encrypts the models, with access "control"; by default S3's own keys do.`)
	objects(f, "signers", &m.Signers, "Keys that sign the URLs or cookies of the models; without any, everyone can read them.")
	f.text("replicaRegion", &m.ReplicaRegion, "Second region that keeps a copy of the bucket, read when the first fails.").named(ruleN2, regions, aRegion)
	f.text("retiredReplicaRegion", &m.RetiredReplicaRegion, "The replicaRegion until now, for the one deploy that takes the replica out or moves it.").named(ruleN2, regions, aRegion)
	f.integer("noncurrentDays", &m.NoncurrentDays, "Days an overwritten or deleted model can be brought back.").standard(30).between(ruleM3, daysKept)
	f.boolean("invalidateOnChange", &m.InvalidateOnChange, "Overwriting or deleting a model invalidates its URL at the edge.")
	f.boolean("forceDestroy", &m.ForceDestroy, "Let Terraform delete the buckets of the models with everything in them, once this is deployed; otherwise it refuses to.")
}

func (m Models) check(r *report, at path, environment string, env Environment) {
	if m.Bucket != "" {
		checkBucket(r, at.field("bucket"), m.Bucket)
	}
	checkModelsPath(r, at.field("path"), m.Path)
	m.checkKey(r, at.field("kmsKeyArn"), env)
	checkSigners(r, at.field("signers"), m.Signers, env.Quotas)
	m.checkAccess(r, at.field("access"), env)
	if m.ReplicaRegion != "" && m.ReplicaRegion == env.Region {
		r.must(ruleN2, at.field("replicaRegion"), "must differ from region, got %q for both", env.Region)
	}
	if m.RetiredReplicaRegion != "" && (m.RetiredReplicaRegion == env.Region || m.RetiredReplicaRegion == m.ReplicaRegion) {
		r.must(ruleN2, at.field("retiredReplicaRegion"), "must differ from region and replicaRegion, got %q", m.RetiredReplicaRegion)
	}
	if m.ForceDestroy && environment == "prod" {
		r.warn(ruleM3, at.field("forceDestroy"), "lets Terraform delete every model of prod")
	}
}

// checkAccess refuses an origin access identity for a bucket whose Region has come after these.
func (m Models) checkAccess(r *report, at path, env Environment) {
	for _, region := range []string{env.Region, m.ReplicaRegion} {
		if m.Access == AccessIdentity && slices.Contains(regionsWithoutIdentities, region) {
			r.must(ruleM2, at, `must be "control" for a bucket in %s: S3 knows no origin access identities there`, region)
		}
	}
}

func (m Models) checkKey(r *report, at path, env Environment) {
	if m.KMSKeyARN == "" {
		return
	}
	checkARN(r, ruleN4, at, m.KMSKeyARN, keyARN.in(env.Region), env.Account.ID)
	if m.Access == AccessIdentity {
		r.must(ruleM2, at, `needs models.access "control": an origin access identity can't read SSE-KMS objects`)
	}
	if m.ReplicaRegion != "" && !strings.Contains(m.KMSKeyARN, ":key/mrk-") {
		r.must(ruleM4, at, "must be a multi-Region key (key/mrk-…) with models.replicaRegion, which needs its replica there, got %q", m.KMSKeyARN)
	}
}

package config

import "strings"

// The ways in which CloudFront reads the models' bucket.
const (
	AccessIdentity = "identity"
	AccessControl  = "control"
)

// Models is the private bucket of models and how CloudFront serves it.
type Models struct {
	// Name of the bucket; by default Terraform chooses one that begins with <name>-<environment>-models-.
	Bucket string `json:"bucket,omitempty"`
	// Path pattern under which the bucket is served; an object's key is the path without its leading /.
	Path string `json:"path,omitempty"`
	// How CloudFront reads the bucket: "identity" (origin access identity) or "control" (origin access control).
	Access string `json:"access,omitempty"`
	// KMS key that encrypts the models, with access "control"; by default S3's own keys do.
	KMSKeyARN string `json:"kmsKeyArn,omitempty"`
	// Keys that sign the URLs or cookies of the models; without any, everyone can read them.
	Signers []Signer `json:"signers,omitempty"`
	// Second region that keeps a copy of the bucket, read when the first fails.
	ReplicaRegion string `json:"replicaRegion,omitempty"`
	// Days an overwritten or deleted model can be brought back.
	NoncurrentDays int `json:"noncurrentDays,omitempty"`
	// Overwriting or deleting a model invalidates its URL at the edge.
	InvalidateOnChange bool `json:"invalidateOnChange,omitempty"`
	// Let Terraform delete the bucket with everything in it.
	ForceDestroy bool `json:"forceDestroy,omitempty"`
}

func (m Models) check(r *report, at path, environment string, env Environment) {
	if m.Bucket != "" {
		checkBucket(r, at.field("bucket"), m.Bucket)
	}
	checkPattern(r, at.field("path"), m.Path)
	r.oneOf("M2", at.field("access"), accessChoices, m.Access)
	m.checkKey(r, at.field("kmsKeyArn"), env)
	checkSigners(r, at.field("signers"), m.Signers)
	if m.ReplicaRegion != "" {
		checkRegion(r, at.field("replicaRegion"), m.ReplicaRegion)
		if m.ReplicaRegion == env.Region {
			r.must("N2", at.field("replicaRegion"), "must differ from region, got %q for both", env.Region)
		}
	}
	r.within("M3", at.field("noncurrentDays"), days, m.NoncurrentDays)
	if m.ForceDestroy && environment == "prod" {
		r.warn("M3", at.field("forceDestroy"), "lets Terraform delete every model of prod")
	}
}

func (m Models) checkKey(r *report, at path, env Environment) {
	if m.KMSKeyARN == "" {
		return
	}
	checkARN(r, "N4", at, m.KMSKeyARN, keyARN.in(env.Region), env.Account.ID)
	if m.Access == AccessIdentity {
		r.must("M2", at, `needs models.access "control": an origin access identity can't read SSE-KMS objects`)
	}
	if m.ReplicaRegion != "" && !strings.Contains(m.KMSKeyARN, ":key/mrk-") {
		r.must("M4", at, "must be a multi-Region key (key/mrk-…) with models.replicaRegion, which needs its replica there, got %q", m.KMSKeyARN)
	}
}

package config

// Models is the private bucket of models and how CloudFront serves it.
type Models struct {
	// Name of the bucket; by default Terraform chooses one that begins with <name>-<environment>-models-.
	Bucket string `json:"bucket,omitempty"`
	// Path pattern under which the bucket is served; an object's key is the path without its leading /.
	Path string `json:"path,omitempty"`
	// Days an overwritten or deleted model can be brought back.
	NoncurrentDays int `json:"noncurrentDays,omitempty"`
	// Let Terraform delete the bucket with everything in it.
	ForceDestroy bool `json:"forceDestroy,omitempty"`
}

func (m Models) check(r *report, at path, environment string) {
	if m.Bucket != "" {
		checkBucket(r, at.field("bucket"), m.Bucket)
	}
	checkPattern(r, at.field("path"), m.Path)
	r.within("M3", at.field("noncurrentDays"), days, m.NoncurrentDays)
	if m.ForceDestroy && environment == "prod" {
		r.warn("M3", at.field("forceDestroy"), "lets Terraform delete every model of prod")
	}
}

package edge

// BucketCORS is the rule of a bucket's CORS configuration, by which S3 answers preflight requests.
type BucketCORS struct {
	AllowOrigins, AllowHeaders, ExposeHeaders []string
	MaxAgeSeconds                             int
}

// bucketCORS is that of the bucket with an address such as aws_s3_bucket.models.
func (p parser) bucketCORS(bucket string) *BucketCORS {
	for name, args := range p.Resource["aws_s3_bucket_cors_configuration"] {
		at := "aws_s3_bucket_cors_configuration." + name
		b := p.Read(at, args)
		if owner, _ := p.Find(at+".bucket", b.Text("bucket"), "aws_s3_bucket"); owner != bucket {
			b.Ignore("cors_rule")
			continue
		}
		rules := b.Children("cors_rule")
		if len(rules) != 1 {
			p.Fail(at+".cors_rule", "must be one, got %d", len(rules))
			return nil
		}
		rule := rules[0]
		rule.Ignore("allowed_methods") // only reading goes through CloudFront
		return &BucketCORS{
			AllowOrigins: rule.Texts("allowed_origins"), AllowHeaders: rule.Texts("allowed_headers"), ExposeHeaders: rule.Texts("expose_headers"),
			MaxAgeSeconds: rule.Number("max_age_seconds", 0),
		}
	}
	return nil
}

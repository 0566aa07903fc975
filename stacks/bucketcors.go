package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketcorsconfiguration"

	"ml-api-accelerator/stacks/config"
)

type bucketsCORSProps struct {
	Buckets []bucket // one that isn't made needs none
	CORS    *config.CORS
}

// newBucketsCORS has S3 answer browsers' preflight requests with 200; without it they are answered 403, which no header
// that CloudFront adds makes good (Amazon S3 User Guide, Troubleshooting CORS).
func newBucketsCORS(scope constructs.Construct, props bucketsCORSProps) {
	if props.CORS == nil {
		return
	}
	for _, b := range props.Buckets {
		if b.ID != "" {
			newBucketCORS(scope, b.LocalName, bucketCORSProps{Bucket: b, CORS: *props.CORS})
		}
	}
}

type bucketCORSProps struct {
	Bucket bucket
	CORS   config.CORS
}

func newBucketCORS(scope constructs.Construct, id string, props bucketCORSProps) {
	rename(s3bucketcorsconfiguration.NewS3BucketCorsConfiguration(scope, jsii.String(id+"-cors"), &s3bucketcorsconfiguration.S3BucketCorsConfigurationConfig{
		Provider: props.Bucket.Provider,
		Bucket:   jsii.String(props.Bucket.ID),
		CorsRule: []*s3bucketcorsconfiguration.S3BucketCorsConfigurationCorsRule{{
			AllowedMethods: jsii.Strings("GET", "HEAD"),
			AllowedOrigins: jsii.Strings(bucketOrigins(props.CORS.AllowOrigins)...),
			AllowedHeaders: jsii.Strings(props.CORS.AllowHeaders...),
			ExposeHeaders:  optionalList(props.CORS.ExposeHeaders),
			MaxAgeSeconds:  jsii.Number(props.CORS.MaxAgeSeconds),
		}},
		Lifecycle: createBeforeDestroy(),
	}), id)
}

// bucketOrigins are the origins as S3 compares them: literally, with one * at most (Amazon S3 API Reference, CORSRule). Of two,
// that of the subdomains stays.
func bucketOrigins(patterns []string) []string {
	var origins []string
	for _, pattern := range patterns {
		scheme, rest, found := strings.Cut(pattern, "://")
		schemes := []string{scheme}
		switch {
		case pattern == "*":
			origins = append(origins, pattern)
			continue
		case !found:
			schemes, rest = []string{"http", "https"}, pattern
		}
		host, port, _ := strings.Cut(rest, ":")
		for _, scheme := range schemes {
			if strings.Count(rest, "*") < 2 {
				origins = append(origins, scheme+"://"+rest)
			}
			if strings.Contains(rest, ":") && strings.Trim(port, "*") == "" || strings.Count(rest, "*") > 1 {
				origins = append(origins, scheme+"://"+host)
			}
		}
	}
	return origins
}

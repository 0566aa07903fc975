package iampolicy

import "strings"

// Reader is how CloudFront reads a bucket: as an identity, or for a distribution; each is an ARN.
type Reader struct{ Identity, Distribution string }

// ReadStatement lets CloudFront read a bucket, in the policy of what it reads.
type ReadStatement struct {
	Sid, Effect string
	Principal   map[string]string
	Action      any // a text, or several
	Resource    any
	Condition   map[string]map[string]string `json:",omitempty"`
}

// OfBucket returns what stands in the policy of a bucket (CloudFront Developer Guide, Restrict access to an Amazon S3
// origin) or of an access point (Use various origins, Use Amazon S3 Access Point), given its ARN. Of a page CloudFront
// may know what is missing.
func (r Reader) OfBucket(arn string, page bool) ReadStatement {
	objects := objectsIn(arn) + "*"
	if page {
		return r.allow("AllowCloudFrontRead", []string{"s3:GetObject", "s3:ListBucket"}, []string{arn, objects})
	}
	return r.allow("AllowCloudFrontRead", "s3:GetObject", objects)
}

// objectsIn is what the ARNs of the objects in a bucket begin with, or of those that are reached by an access point: a
// policy that names the bucket behind it, or its alias, says nothing about them (Amazon S3 User Guide, Referencing access
// points, and Configuring IAM policies for using access points).
func objectsIn(arn string) string {
	if strings.Contains(arn, ":accesspoint/") {
		return arn + "/object/"
	}
	return arn + "/"
}

// OfKey returns what stands in the policy of the KMS key of the objects, which an identity can't use.
func (r Reader) OfKey() ReadStatement { return r.allow("AllowCloudFrontDecrypt", "kms:Decrypt", "*") }

func (r Reader) allow(sid string, action, resource any) ReadStatement {
	s := ReadStatement{Sid: sid, Effect: "Allow", Action: action, Resource: resource,
		Principal: map[string]string{"AWS": r.Identity}}
	if r.Distribution != "" {
		s.Principal = map[string]string{"Service": "cloudfront.amazonaws.com"}
		s.Condition = map[string]map[string]string{"StringEquals": {"AWS:SourceArn": r.Distribution}}
	}
	return s
}

package stacks

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontdistribution"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontkeygroup"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginaccesscontrol"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontoriginaccessidentity"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/cloudfrontpublickey"
	"github.com/cdktf/cdktf-provider-aws-go/aws/v19/dataawsiampolicydocument"
	s3replication "github.com/cdktf/cdktf-provider-aws-go/aws/v19/s3bucketreplicationconfiguration"
	"github.com/hashicorp/terraform-cdk-go/cdktf"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/names"
)

type bucketsProps struct {
	Buckets   []config.NamedBucket
	Region    string                             // of the environment
	Providers map[string]cdktf.TerraformProvider // of other regions
	Stack     string
	Boundary  string // of the roles that replicate; ARN of a policy
}

// buckets are those that CloudFront reads, that of the models first.
type buckets []servedBucket

// newBuckets makes the private buckets of an environment.
func newBuckets(scope constructs.Construct, props bucketsProps) buckets {
	var made buckets
	for _, b := range props.Buckets {
		made = append(made, newServedBucket(scope, b.Name, servedBucketProps{
			Bucket:   b.Bucket,
			Region:   props.Region,
			Stack:    props.Stack,
			Boundary: props.Boundary,
			Provider: props.Providers[b.BucketRegion],
			Replica:  props.Providers[b.ReplicaRegion],
		}))
	}
	return made
}

// targets returns the origins of all buckets, and their groups.
func (b buckets) targets() targets {
	var all targets
	for _, one := range b {
		all = all.and(one.targets())
	}
	return all
}

// outputs say what the buckets but the models' are called.
func (b buckets) outputs() []output {
	var list []output
	for _, one := range b[1:] {
		name := strings.ReplaceAll(one.Name, "-", "_") + "_bucket"
		list = append(list, output{name, one.Bucket.ID, "The bucket " + one.Name + "."})
	}
	return list
}

// keyGroups returns the ids of the key groups by bucket.
func (b buckets) keyGroups() map[string]string {
	groups := map[string]string{}
	for _, one := range b {
		groups[one.Name] = one.KeyGroup
	}
	return groups
}

type servedBucketProps struct {
	config.Bucket
	Region   string // of the environment
	Stack    string
	Boundary string                  // of the role that replicates; ARN of a policy
	Provider cdktf.TerraformProvider // of the bucket's region; nil: the default provider
	Replica  cdktf.TerraformProvider // of the replica's region
}

// servedBucket is a bucket that CloudFront reads, with all that belongs to it.
type servedBucket struct {
	Name            string
	Existing        bool   // nothing is made of it, and nothing on it changes
	AccessPoint     bool   // through which it is read
	KMSKeyARN       string // empty: S3's own keys encrypt
	Invalidate      bool   // the edge forgets objects that change
	Bucket, Replica bucket // the second isn't made without a second region
	Reader          access
	KeyGroup        string // id; empty: everyone can read it
}

// newServedBucket makes a private bucket, its replica, how CloudFront reads both, and who signs URLs.
func newServedBucket(scope constructs.Construct, id string, props servedBucketProps) servedBucket {
	made := servedBucket{
		Name: id, Existing: props.Existing, AccessPoint: props.IsAccessPoint(), KMSKeyARN: props.KMSKeyARN,
		Invalidate: props.InvalidateOnChange,
		Reader:     newAccess(scope, id, accessProps{Kind: props.Access, Stack: props.Stack}),
	}
	if props.Existing {
		made.Bucket = existingBucket(id, existingBucketProps{
			Bucket: props.Bucket, Region: props.Bucket.Region(props.Region), Provider: props.Provider,
		})
		made.KeyGroup = newSigners(scope, id, signersProps{Signers: props.Signers, Stack: props.Stack})
		return made
	}
	made.Bucket = newModels(scope, id, modelsProps{Bucket: props.Bucket, Stack: props.Stack})
	made.Replica = newReplica(scope, names.BucketReplica(id, props.ReplicaRegion), replicaProps{
		Bucket:   props.Bucket,
		Of:       id,
		Home:     props.Region,
		Source:   made.Bucket,
		Stack:    props.Stack,
		Boundary: props.Boundary,
		Provider: props.Replica,
	})
	made.KeyGroup = newSigners(scope, id, signersProps{Signers: props.Signers, Stack: props.Stack})
	return made
}

type modelsProps struct {
	config.Bucket
	Stack string
}

// newModels makes a private bucket of models.
func newModels(scope constructs.Construct, id string, props modelsProps) bucket {
	b := bucketProps{
		Name:         props.BucketName,
		KMSKeyARN:    props.KMSKeyARN,
		Versioned:    true,
		Lifecycle:    lifecycle{Noncurrent: props.NoncurrentDays},
		ForceDestroy: props.ForceDestroy,
	}
	if props.BucketName == "" {
		b.Prefix = names.BucketPrefix(props.Stack, id)
	}
	return newBucket(scope, id, b)
}

type accessProps struct {
	Kind  string // config.AccessIdentity or config.AccessControl
	Stack string
}

// access is how CloudFront reads a bucket: as an identity, or through a control.
type access struct {
	IdentityPath   string // what a distribution calls the identity
	IdentityIAMARN string // what a policy calls the identity
	ControlID      string

	IdentityCanonicalID string // what an older policy may call the identity
}

// newAccess makes the origin access identity, or the origin access control, for a bucket and its replica.
func newAccess(scope constructs.Construct, id string, props accessProps) access {
	if props.Kind == config.AccessControl {
		control := rename(cloudfrontoriginaccesscontrol.NewCloudfrontOriginAccessControl(scope, jsii.String(id+"-control"),
			&cloudfrontoriginaccesscontrol.CloudfrontOriginAccessControlConfig{
				Name:                          jsii.String(props.Stack + "-" + id),
				Description:                   jsii.String("Reads the " + reads(id) + " of " + props.Stack),
				OriginAccessControlOriginType: jsii.String("s3"),
				SigningBehavior:               jsii.String("always"),
				SigningProtocol:               jsii.String("sigv4"),
				Lifecycle:                     createBeforeDestroy(),
			}), id)
		return access{ControlID: *control.Id()}
	}
	identity := rename(cloudfrontoriginaccessidentity.NewCloudfrontOriginAccessIdentity(scope, jsii.String(id+"-identity"),
		&cloudfrontoriginaccessidentity.CloudfrontOriginAccessIdentityConfig{
			Comment:   jsii.String("Reads the " + reads(id) + " of " + props.Stack),
			Lifecycle: createBeforeDestroy(),
		}), id)
	return access{
		IdentityPath: *identity.CloudfrontAccessIdentityPath(), IdentityIAMARN: *identity.IamArn(),
		IdentityCanonicalID: *identity.S3CanonicalUserId(),
	}
}

// reads is what a bucket has.
func reads(bucket string) string {
	if bucket == names.Models {
		return "models"
	}
	return "bucket " + bucket
}

// allowRead lets CloudFront read the objects of a bucket, and nothing else: the identity, or, with a control,
// CloudFront itself when it acts for this distribution. Of a page it may know what is missing: S3 then answers 404
// instead of 403 (Amazon S3 API Reference, GetObject, Permissions). Nobody gets a list: the function never lets the
// root of the bucket be asked for.
func (a access) allowRead(bucketARN, distributionARN string, page bool) statement {
	allowed := &dataawsiampolicydocument.DataAwsIamPolicyDocumentStatement{
		Sid:        jsii.String("AllowCloudFrontRead"),
		Actions:    jsii.Strings("s3:GetObject"),
		Resources:  jsii.Strings(bucketARN + "/*"),
		Principals: []policyPrincipal{principal("AWS", a.IdentityIAMARN)},
	}
	if page {
		allowed.Actions, allowed.Resources = jsii.Strings("s3:GetObject", "s3:ListBucket"), jsii.Strings(bucketARN, bucketARN+"/*")
	}
	if a.ControlID != "" {
		allowed.Principals = []policyPrincipal{principal("Service", "cloudfront.amazonaws.com")}
		allowed.Condition = []policyCondition{condition("StringEquals", "AWS:SourceArn", distributionARN)}
	}
	return allowed
}

type readPoliciesProps struct {
	Buckets buckets
	Edge    distribution
}

// newReadPolicies lets CloudFront, and nobody else, read the buckets. With an identity the distribution waits for the
// policies, so that it never asks a bucket that it can't read yet, or no longer. With a control the policies name the
// distribution, so they come after it.
func newReadPolicies(scope constructs.Construct, props readPoliciesProps) {
	var first []string
	for _, served := range props.Buckets {
		for _, b := range served.made() {
			allowed := served.Reader.allowRead(b.ARN, props.Edge.ARN, served.isPage())
			policy := newBucketPolicy(scope, b.LocalName, bucketPolicyProps{Bucket: b, Allowed: []statement{allowed}})
			if served.Reader.ControlID == "" {
				first = append(first, policy)
			}
		}
	}
	if len(first) > 0 {
		props.Edge.waitFor(first)
	}
}

// isPage reports whether it has the files of a page.
func (b servedBucket) isPage() bool { return b.Name == names.Web }

// made returns the bucket and, if there is one, its replica; nothing, if it is only read.
func (b servedBucket) made() []bucket {
	if b.Existing {
		return nil
	}
	if b.Replica.ID == "" {
		return []bucket{b.Bucket}
	}
	return []bucket{b.Bucket, b.Replica}
}

// targets returns the origins of a bucket, and the group of both if it has a replica.
func (b servedBucket) targets() targets {
	first := bucketOrigin(b.Name, b.Bucket, b.Reader)
	if b.Replica.ID == "" {
		return targets{Origins: []origin{first}}
	}
	second := bucketOrigin(names.ReplicaOrigin(b.Name), b.Replica, b.Reader)
	return targets{
		Origins: []origin{first, second},
		Groups:  []originGroup{failover(names.ReplicaGroup(b.Name), first, second)},
	}
}

func bucketOrigin(originID string, b bucket, reader access) origin {
	o := &cloudfrontdistribution.CloudfrontDistributionOrigin{
		OriginId:              jsii.String(originID),
		DomainName:            jsii.String(b.RegionalDomainName),
		OriginAccessControlId: optional(reader.ControlID),
	}
	if reader.IdentityPath != "" {
		o.S3OriginConfig = &cloudfrontdistribution.CloudfrontDistributionOriginS3OriginConfig{
			OriginAccessIdentity: jsii.String(reader.IdentityPath),
		}
	}
	return o
}

// mostKeyPrefix is how many characters Terraform takes of the name of a public key, to which it adds 26: CloudFront
// takes 128 (hashicorp/terraform-provider-aws, aws_cloudfront_public_key, name_prefix).
const mostKeyPrefix = 128 - 26

type signersProps struct {
	Signers []config.Signer
	Stack   string
}

// newSigners makes the key group whose public keys check the signed URLs of private models, if there are signers, and
// returns its id.
func newSigners(scope constructs.Construct, id string, props signersProps) string {
	if len(props.Signers) == 0 {
		return ""
	}
	var keys []string
	for _, s := range props.Signers {
		// A key can't be changed, so a new one is made first, under a name that Terraform completes.
		name := names.Signer(id, s.Name)
		key := cloudfrontpublickey.NewCloudfrontPublicKey(scope, jsii.String(name),
			&cloudfrontpublickey.CloudfrontPublicKeyConfig{
				NamePrefix: jsii.String(names.Short(names.Of(props.Stack, id)+"-"+s.Name, mostKeyPrefix-1) + "-"),
				// AWS stores the PEM with exactly one newline at its end; any other would replace the key each time.
				EncodedKey: jsii.String(strings.TrimSpace(s.PublicKey) + "\n"),
				Lifecycle:  createBeforeDestroy(),
			})
		keys = append(keys, *key.Id())
	}
	group := rename(cloudfrontkeygroup.NewCloudfrontKeyGroup(scope, jsii.String(id+"-signers"),
		&cloudfrontkeygroup.CloudfrontKeyGroupConfig{
			Name:      jsii.String(props.Stack + "-" + id),
			Items:     jsii.Strings(keys...),
			Lifecycle: createBeforeDestroy(),
		}), id)
	return *group.Id()
}

type replicaProps struct {
	config.Bucket
	Of       string // name of the bucket
	Home     string // region of the bucket
	Source   bucket
	Stack    string
	Boundary string                  // of the role that replicates; ARN of a policy
	Provider cdktf.TerraformProvider // of the replica's region
}

// newReplica makes a copy of a bucket in a second region, if there is one, which S3 keeps up to date.
func newReplica(scope constructs.Construct, id string, props replicaProps) bucket {
	if props.ReplicaRegion == "" {
		return bucket{}
	}
	key := replicaKey(props.KMSKeyARN, props.Home, props.ReplicaRegion)
	part := "replica"
	if props.Of != names.Models {
		part = names.ReplicaOrigin(props.Of)
	}
	b := newBucket(scope, id, bucketProps{
		Prefix:       names.BucketPrefix(props.Stack, part),
		KMSKeyARN:    key,
		Versioned:    true,
		Lifecycle:    lifecycle{Noncurrent: props.NoncurrentDays},
		ForceDestroy: props.ForceDestroy,
		Provider:     props.Provider,
	})
	role := newReplicationRole(scope, names.Of("replication", props.Of), replicationRoleProps{
		From:     props.Source,
		FromKey:  props.KMSKeyARN,
		To:       b,
		ToKey:    key,
		Stack:    props.Stack,
		Boundary: props.Boundary,
	})
	newReplication(scope, props.Of, replicationProps{From: props.Source, To: b, ToKey: key, Role: role})
	return b
}

// replicaKey returns the ARN of a multi-Region key in another region: nothing but the region differs.
func replicaKey(arn, from, to string) string {
	return strings.Replace(arn, ":"+from+":", ":"+to+":", 1)
}

type replicationProps struct {
	From, To bucket
	ToKey    string // ARN of the KMS key; empty: S3's own keys encrypt
	Role     string // ARN
}

// newReplication makes S3 copy the objects of one bucket to another.
func newReplication(scope constructs.Construct, id string, props replicationProps) {
	rename(s3replication.NewS3BucketReplicationConfigurationA(scope, jsii.String(id+"-replication"),
		&s3replication.S3BucketReplicationConfigurationAConfig{
			Bucket: jsii.String(props.From.VersionedID),
			Role:   jsii.String(props.Role),
			Rule:   []*s3replication.S3BucketReplicationConfigurationRule{replicationRule(props.To, props.ToKey)},
		}), id)
}

type (
	replicaEncryption = s3replication.S3BucketReplicationConfigurationRuleDestinationEncryptionConfiguration
	encryptedObjects  = s3replication.S3BucketReplicationConfigurationRuleSourceSelectionCriteriaSseKmsEncryptedObjects
)

// replicationRule copies every object, and also deletions: the replica must not serve a model that was withdrawn.
// A copy is encrypted as its object is, whatever the other bucket does by default, and those that KMS encrypts are
// only copied where the rule says so (Amazon S3 User Guide, Replicating encrypted objects).
func replicationRule(to bucket, key string) *s3replication.S3BucketReplicationConfigurationRule {
	rule := &s3replication.S3BucketReplicationConfigurationRule{
		Id:       jsii.String("all"),
		Status:   jsii.String("Enabled"),
		Priority: jsii.Number(0),
		Filter:   &s3replication.S3BucketReplicationConfigurationRuleFilter{Prefix: jsii.String("")},
		DeleteMarkerReplication: &s3replication.S3BucketReplicationConfigurationRuleDeleteMarkerReplication{
			Status: jsii.String("Enabled"),
		},
		Destination: &s3replication.S3BucketReplicationConfigurationRuleDestination{
			Bucket: jsii.String("arn:aws:s3:::" + to.VersionedID), // known once versioning is on, which S3 demands first
		},
	}
	if key != "" {
		rule.Destination.EncryptionConfiguration = &replicaEncryption{ReplicaKmsKeyId: jsii.String(key)}
		rule.SourceSelectionCriteria = &s3replication.S3BucketReplicationConfigurationRuleSourceSelectionCriteria{
			SseKmsEncryptedObjects: &encryptedObjects{Status: jsii.String("Enabled")},
		}
	}
	return rule
}

type replicationRoleProps struct {
	From, To       bucket
	FromKey, ToKey string // ARNs of KMS keys; empty: S3's own keys encrypt
	Stack          string
	Boundary       string // ARN of a policy
}

// newReplicationRole makes the role that S3 assumes to copy: it reads one bucket and writes the other.
func newReplicationRole(scope constructs.Construct, id string, props replicationRoleProps) string {
	allowed := []statement{
		allow("ListSource", []string{"s3:GetReplicationConfiguration", "s3:ListBucket"}, props.From.ARN),
		allow("ReadSource", []string{
			"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
		}, props.From.ARN+"/*"),
		allow("WriteReplica", []string{
			"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags",
		}, props.To.ARN+"/*"),
	}
	if props.ToKey != "" {
		allowed = append(allowed,
			allow("DecryptSource", []string{"kms:Decrypt"}, props.FromKey),
			// With a bucket key S3 also decrypts and makes data keys.
			allow("EncryptReplica", []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}, props.ToKey))
	}
	return newServiceRole(scope, id, serviceRoleProps{
		Name:     names.Short(props.Stack+"-"+id, mostRoleName),
		Service:  "s3.amazonaws.com",
		Boundary: props.Boundary,
		Allowed:  allowed,
	})
}

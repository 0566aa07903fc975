package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"ml-api-accelerator/stacks/config/declare"
)

// What AWS's console and CLI print isn't always what a field takes. These say what to write instead, or nothing.

// write says what to write.
func write(text string) string { return fmt.Sprintf(": write %q", text) }

// zoneMeant finds the id of a hosted zone.
func zoneMeant(value any) string {
	text, _ := value.(string)
	id := strings.Trim(text[strings.LastIndex(text, "/")+1:], `"'`)
	if id != text && hostedZoneID.MatchString(id) {
		return write(id)
	}
	return ""
}

// accountMeant takes the hyphens out of an account's id, which the console has, or finds it in an ARN.
func accountMeant(value any) string {
	text, _ := value.(string)
	id := strings.ReplaceAll(text, "-", "")
	if of, err := arn.Parse(text); err == nil {
		id = of.AccountID
	}
	if id != text && accountID.MatchString(id) {
		return write(id)
	}
	return ""
}

// regionMeant finds the one region that a text names, such as "US East (N. Virginia) us-east-1".
func regionMeant(value any) string {
	region, _ := value.(string)
	if strings.HasPrefix(region, "us-gov-") || strings.HasPrefix(region, "cn-") {
		return " (GovCloud and China are not supported)"
	}
	words := strings.FieldsFunc(region, func(r rune) bool { return strings.ContainsRune(" ():,;/", r) })
	words = slices.DeleteFunc(words, func(word string) bool { return !slices.Contains(regions, word) })
	if len(words) == 1 && words[0] != region {
		return write(words[0])
	}
	return ""
}

// keyID is the id of a KMS key, aliasName an alias of one, roleName the name of a role (IAM User Guide, IAM and AWS STS
// quotas, IAM name requirements), and instanceID the id of an instance of EC2.
var (
	keyID      = regexp.MustCompile(`^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	aliasName  = regexp.MustCompile(`^alias/[A-Za-z0-9/_-]{1,250}$`)
	roleName   = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	instanceID = regexp.MustCompile(`^i-([0-9a-f]{8}|[0-9a-f]{17})$`)
)

var securityGroupIDs = regexp.MustCompile(`\bsg-(?:[0-9a-f]{17}|[0-9a-f]{8})\b`)

// groupMeant finds the id of a security group, or of several.
func groupMeant(value any) string {
	text, _ := value.(string)
	switch ids := securityGroupIDs.FindAllString(text, -1); {
	case len(ids) == 1 && ids[0] != text:
		return write(ids[0])
	case len(ids) > 1:
		return ": one of the groups is enough, " + write(ids[0])[len(": "):]
	}
	return ""
}

// bucketsIn are where the name of a bucket stands in the URLs of S3 and of its console (Amazon S3 User Guide, Methods
// for accessing a bucket).
var bucketsIn = regexp.MustCompile(`^(?:https?://)?(?:` +
	`([a-z0-9-]+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:/.*)?|` +
	`s3[.-][a-z0-9.-]*amazonaws\.com/([a-z0-9-]+)(?:/.*)?|` +
	`[a-z0-9.-]*console\.aws\.amazon\.com/s3/buckets/([a-z0-9-]+)(?:[/?].*)?|` +
	`s3://([a-z0-9-]+)(?:/.*)?|arn:aws:s3:::([a-z0-9-]+)(?:/.*)?)$`)

// bucketMeant says how to name a bucket that is given as something else.
func bucketMeant(value any) string {
	text, _ := value.(string)
	if strings.Contains(text, ":accesspoint/") {
		return "; with existing, give the access point's alias, which ends with " + accessPointSuffix
	}
	if parts := bucketsIn.FindStringSubmatch(text); parts != nil {
		if name := strings.Join(parts[1:], ""); bucketName.MatchString(name) { // one of them has it
			return fmt.Sprintf("; the name alone is %q", name)
		}
	}
	return ""
}

// domainMeant finds the name of a host in a URL, or in what has a port, or as DNS has it: with a dot at its end, and
// with \052, by which Route 53 stands for a *. Of an origin it says where the rest belongs.
func domainMeant(text string, alias bool) string {
	if names := several(text, func(name string) bool { return domainFault(name, alias) == "" }); names != "" {
		return names
	}
	rest := strings.Trim(text, `"'`)
	if !strings.Contains(rest, "://") {
		rest = "https://" + rest
	}
	u, err := url.Parse(strings.Replace(rest, `\052.`, "*.", 1))
	if err != nil {
		return ""
	}
	name := strings.TrimSuffix(u.Hostname(), ".")
	if alias {
		name = strings.ToLower(name)
	}
	if name == text || domainFault(name, alias) != "" {
		return ""
	}
	hint := write(name)
	if path := strings.TrimRight(u.Path, "/"); path != "" && !alias {
		hint += fmt.Sprintf(", and %q as the path", path)
	}
	if port := u.Port(); port != "" && !alias {
		hint += ", and " + port + " as the port"
	}
	return hint
}

// several says how to write the items of a list that stand in one text.
func several(text string, ok func(item string) bool) string {
	items := declare.Items(text)
	if len(items) < 2 || slices.ContainsFunc(items, func(item string) bool { return !ok(item) }) {
		return ""
	}
	return ": write " + declare.Quoted(items)
}

// keyMeant says how to get the ARN of a key from its alias or its id.
func keyMeant(text string, got arn.ARN, state bool) string {
	id := text
	if got.Service == "kms" {
		id = got.Resource
	}
	switch {
	case strings.HasPrefix(id, "alias/aws/") && !state:
		// AWS KMS Developer Guide, AWS managed keys; CloudFront Developer Guide, Restrict access to an Amazon S3 origin, SSE-KMS.
		return "; that is a key of AWS's, whose policy nobody can change to let CloudFront use it: make a key of your own"
	case aliasName.MatchString(id):
		return fmt.Sprintf("; an alias isn't taken: aws kms describe-key --key-id %s prints the ARN of its key", id)
	case keyID.MatchString(id):
		return "; aws kms describe-key --key-id ID prints the ARN of a key"
	case state && got.Service == "kms" && strings.HasPrefix(id, "key/"):
		return "; Terraform's S3 backend takes only ids that are UUIDs of RFC 4122, as KMS makes them, or begin with mrk-: those in " +
			"AWS's documentation aren't"
	}
	return ""
}

// arnMeant says how to get the ARN that is wanted from one that AWS shows nearby.
func arnMeant(text string, got arn.ARN, shape arnShape) string {
	kind, name, _ := strings.Cut(got.Resource, "/")
	switch {
	case shape.service == "kms":
		return keyMeant(text, got, shape.resource == stateKey)
	case shape.example == roleARN.example && got.Service == "sts" && kind == "assumed-role":
		role, _, _ := strings.Cut(name, "/")
		if !roleName.MatchString(role) {
			return ""
		}
		return fmt.Sprintf("; that is a session of a role, whose own ARN aws iam get-role --role-name %s prints", role)
	case shape.service == "sns" && got.Service == "sns" && strings.Contains(got.Resource, ":"):
		return "; that is a subscription" + write(text[:strings.LastIndex(text, ":")])
	case shape.service == "secretsmanager" && got.Service == "secretsmanager" && strings.Count(got.Resource, ":") > 1:
		of := strings.SplitAfterN(text, ":", 8)[:7]
		return "; a key of a secret is named so for ECS, and here a secret is sent whole: keep the value in a secret of its own, or" +
			" name the whole of this one" + write(strings.TrimSuffix(strings.Join(of, ""), ":"))
	case shape.service == "wafv2" && strings.HasPrefix(got.Resource, "regional/"):
		return "; that one is regional, and CloudFront takes those of scope CLOUDFRONT"
	case shape.example == loadBalancerARN.example && kind == "listener":
		of := strings.Replace(text, ":listener/", ":loadbalancer/", 1)
		return "; that is a listener" + write(of[:strings.LastIndex(of, "/")])
	case shape.example == listenerARN.example && kind == "loadbalancer":
		return "; that is a load balancer, whose listeners aws elbv2 describe-listeners --load-balancer-arn ARN prints"
	}
	return ""
}

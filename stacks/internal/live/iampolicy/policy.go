// Package iampolicy derives the IAM policies for deploying and for planning a stack from the stack itself, and makes
// those for managing API keys, for querying logs and for publishing a page.
package iampolicy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/names"
)

// Policy is an IAM policy document.
type Policy struct {
	Version   string
	Statement []Statement
}

const version = "2012-10-17"

// Statement allows actions on resources.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// New returns what planning, deploying and destroying a stack takes, given the JSON that Terraform reads.
func New(synthesized []byte) (Policy, error) {
	s, b, err := parse(synthesized)
	if err != nil {
		return Policy{}, err
	}
	return s.policy(access.all, stack.inAccount, slices.Concat(b.reading(), b.writing(), s.deployRoles()))
}

// PlanRoles are the roles that planning assumes in place of the stack's; empty: none.
type PlanRoles struct{ Account, State, Zones string }

// NewForPlan returns what planning without a lock on the state takes.
func NewForPlan(synthesized []byte, roles PlanRoles) (Policy, error) {
	s, b, err := parse(synthesized)
	if err != nil {
		return Policy{}, err
	}
	return s.policy(access.reading, stack.inAccount, slices.Concat(b.reading(), roles.access(b)))
}

// NewForZones returns what the role takes that makes a stack's records in the hosted zones of another account, or, if it
// only plans, that reads them.
func NewForZones(synthesized []byte, plan bool) (Policy, error) {
	s, _, err := parse(synthesized)
	if err != nil {
		return Policy{}, err
	}
	part := access.all
	if plan {
		part = access.reading
	}
	return s.policy(part, stack.inZones, nil)
}

// policy allows a part of what the table has for those of the stack's resources that are meant, and more.
func (s stack) policy(part func(access) access, meant func(stack, object) bool, more []access) (Policy, error) {
	statements := statements{}
	for kind, named := range s.kinds() {
		entry, known := table[kind]
		if !known {
			return Policy{}, fmt.Errorf("%s: not in the policy table: add the actions with which Terraform creates, "+
				"reads, updates and deletes it to stacks/internal/live/iampolicy/table.go", kind)
		}
		for _, args := range named {
			if !meant(s, args) {
				continue
			}
			for _, a := range entry {
				statements.add(part(a), arguments{s, args})
			}
		}
	}
	for _, a := range more {
		statements.add(a, arguments{s, nil})
	}
	return statements.policy(), nil
}

// Role is what a role is made of, by the names that IAM's API has for it.
type Role struct {
	AssumeRolePolicyDocument Trust
	PolicyDocument           Policy
}

// Trust says who may assume a role.
type Trust struct {
	Version   string
	Statement []trustStatement
}

type trustStatement struct {
	Effect    string
	Principal map[string]string
	Action    string
}

// NewTrust lets one role assume another.
func NewTrust(role string) Trust {
	return Trust{version, []trustStatement{{"Allow", map[string]string{"AWS": role}, "sts:AssumeRole"}}}
}

// RolesUnbounded reports whether a policy allows writing the policies of roles that have no boundary.
func (p Policy) RolesUnbounded() bool {
	return slices.ContainsFunc(p.Statement, func(s Statement) bool {
		return slices.Contains(s.Action, "iam:PutRolePolicy") && s.Condition["StringEquals"]["iam:PermissionsBoundary"] == nil
	})
}

// MakesKeys reports whether a policy allows creating KMS keys.
func (p Policy) MakesKeys() bool {
	return slices.ContainsFunc(p.Statement, func(s Statement) bool { return slices.Contains(s.Action, "kms:CreateKey") })
}

// Limits of policy documents in characters, without white space (IAM User Guide, IAM and AWS STS quotas).
const (
	InlineLimit  = 10240 // all inline policies of a role together
	ManagedLimit = 6144  // a managed policy
)

// Split distributes the statements, in their order, to documents within a limit.
func (p Policy) Split(limit int) []Policy {
	var list []Policy
	for _, s := range p.Statement {
		last := len(list) - 1
		if last >= 0 {
			longer := Policy{p.Version, append(slices.Clone(list[last].Statement), s)}
			if longer.Length() <= limit {
				list[last] = longer
				continue
			}
		}
		list = append(list, Policy{p.Version, []Statement{s}})
	}
	return list
}

// Length is the number of characters that IAM counts.
func (p Policy) Length() int {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings only
	}
	return len(text)
}

// String returns the document as people read it.
func (p Policy) String() string { return indented(p) }

// String returns the document as people read it.
func (t Trust) String() string { return indented(t) }

// String returns both documents as people read them.
func (r Role) String() string { return indented(r) }

func indented(document any) string {
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(err) // strings only
	}
	return string(text) + "\n"
}

// statements are by Sid. All actions of one are allowed on all its resources.
type statements map[string]*statement

type statement struct {
	actions, resources set
	conditions         map[string]map[string]set // values by operator and key
}

type set map[string]bool

func (s set) add(items ...string) {
	for _, item := range items {
		s[item] = true
	}
}

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

func (list statements) add(a access, args arguments) {
	actions := strings.Fields(strings.Join([]string{a.create, a.read, a.update, a.delete}, " "))
	if len(actions) == 0 || a.when != "" && !args.has(a.when) {
		return
	}
	s := list[a.sid]
	if s == nil {
		s = &statement{set{}, set{}, map[string]map[string]set{}}
		list[a.sid] = s
	}
	s.actions.add(actions...)
	for _, arn := range strings.Fields(a.arn) {
		if filled, ok := args.fill(arn); ok {
			s.resources.add(filled)
		}
	}
	for _, l := range a.limits {
		s.limit(l.operator, l.key, l.values(args))
	}
}

func (s *statement) limit(operator, key string, values []string) {
	if len(values) == 0 {
		return
	}
	if s.conditions[operator] == nil {
		s.conditions[operator] = map[string]set{}
	}
	if s.conditions[operator][key] == nil {
		s.conditions[operator][key] = set{}
	}
	s.conditions[operator][key].add(values...)
}

func (list statements) policy() Policy {
	p := Policy{Version: version}
	for _, sid := range slices.Sorted(maps.Keys(list)) {
		made := list[sid]
		s := Statement{Sid: sid, Effect: "Allow", Action: made.actions.sorted(), Resource: made.resources.sorted()}
		for operator, keys := range made.conditions {
			if s.Condition == nil {
				s.Condition = map[string]map[string][]string{}
			}
			s.Condition[operator] = map[string][]string{}
			for key, values := range keys {
				s.Condition[operator][key] = values.sorted()
			}
		}
		p.Statement = append(p.Statement, s)
	}
	return p
}

// NewForKeys returns what changing a key value store takes (API keys, credentials, the canary's share, a pause), in one
// account or, if none is named, in any.
//
// CloudFront chooses the id of a store, and the actions on its pairs have no conditions (Service Authorization
// Reference, Amazon CloudFront KeyValueStore).
func NewForKeys(account string) Policy {
	if account == "" {
		account = "*"
	}
	stores := []string{"arn:aws:cloudfront::" + account + ":key-value-store/*"}
	return Policy{Version: version, Statement: []Statement{allow("KeyValueStores", stores,
		"cloudfront-keyvaluestore:DescribeKeyValueStore",
		"cloudfront-keyvaluestore:GetKey",
		"cloudfront-keyvaluestore:ListKeys",
		"cloudfront-keyvaluestore:UpdateKeys",
		"cloudfront:DescribeKeyValueStore",
	)}}
}

// LogQueries says which access logs are queried: a stack's, in a Region, below a prefix; no account is any.
type LogQueries struct{ Account, Region, Stack, Prefix string }

// NewForLogs returns what querying access logs with Athena takes. Its calls to Glue and S3 take the caller's
// permissions (Athena User Guide, Control access to Amazon S3 from Athena).
func NewForLogs(q LogQueries) Policy {
	if q.Account == "" {
		q.Account = "*"
	}
	in := func(service string) string { return "arn:aws:" + service + ":" + q.Region + ":" + q.Account + ":" }
	database := names.LogDatabase(q.Stack)
	bucket := "arn:aws:s3:::" + names.BucketPrefix(q.Stack, "logs") + "*"
	results := bucket + "/" + names.QueryResults + "*"
	return Policy{Version: version, Statement: []Statement{
		// Athena User Guide, Example workgroup policies. Only the console needs Athena's other read actions.
		allow("Queries", []string{in("athena") + "workgroup/" + names.LogQueries(q.Stack)},
			"athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution"),
		// A table also needs its catalog and database (Athena User Guide, Configure access to databases and tables in the
		// AWS Glue Data Catalog). With partition projection Athena shouldn't need GetPartitions, but the guide's examples
		// have it.
		allow("Table", []string{
			in("glue") + "catalog", in("glue") + "database/" + database,
			in("glue") + "table/" + database + "/" + names.LogTable,
		}, "glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"),
		// Athena User Guide, Allow access to Athena Federated Query: Example policies.
		allow("Bucket", []string{bucket}, "s3:GetBucketLocation", "s3:ListBucket"),
		allow("Logs", []string{bucket + "/" + names.DeliveredLogs(q.Prefix) + "/*"}, "s3:GetObject"),
		allow("Results", []string{results},
			"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
	}}
}

// WebPage says which page is published: that of a stack, in a bucket, whose ARN may end with a *, or be that of an access
// point, below a prefix. No account is any, and no key is S3's own.
type WebPage struct{ Account, Stack, BucketARN, Prefix, Pending, KMSKeyARN string }

// NewForWeb returns what publishing a page takes. Deleting its files takes a statement of its own. S3 compares the ETag
// of index.html only for those who may read it, and shows the checksum of an object that KMS has encrypted only to those
// who may decrypt it (Amazon S3 API Reference, PutObject and HeadObject).
func NewForWeb(w WebPage) Policy {
	if w.Account == "" {
		w.Account = "*"
	}
	files, pending := objectsIn(w.BucketARN)+w.Prefix+"*", objectsIn(w.BucketARN)+w.Pending
	objects := []string{pending, files}
	if w.Prefix == "" {
		objects = objects[1:] // which has it, too
	}
	forget := allow("Invalidate", []string{"arn:aws:cloudfront::" + w.Account + ":distribution/*"},
		"cloudfront:CreateInvalidation", "cloudfront:GetInvalidation")
	forget.Condition = map[string]map[string][]string{"StringEquals": {resourceTag: {w.Stack}}}
	p := Policy{Version: version, Statement: []Statement{
		allow("Find", []string{"*"}, "tag:GetResources"), // which knows no resources
		allow("List", []string{w.BucketARN}, "s3:ListBucket"),
		allow("Write", objects, "s3:GetObject", "s3:PutObject"),
		allow("Done", []string{pending}, "s3:DeleteObject"), allow("Prune", []string{files}, "s3:DeleteObject"), forget,
	}}
	if w.KMSKeyARN != "" {
		p.Statement = append(p.Statement, allow("Encrypt", []string{w.KMSKeyARN}, "kms:Decrypt", "kms:GenerateDataKey"))
	}
	return p
}

func allow(sid string, resources []string, actions ...string) Statement {
	return Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

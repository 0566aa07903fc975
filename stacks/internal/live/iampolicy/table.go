package iampolicy

// access is what Terraform does with one type of resource or data source, and where.
type access struct {
	sid string // of the statement that it becomes a part of
	// ARNs of the resource, separated by spaces; {name} stands for an argument (see arguments.fill), "*" for
	// all where AWS chooses the name or knows no narrower permission. A part of another resource has none:
	// the other one's entry says it.
	arn                          string
	create, read, update, delete string // actions, separated by spaces
	when                         string // the argument without which the access isn't needed
	limits                       []limit
}

// reading is the part of an access that planning takes.
func (a access) reading() access {
	return access{sid: a.sid, arn: a.arn, read: a.read, when: a.when, limits: a.limits}
}

// table is all that deploying takes, by type, in parts. The actions are those of the Service Authorization Reference.
var table = []map[string][]access{edge, buckets, operations, queries, dataSources}

// lookup returns what one type takes; a data source's begins with "data.".
func lookup(kind string) (list []access, known bool) {
	for _, part := range table {
		if list, known = part[kind]; known {
			return list, true
		}
	}
	return nil, false
}

// dataSources is the part of the table on what is only read.
var dataSources = map[string][]access{
	"data.aws_caller_identity":     nil, // everyone may ask
	"data.aws_canonical_user_id":   {{sid: "ReadAll", arn: "*", read: "s3:ListAllMyBuckets"}},
	"data.aws_iam_policy_document": nil, // Terraform's own
	"data.aws_secretsmanager_secret_version": {{sid: "Secrets", arn: "arn:aws:secretsmanager:{region}:{account}:secret:{secret_id}-??????",
		read: "secretsmanager:GetSecretValue"}},
}

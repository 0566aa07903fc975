package iampolicy

// NewForKeys returns what managing the keys of callers and the canary's share takes, in one account or, if none is
// named, in any.
//
// The id of a store is CloudFront's choice, and the actions on its pairs know no condition (Service Authorization Reference, Amazon
// CloudFront KeyValueStore).
func NewForKeys(account string) Policy {
	if account == "" {
		account = "*"
	}
	return Policy{Version: version, Statement: []Statement{allow("KeyValueStores", []string{"arn:aws:cloudfront::" + account + ":key-value-store/*"},
		"cloudfront-keyvaluestore:DescribeKeyValueStore",
		"cloudfront-keyvaluestore:GetKey",
		"cloudfront-keyvaluestore:ListKeys",
		"cloudfront-keyvaluestore:UpdateKeys",
		"cloudfront:DescribeKeyValueStore",
	)}}
}

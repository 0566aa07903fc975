package page

import "ml-api-accelerator/stacks/internal/edge/signed"

// refused is what is said of a signature (re:Post, How do I troubleshoot issues related to a signed URL or signed cookies in
// CloudFront?, for the messages; the codes are in commitdev/zero, issue 287, and
// aws-samples/amazon-cloudfront-signed-urls-using-lambda-secretsmanager, issue 8). Whether the key of an invalid signature is
// an unknown one ("InvalidKey", "Unknown Key") can't be told here: the ids of keys are AWS's to choose.
func refused(signature signed.Signature) []byte {
	code, message := "AccessDenied", "Access denied"
	if signature == signed.Missing {
		code, message = "MissingKey", "Missing Key-Pair-Id query parameter or cookie value"
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code><Message>` + message + `</Message></Error>`)
}

package awstest

import (
	"encoding/json"
	"net/http"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// refuseInUse refuses to delete what a distribution uses (ACM API Reference, DeleteCertificate; AWS WAF API Reference,
// DeleteWebACL). moto knows of no distribution.
func (s *Server) refuseInUse(call apicall.Call) *wire.Error {
	var input struct{ CertificateArn, Name, ID string }
	switch call.Name() {
	case "acm:DeleteCertificate", "wafv2:DeleteWebACL":
		if err := json.Unmarshal(call.Body, &input); err != nil {
			return &wire.Error{Status: http.StatusBadRequest, Code: "SerializationException", Message: err.Error()}
		}
	}
	switch {
	case input.CertificateArn != "" && s.cloudfront.Uses("ACMCertificateArn", input.CertificateArn):
		return &wire.Error{Status: http.StatusBadRequest, Code: "ResourceInUseException", Message: "Certificate " + input.CertificateArn + " is in use."}
	case input.ID != "" && s.cloudfront.Uses("WebACLId", "arn:aws:wafv2:us-east-1:"+AccountID+":global/webacl/"+input.Name+"/"+input.ID):
		return &wire.Error{Status: http.StatusBadRequest, Code: "WAFAssociatedItemException", Message: "The web ACL is associated with a distribution."}
	}
	return nil
}

package corrections

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

// domainNames are the CNAMEs that the world sees, and what ACM makes of them.
type domainNames struct {
	published map[string]string // values by name, as in Route 53 or elsewhere
	requested map[string]bool   // certificates that wait for their records, by ARN; false: no longer
	roles     map[string]string // by access key
}

func newDomainNames() domainNames {
	return domainNames{map[string]string{}, map[string]bool{}, map[string]string{}}
}

// Publish has the world see a CNAME, wherever its zone is.
func (c *Corrections) Publish(name, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dns.published[absolute(name)] = absolute(value)
}

func absolute(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// keepRecords remembers the CNAMEs that are made in a hosted zone. Without a change to wait for, a record takes no 15
// seconds.
func (c *Corrections) keepRecords(call apicall.Call, body []byte) []byte {
	var input struct {
		Changes []struct {
			Action string
			Record struct {
				Name, Type string
				Values     []string `xml:"ResourceRecords>ResourceRecord>Value"`
			} `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	_ = xml.Unmarshal(call.Body, &input) // moto refuses what isn't XML
	c.mu.Lock()
	for _, change := range input.Changes {
		switch name := absolute(change.Record.Name); {
		case change.Record.Type != "CNAME":
		case change.Action == "DELETE":
			delete(c.dns.published, name)
		default:
			c.dns.published[name] = absolute(strings.Join(change.Record.Values, " "))
		}
	}
	c.mu.Unlock()
	return replaced(`(?s)<ChangeInfo>.*</ChangeInfo>`, "")(c, call, body)
}

// keepRequest remembers that a certificate waits for its records.
func (c *Corrections) keepRequest(_ apicall.Call, body []byte) []byte {
	var output struct{ CertificateArn string }
	_ = json.Unmarshal(body, &output)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dns.requested[output.CertificateArn] = true
	return body
}

// certificate has a certificate wait until all its records are seen, and know which distributions use it (ACM User Guide,
// DNS validation; API Reference, CertificateDetail). Once issued, it stays so: nothing is renewed here.
func (c *Corrections) certificate(_ apicall.Call, body []byte) []byte {
	return changed(body, func(output map[string]any) {
		certificate, _ := output["Certificate"].(map[string]any)
		arn, _ := certificate["CertificateArn"].(string)
		users, _ := certificate["InUseBy"].([]any)
		for _, user := range c.CertificateUsers(arn) {
			users = append(users, user)
		}
		certificate["InUseBy"] = users
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.dns.requested[arn] {
			return
		}
		options, _ := certificate["DomainValidationOptions"].([]any)
		waits := false
		for _, option := range options {
			option, _ := option.(map[string]any)
			record, _ := option["ResourceRecord"].(map[string]any)
			name, _ := record["Name"].(string)
			value, _ := record["Value"].(string)
			if c.dns.published[absolute(name)] != absolute(value) {
				option["ValidationStatus"], waits = "PENDING_VALIDATION", true
			}
		}
		if c.dns.requested[arn] = waits; waits {
			certificate["Status"] = "PENDING_VALIDATION"
			delete(certificate, "IssuedAt")
		}
	})
}

// Waits reports whether a certificate waits for its records, as it was last described.
func (c *Corrections) Waits(certificate string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dns.requested[certificate]
}

// keepRole remembers of which role an access key is.
func (c *Corrections) keepRole(call apicall.Call, body []byte) []byte {
	var output struct {
		Key string `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	}
	form, _ := url.ParseQuery(string(call.Body))
	_ = xml.Unmarshal(body, &output)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dns.roles[output.Key] = form.Get("RoleArn")
	return body
}

// Role returns the ARN of the role that an access key is of; empty: of none.
func (c *Corrections) Role(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dns.roles[key]
}

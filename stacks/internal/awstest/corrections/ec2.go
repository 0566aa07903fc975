package corrections

import (
	"encoding/xml"
	"net/url"
	"regexp"
	"strings"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

var ruleID = regexp.MustCompile(`<securityGroupRuleId>(sgr-[0-9a-f]+)</securityGroupRuleId>`)

// keepRule remembers the description of a rule of a security group.
func (c *Corrections) keepRule(call apicall.Call, body []byte) []byte {
	form, _ := url.ParseQuery(string(call.Body))
	made := ruleID.FindSubmatch(body)
	for name := range form {
		if strings.HasSuffix(name, ".Description") && made != nil {
			c.mu.Lock()
			c.kept["description of "+string(made[1])] = []byte(form.Get(name))
			c.mu.Unlock()
		}
	}
	return body
}

func (c *Corrections) keptRules(_ apicall.Call, body []byte) []byte {
	return ruleID.ReplaceAllFunc(body, func(found []byte) []byte {
		kept := c.keptUnder("description of " + string(ruleID.FindSubmatch(found)[1]))
		if kept == nil {
			return found
		}
		var text strings.Builder
		_ = xml.EscapeText(&text, kept)
		return []byte(string(found) + "<description>" + text.String() + "</description>")
	})
}

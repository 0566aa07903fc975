package corrections

import (
	"encoding/json"
	"fmt"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
)

// keepDataProtection remembers that of a web ACL, which moto drops.
func (c *Corrections) keepDataProtection(call apicall.Call, body []byte) []byte {
	var input struct {
		Name                 string
		DataProtectionConfig json.RawMessage
	}
	if json.Unmarshal(call.Body, &input) == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept["data protection of "+input.Name] = input.DataProtectionConfig
	}
	return body
}

func (c *Corrections) keptDataProtection(_ apicall.Call, body []byte) []byte {
	var output map[string]any
	if json.Unmarshal(body, &output) != nil {
		return body
	}
	acl, _ := output["WebACL"].(map[string]any)
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := c.kept[fmt.Sprint("data protection of ", acl["Name"])]
	if kept == nil {
		return body
	}
	acl["DataProtectionConfig"] = json.RawMessage(kept)
	changed, err := json.Marshal(output)
	if err != nil {
		return body
	}
	return changed
}

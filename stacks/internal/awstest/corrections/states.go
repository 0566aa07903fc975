package corrections

import (
	"encoding/json"
	"net/http"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

func (c *Corrections) keepMachineType(call apicall.Call, body []byte) []byte {
	var input struct {
		Type string `json:"type"`
	}
	var output struct {
		StateMachineArn string `json:"stateMachineArn"`
	}
	if json.Unmarshal(call.Body, &input) == nil && json.Unmarshal(body, &output) == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.kept[output.StateMachineArn] = []byte(input.Type)
	}
	return body
}

func (c *Corrections) keptMachineType(_ apicall.Call, body []byte) []byte {
	var output map[string]any
	if json.Unmarshal(body, &output) != nil {
		return body
	}
	arn, _ := output["stateMachineArn"].(string)
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept := c.kept[arn]; len(kept) > 0 {
		output["type"] = string(kept)
	}
	changed, err := json.Marshal(output)
	if err != nil {
		return body
	}
	return changed
}

// validateStateMachine answers OK for a definition with its first state.
func validateStateMachine(_ *Corrections, w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	var input struct{ Definition string }
	var machine struct {
		StartAt string
		States  map[string]json.RawMessage
	}
	result, problems := "OK", []map[string]string{}
	err := json.Unmarshal(call.Body, &input)
	if err == nil {
		err = json.Unmarshal([]byte(input.Definition), &machine)
	}
	if _, ok := machine.States[machine.StartAt]; err != nil || !ok {
		result = "FAIL"
		problems = append(problems, map[string]string{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED",
			"message": "StartAt does not name a state", "location": "/StartAt"})
	}
	wire.WriteJSON(w, map[string]any{"result": result, "diagnostics": problems, "truncated": false}, nil)
	return true
}

func listNoVersions(_ *Corrections, w http.ResponseWriter, _ *http.Request, _ apicall.Call) bool {
	wire.WriteJSON(w, map[string]any{"stateMachineVersions": []string{}}, nil)
	return true
}

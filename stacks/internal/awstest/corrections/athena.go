package corrections

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// athenaCall is the input of a call about a workgroup or a saved query.
type athenaCall struct {
	WorkGroup, NamedQueryID string // JSON's names are found in any case
	RecursiveDeleteOption   bool
	Description             *string
	ConfigurationUpdates    map[string]any
}

func readAthenaCall(call apicall.Call) (input athenaCall) {
	_ = json.Unmarshal(call.Body, &input)
	return input
}

func (c *Corrections) athena(region, action string, input, answer any) error {
	return c.moto.JSON(region, "athena", "AmazonAthena."+action, input, answer)
}

// workgroup is one as GetWorkGroup returns it, or nil.
func (c *Corrections) workgroup(call apicall.Call, name string) map[string]any {
	var answer struct{ WorkGroup map[string]any }
	if c.athena(call.Region, "GetWorkGroup", map[string]string{"WorkGroup": name}, &answer) != nil {
		return nil
	}
	return answer.WorkGroup
}

// needWorkgroup refuses a call about a workgroup that isn't there: moto answers without one.
func (c *Corrections) needWorkgroup(w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	if name := readAthenaCall(call).WorkGroup; c.workgroup(call, name) == nil {
		refuseAthena(w, call, "WorkGroup %s is not found.", name)
		return true
	}
	return false
}

// updateWorkgroup changes a workgroup, which moto can't: it makes it anew, with the tags it had.
func (c *Corrections) updateWorkgroup(w http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	if c.needWorkgroup(w, r, call) {
		return true
	}
	input := readAthenaCall(call)
	group := c.workgroup(call, input.WorkGroup)
	configuration, _ := group["Configuration"].(map[string]any)
	updates := maps.Clone(input.ConfigurationUpdates)
	if result, changed := updates["ResultConfigurationUpdates"]; changed {
		delete(updates, "ResultConfigurationUpdates")
		updates["ResultConfiguration"] = result
	}
	if updates["RemoveBytesScannedCutoffPerQuery"] == true {
		delete(configuration, "BytesScannedCutoffPerQuery")
	}
	delete(updates, "RemoveBytesScannedCutoffPerQuery")
	maps.Copy(configuration, updates)
	if input.Description != nil {
		group["Description"] = *input.Description
	}
	err := c.athena(call.Region, "DeleteWorkGroup", map[string]string{"WorkGroup": input.WorkGroup}, &struct{}{})
	if err == nil {
		err = c.athena(call.Region, "CreateWorkGroup", map[string]any{"Name": input.WorkGroup,
			"Description": group["Description"], "Configuration": configuration}, &struct{}{})
	}
	if err != nil {
		wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusNotImplemented, Code: "NotImplemented", Message: err.Error()})
		return true
	}
	wire.WriteJSON(w, struct{}{}, nil)
	return true
}

// deleteWorkgroup refuses to delete a workgroup that isn't empty without being told to (Amazon Athena API Reference, DeleteWorkGroup;
// message as in aws-samples/coast-grafana-cost-intelligence-dashboards#9). moto deletes it without its queries.
func (c *Corrections) deleteWorkgroup(w http.ResponseWriter, r *http.Request, call apicall.Call) bool {
	if c.needWorkgroup(w, r, call) {
		return true
	}
	input := readAthenaCall(call)
	queries := c.NamedQueries(call.Region, input.WorkGroup)
	var ran struct{ QueryExecutionIds []string }
	_ = c.athena(call.Region, "ListQueryExecutions", map[string]string{"WorkGroup": input.WorkGroup}, &ran)
	if !input.RecursiveDeleteOption && len(queries)+len(ran.QueryExecutionIds) > 0 {
		refuseAthena(w, call, "WorkGroup %s is not empty", input.WorkGroup)
		return true
	}
	for _, id := range queries {
		c.forgetNamedQuery(id)
	}
	return false
}

// NamedQueries are the ids of the saved queries of a workgroup in a region.
func (c *Corrections) NamedQueries(region, workgroup string) []string {
	var answer struct{ NamedQueryIds []string }
	_ = c.athena(region, "ListNamedQueries", map[string]string{"WorkGroup": workgroup}, &answer)
	return slices.DeleteFunc(answer.NamedQueryIds, c.forgotten)
}

// forgetNamedQuery deletes a saved query, which moto can't.
func (c *Corrections) forgetNamedQuery(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept["deleted query "+id] = []byte{}
}

func (c *Corrections) forgotten(namedQuery string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept["deleted query "+namedQuery] != nil
}

func (c *Corrections) deleteNamedQuery(w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	c.forgetNamedQuery(readAthenaCall(call).NamedQueryID)
	wire.WriteJSON(w, struct{}{}, nil)
	return true
}

// needNamedQuery refuses to return a saved query that isn't there, with the message from which the provider learns it.
func (c *Corrections) needNamedQuery(w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	id := readAthenaCall(call).NamedQueryID
	err := c.athena(call.Region, "GetNamedQuery", map[string]string{"NamedQueryId": id}, &struct{}{})
	if err == nil && !c.forgotten(id) {
		return false
	}
	refuseAthena(w, call, "NamedQuery %s does not exist", id)
	return true
}

// withoutForgotten takes deleted queries out of a list.
func (c *Corrections) withoutForgotten(call apicall.Call, body []byte) []byte {
	listed, err := json.Marshal(map[string]any{"NamedQueryIds": c.NamedQueries(call.Region, readAthenaCall(call).WorkGroup)})
	if err != nil {
		return body
	}
	return listed
}

func refuseAthena(w http.ResponseWriter, call apicall.Call, format string, args ...any) {
	wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusBadRequest,
		Code: "InvalidRequestException", Message: fmt.Sprintf(format, args...)})
}

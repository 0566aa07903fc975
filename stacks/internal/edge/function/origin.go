package function

import (
	"errors"
	"slices"

	"github.com/dop251/goja"
)

// Origin is the origin that a function chose, or the two of a group with the statuses that fail over.
type Origin struct {
	IDs        []string
	FailoverOn []int
}

func (r *run) selectOrigin(call goja.FunctionCall) goja.Value {
	id, is := call.Argument(0).Export().(string)
	if !is || id == "" {
		r.throw(errors.New("selectRequestOriginById: must have the id of an origin"))
	}
	if len(call.Arguments) > 1 {
		r.throw(errors.New("selectRequestOriginById: this model doesn't know overrides"))
	}
	r.result.Origin = &Origin{IDs: []string{id}}
	return goja.Undefined()
}

// What an origin group may fail over on (Optimize high availability with CloudFront origin failover).
var failoverStatuses = []int{400, 403, 404, 416, 429, 500, 502, 503, 504}

// createGroup takes the shape of the page's example and of the code that people run: objects with an originId, and
// failoverCriteria with statusCodes. The page's text says strings, and an array; who believes it learns otherwise here.
func (r *run) createGroup(call goja.FunctionCall) goja.Value {
	var group struct {
		OriginIDs []map[string]any `json:"originIds"`
		Criteria  struct {
			StatusCodes []int `json:"statusCodes"`
		} `json:"failoverCriteria"`
	}
	if err := r.decode(call.Argument(0), &group); err != nil {
		r.throw(errors.New("createRequestOriginGroup: " + err.Error()))
	}
	origin := &Origin{FailoverOn: group.Criteria.StatusCodes}
	for _, member := range group.OriginIDs {
		id, is := member["originId"].(string)
		if !is || id == "" || len(member) != 1 {
			r.throw(errors.New("createRequestOriginGroup: must have an originId, and nothing else that this model knows, in each of originIds"))
		}
		origin.IDs = append(origin.IDs, id)
	}
	if len(origin.IDs) != 2 || origin.IDs[0] == origin.IDs[1] {
		r.throw(errors.New("createRequestOriginGroup: must have two origins"))
	}
	if len(origin.FailoverOn) == 0 {
		r.throw(errors.New("createRequestOriginGroup: must have failoverCriteria.statusCodes"))
	}
	for _, status := range origin.FailoverOn {
		if !slices.Contains(failoverStatuses, status) {
			r.throw(errors.New("createRequestOriginGroup: a status that no group fails over on"))
		}
	}
	r.result.Origin = origin
	return goja.Undefined()
}

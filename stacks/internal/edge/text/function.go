package text

import (
	"encoding/json"
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/policy"
)

// ran says which function ran and what it did; empty: none did.
func ran(d edge.Decision) string {
	f := d.Function
	switch {
	case f == nil:
		return ""
	case d.Answer != nil && d.Answer.Cause != "":
		return f.Name + ", which fails"
	case d.Answer != nil && d.Answer.Reason == "key" && d.Answer.Status == 401:
		return fmt.Sprintf("%s, which needs a known key in %s and refuses the request", f.Name, policy.HeaderName(f.Function.KeyHeader))
	case d.Answer != nil && d.Answer.Reason == "key":
		return f.Name + ", which can't look up the key"
	case d.Answer != nil:
		return f.Name + ", which answers"
	}
	var did []string
	if f.Caller != "" {
		did = append(did, "knows the caller as "+f.Caller)
	}
	if f.Function.KeyHeader != "" && f.Caller == "" {
		did = append(did, "lets a preflight pass without a key")
	}
	if f.Canary {
		did = append(did, "sends it to the canary, "+f.Function.Canary.ID)
	} else if f.Function.Canary != nil {
		did = append(did, "doesn't send it to the canary")
	}
	if len(did) == 0 {
		return f.Name
	}
	return f.Name + ", which " + strings.Join(did, " and ")
}

// whyFunction says why a function answers or fails, in the words that its caller reads if it has some.
func whyFunction(d edge.Decision) string {
	if d.Answer.Cause != "" {
		return fmt.Sprintf("the function %s fails: %s", d.Function.Name, d.Answer.Cause)
	}
	var body struct{ Error struct{ Message string } }
	if err := json.Unmarshal([]byte(d.Answer.Response.Body), &body); err == nil && body.Error.Message != "" {
		return strings.TrimSuffix(body.Error.Message, ".")
	}
	return fmt.Sprintf("the function %s answers", d.Function.Name)
}

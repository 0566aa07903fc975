package corrections

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// alarmAction is a topic that an alarm tells, in any encoding of the call.
var alarmAction = regexp.MustCompile(`arn:aws:sns:([a-z0-9-]+):\d{12}:`)

// refuseTopic refuses an alarm that tells a topic of another Region (CloudWatch API Reference, PutMetricAlarm). The
// message is as users report it, as in cds-snc/notification-terraform, pull request 128. moto takes any.
func refuseTopic(_ *Corrections, w http.ResponseWriter, _ *http.Request, call apicall.Call) bool {
	body, err := url.QueryUnescape(string(call.Body))
	if err != nil {
		body = string(call.Body) // no form
	}
	for _, topic := range alarmAction.FindAllStringSubmatch(body, -1) {
		if topic[1] != call.Region {
			wire.WriteError(w, call.Protocol, &wire.Error{Status: http.StatusBadRequest, Code: "ValidationError",
				Message: fmt.Sprintf("Invalid region %s specified. Only %s is supported.", topic[1], call.Region)})
			return true
		}
	}
	return false
}

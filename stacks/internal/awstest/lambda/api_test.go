package lambda_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/lambda"
)

// call makes a call in us-east-1 and returns its name, and the status and text of the answer.
func call(api *lambda.API, method, path, body string) (action string, status int, text string) {
	r, w := httptest.NewRequest(method, path, strings.NewReader(body)), httptest.NewRecorder()
	action = lambda.Action(r)
	api.Serve(w, r, "us-east-1", action, []byte(body))
	return action, w.Code, w.Body.String()
}

func TestFunctions(t *testing.T) {
	api := lambda.New("111122223333")
	arn := api.Create("us-east-1", "chat", "live")
	const url, policy = "/2021-10-31/functions/chat/url", "/2015-03-31/functions/chat/policy"
	for _, r := range []struct {
		method, path, body string
		action             string
		status             int
		says               string
	}{
		{"GET", url, "", "GetFunctionUrlConfig", 404, "ResourceNotFoundException"},
		{"POST", url, `{"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}`, "CreateFunctionUrlConfig", 200, `"FunctionUrl":"https://function0chat.lambda-url.us-east-1.on.aws/"`},
		{"POST", url, `{"AuthType": "NONE"}`, "CreateFunctionUrlConfig", 409, "ResourceConflictException"},
		{"PUT", url, `{"AuthType": "AWS_IAM"}`, "UpdateFunctionUrlConfig", 200, `"InvokeMode":"RESPONSE_STREAM"`},
		{"POST", url + "?Qualifier=live", `{"AuthType": "NONE"}`, "CreateFunctionUrlConfig", 200, "function0chat0live"},
		{"POST", url + "?Qualifier=next", `{"AuthType": "NONE"}`, "CreateFunctionUrlConfig", 404, "Function not found"},
		{"GET", "/2021-10-31/functions/" + arn + "/url", "", "GetFunctionUrlConfig", 200, "AWS_IAM"},
		{"GET", "/2021-10-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:chat/url", "", "GetFunctionUrlConfig", 404, "not reachable in this region"},
		{"DELETE", url + "?Qualifier=live", "", "DeleteFunctionUrlConfig", 204, ""},
		{"DELETE", url + "?Qualifier=live", "", "DeleteFunctionUrlConfig", 404, "ResourceNotFoundException"},

		{"GET", policy, "", "GetPolicy", 404, "ResourceNotFoundException"},
		{"POST", policy, `{"StatementId": "a", "Action": "lambda:InvokeFunction", "Principal": "*", "FunctionUrlAuthType": "NONE"}`, "AddPermission", 400, "FunctionUrlAuthType is only supported"},
		{"POST", policy, `{"StatementId": "a", "Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": true}`, "AddPermission", 200, "Statement"},
		{"POST", policy, `{"StatementId": "a", "Action": "lambda:InvokeFunction", "Principal": "*"}`, "AddPermission", 409, "already exists"},
		{"GET", policy, "", "GetPolicy", 200, "InvokedViaFunctionUrl"},
		{"DELETE", policy + "/b", "", "RemovePermission", 404, "not found"},
		{"DELETE", policy + "/a", "", "RemovePermission", 204, ""},
		{"GET", "/2015-03-31/functions/chat", "", "GET /2015-03-31/functions/chat", 501, "NotImplemented"},
	} {
		action, status, text := call(api, r.method, r.path, r.body)
		require.Equal(t, r.action, action, r.path)
		require.Equal(t, r.status, status, "%s %s: %s", action, r.body, text)
		require.Contains(t, text, r.says, "%s %s", action, r.body)
	}
	address, auth, mode := api.URL(arn)
	require.Equal(t, []string{"https://function0chat.lambda-url.us-east-1.on.aws/", "AWS_IAM", "RESPONSE_STREAM"}, []string{address, auth, mode})
	require.Empty(t, api.Allowed(arn))
}

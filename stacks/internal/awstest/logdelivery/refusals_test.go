package logdelivery_test

import (
	"strings"
	"testing"
)

const (
	brokenName    = "ValidationException: 1 validation error detected: Value '"
	taggedTwice   = "ConflictException: Tags can only be provided when a resource is being created, not updated."
	suffixInvalid = "ValidationException: Provided suffixPath is invalid"
)

func TestSourceRefusals(t *testing.T) {
	put := func(name, logType, resource string) string {
		return `{"name": "` + name + `", "logType": "` + logType + `", "resourceArn": "` + resource + `"}`
	}
	const pattern = `' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\w-]{1,60}$`
	long := strings.Repeat("n", 61)
	for name, row := range map[string]struct{ body, want string }{
		"a name with a dot": {put("a.b", "ACCESS_LOGS", edge), brokenName + "a.b" + pattern},
		"no name":           {put("", "ACCESS_LOGS", edge), brokenName + pattern},
		"a long name":       {put(long, "ACCESS_LOGS", edge), brokenName + long + pattern},
		"no distribution": {put("edge", "ACCESS_LOGS", edge+"X"),
			"ResourceNotFoundException: The specified resource does not exist: " + edge + "X"},
	} {
		t.Run(name, func(t *testing.T) { newCaller(around{}).requireRefused(t, "PutDeliverySource", row.body, row.want) })
	}
	t.Run("elsewhere", func(t *testing.T) {
		c := newCaller(around{})
		c.region = "eu-west-1"
		c.requireRefused(t, "PutDeliverySource", putEdge, "ValidationException: Logs of CloudFront are delivered by us-east-1, not eu-west-1")
	})
	t.Run("a second one", func(t *testing.T) {
		c := newCaller(around{})
		c.requireTaken(t, "PutDeliverySource", putEdge)
		c.requireTaken(t, "PutDeliverySource", putEdge)
		c.requireRefused(t, "PutDeliverySource", put("second", "ACCESS_LOGS", edge),
			"ConflictException: This ResourceId has already been used in another Delivery Source in this account")
		c.requireRefused(t, "PutDeliverySource", strings.Replace(putEdge, "EDGE", "OTHER", 1),
			"ConflictException: Update to existing Delivery Source with new ResourceId is not allowed. Please create a new Delivery Source instead.")
		c.requireRefused(t, "PutDeliverySource", strings.Replace(putEdge, "{", `{"tags": {"a": "b"}, `, 1), taggedTwice)
		c.requireTaken(t, "PutDeliverySource", put("second", "ACCESS_LOGS", strings.Replace(edge, "EDGE", "OTHER", 1)))
	})
}

func TestDestinationRefusals(t *testing.T) {
	c := newCaller(around{})
	c.requireTaken(t, "PutDeliveryDestination", putLogs)
	c.requireTaken(t, "PutDeliveryDestination", strings.Replace(putLogs, folder, folder+"/other", 1))
	c.requireRefused(t, "PutDeliveryDestination", strings.Replace(putLogs, "{", `{"tags": {"a": "b"}, `, 1), taggedTwice)
}

func TestDeliveryRefusals(t *testing.T) {
	suffix := func(path string) string { return `, "s3DeliveryConfiguration": {"suffixPath": "` + path + `"}` }
	long := strings.Repeat("x", 257)
	for name, row := range map[string]struct{ more, want string }{
		"an unknown field": {`, "recordFields": ["date", "x-caller"]`, "ValidationException: Record field x-caller is not supported"},
		"a long path": {suffix(long), brokenName + long +
			"' at 's3DeliveryConfiguration.suffixPath' failed to satisfy constraint: Member must have length less than or equal to 256"},
		"an unknown variable":          {suffix("{yyyy}/{month}"), suffixInvalid},
		"the variable of AWS's prefix": {suffix("{account-id}"), suffixInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCaller(around{})
			c.requireTaken(t, "PutDeliverySource", putEdge)
			c.requireTaken(t, "PutDeliveryDestination", putLogs)
			c.requireRefused(t, "CreateDelivery", createFields+row.more+"}", row.want)
			c, id := delivered(t, around{}, suffix("{yyyy}"))
			c.requireRefused(t, "UpdateDeliveryConfiguration", `{"id": "`+id+`"`+row.more+"}", row.want)
		})
	}
	t.Run("without its ends", func(t *testing.T) {
		c := newCaller(around{})
		c.requireRefused(t, "CreateDelivery", createFields+"}", "ResourceNotFoundException: Requested Delivery Source does not exist in this account.")
		c.requireTaken(t, "PutDeliverySource", putEdge)
		c.requireRefused(t, "CreateDelivery", createFields+"}", "ResourceNotFoundException: Requested Delivery Destination does not exist in this account.")
	})
}

func TestWhatIsInUseStays(t *testing.T) {
	c, id := delivered(t, around{}, "")
	c.requireRefused(t, "CreateDelivery", createFields+"}",
		"ConflictException: Delivery already exists for this Delivery Source with the same Delivery Destination Type.")
	c.requireRefused(t, "DeleteDeliverySource", `{"name": "edge"}`, "ConflictException: Cannot delete Delivery Source with existing Deliveries: "+id)
	c.requireRefused(t, "DeleteDeliveryDestination", `{"name": "logs"}`, "ConflictException: Cannot delete Delivery Destination with existing Deliveries: "+id)
	c.requireTaken(t, "DeleteDelivery", `{"id": "`+id+`"}`)
	c.requireTaken(t, "DeleteDeliverySource", `{"name": "edge"}`)
	c.requireTaken(t, "DeleteDeliveryDestination", `{"name": "logs"}`)
	for action, key := range map[string]string{"GetDelivery": "id", "GetDeliverySource": "name", "GetDeliveryDestination": "name", "DeleteDelivery": "id",
		"DeleteDeliverySource": "name", "DeleteDeliveryDestination": "name", "UpdateDeliveryConfiguration": "id"} {
		requireMissing(t, c, action, key)
	}
}

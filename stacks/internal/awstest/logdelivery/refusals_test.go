package logdelivery_test

import (
	"strings"
	"testing"
)

const suffixInvalid = "ValidationException: Provided suffixPath is invalid"

func TestSourceRefusals(t *testing.T) {
	put := func(name, resource string) string {
		return `{"name": "` + name + `", "logType": "ACCESS_LOGS", "resourceArn": "` + resource + `"}`
	}
	newCaller(around{}).requireRefused(t, "PutDeliverySource", put("edge", edge+"X"),
		"ResourceNotFoundException: The specified resource does not exist: "+edge+"X")
	t.Run("elsewhere", func(t *testing.T) {
		c := newCaller(around{})
		c.region = "eu-west-1"
		c.requireRefused(t, "PutDeliverySource", putEdge,
			"ValidationException: Logs of CloudFront are delivered by us-east-1, not eu-west-1")
	})
	t.Run("a second one", func(t *testing.T) {
		c := newCaller(around{})
		c.requireTaken(t, "PutDeliverySource", putEdge)
		c.requireTaken(t, "PutDeliverySource", putEdge)
		c.requireRefused(t, "PutDeliverySource", put("second", edge),
			"ConflictException: This ResourceId has already been used in another Delivery Source in this account")
		c.requireRefused(t, "PutDeliverySource", strings.Replace(putEdge, "EDGE", "OTHER", 1),
			"ConflictException: Update to existing Delivery Source with new ResourceId is not allowed. "+
				"Please create a new Delivery Source instead.")
		c.requireTaken(t, "PutDeliverySource", put("second", strings.Replace(edge, "EDGE", "OTHER", 1)))
	})
}

func TestDeliveryRefusals(t *testing.T) {
	suffix := func(path string) string { return `, "s3DeliveryConfiguration": {"suffixPath": "` + path + `"}` }
	for name, row := range map[string]struct{ more, want string }{
		"an unknown field": {`, "recordFields": ["date", "x-caller"]`,
			"ValidationException: Record field x-caller is not supported"},
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
		c.requireRefused(t, "CreateDelivery", createFields+"}",
			"ResourceNotFoundException: Requested Delivery Source does not exist in this account.")
		c.requireTaken(t, "PutDeliverySource", putEdge)
		c.requireRefused(t, "CreateDelivery", createFields+"}",
			"ResourceNotFoundException: Requested Delivery Destination does not exist in this account.")
	})
}

func TestFormatStays(t *testing.T) {
	c := newCaller(around{})
	c.requireTaken(t, "PutDeliveryDestination", putLogs)
	c.requireTaken(t, "PutDeliveryDestination", putLogs)
	c.requireRefused(t, "PutDeliveryDestination", strings.Replace(putLogs, `"json"`, `"parquet"`, 1),
		"ConflictException: The output format can't be updated: delete the delivery, and create another one")
	c.requireRefused(t, "PutDeliveryDestination", strings.Replace(putLogs, "{", `{"tags": {"a": "b"}, `, 1),
		"ConflictException: Tags can only be provided when a resource is being created, not updated.")
}

func TestWhatIsInUseStays(t *testing.T) {
	c, id := delivered(t, around{}, "")
	c.requireRefused(t, "CreateDelivery", createFields+"}",
		"ConflictException: Delivery already exists for this Delivery Source with the same Delivery Destination Type.")
	c.requireRefused(t, "DeleteDeliverySource", `{"name": "edge"}`,
		"ConflictException: Cannot delete Delivery Source with existing Deliveries: "+id)
	c.requireRefused(t, "DeleteDeliveryDestination", `{"name": "logs"}`,
		"ConflictException: Cannot delete Delivery Destination with existing Deliveries: "+id)
	c.requireTaken(t, "DeleteDelivery", `{"id": "`+id+`"}`)
	c.requireTaken(t, "DeleteDeliverySource", `{"name": "edge"}`)
	c.requireTaken(t, "DeleteDeliveryDestination", `{"name": "logs"}`)
	for action, key := range map[string]string{"GetDelivery": "id", "GetDeliverySource": "name", "GetDeliveryDestination": "name",
		"DeleteDelivery":       "id",
		"DeleteDeliverySource": "name", "DeleteDeliveryDestination": "name", "UpdateDeliveryConfiguration": "id"} {
		requireMissing(t, c, action, key)
	}
}

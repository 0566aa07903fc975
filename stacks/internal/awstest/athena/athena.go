// Package athena refuses what Athena and AWS Glue refuse and moto takes.
package athena

import (
	"encoding/json"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/constraint"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// workgroupName is the pattern of the Amazon Athena API Reference, CreateWorkGroup.
const workgroupName = `^[a-zA-Z0-9._-]{1,128}$`

// constraints are those of the Amazon Athena API Reference (CreateWorkGroup, WorkGroupConfiguration,
// WorkGroupConfigurationUpdates, CreateNamedQuery) and of the AWS Glue Web API Reference (DatabaseInput, TableInput,
// StorageDescriptor, Column).
var constraints = map[string][]constraint.Constraint{
	"athena:CreateWorkGroup": {
		constraint.Like("name", workgroupName),
		constraint.Size("description", 0, 1024),
		constraint.Within("configuration.bytesScannedCutoffPerQuery", 10_000_000, 7e18),
	},
	"athena:CreateNamedQuery": {
		constraint.Size("name", 1, 128),
		constraint.Size("description", 1, 1024),
		constraint.Size("database", 1, 255),
		constraint.Size("queryString", 1, 262_144),
		constraint.Like("workGroup", workgroupName),
	},
	"glue:CreateDatabase": {
		constraint.Size("databaseInput.name", 1, 255),
		constraint.Size("databaseInput.description", 0, 2048),
	},
	"glue:CreateTable": tableConstraints,
	"glue:UpdateTable": tableConstraints,
}

var tableConstraints = []constraint.Constraint{
	constraint.Size("tableInput.name", 1, 255),
	constraint.Size("tableInput.description", 0, 2048),
	constraint.Size("tableInput.storageDescriptor.location", 0, 2056),
	constraint.Size("tableInput.storageDescriptor.columns.*.name", 1, 255),
	constraint.Size("tableInput.partitionKeys.*.name", 1, 255),
}

// codes are what the services call input that breaks a constraint.
var codes = map[string]string{"athena": "InvalidRequestException", "glue": "InvalidInputException"}

// Refuse returns how a call that breaks a constraint is refused, or nil.
func Refuse(call apicall.Call) *wire.Error {
	list, known := constraints[call.Name()]
	if !known {
		return nil
	}
	var input map[string]any
	if err := json.Unmarshal(call.Body, &input); err != nil {
		return &wire.Error{Status: 400, Code: "SerializationException", Message: err.Error()}
	}
	if broken := constraint.Broken(input, "", list); broken != nil {
		return &wire.Error{Status: 400, Code: codes[call.Service], Message: constraint.Say(broken)}
	}
	return nil
}

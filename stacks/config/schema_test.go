package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/golden"
)

// editorSchema is what .vscode/settings.json gives to an editor.
const editorSchema = "../../.vscode/cdktf.schema.json"

func schemaText(t *testing.T) []byte {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(config.Schema()))
	return text.Bytes()
}

// TestEditorSchema holds the file for editors to what the schema command prints.
func TestEditorSchema(t *testing.T) {
	golden.Equal(t, editorSchema, schemaText(t), *update, updateCommand)
}

// TestSchemaAcceptsWhatTheRulesAccept validates a whole file, as an editor does.
func TestSchemaAcceptsWhatTheRulesAccept(t *testing.T) {
	require.NoError(t, validate(t, readJSON(t, everything)))
}

// TestSchemaRefuses sees that an editor marks what is of the wrong kind, out of range or no choice.
func TestSchemaRefuses(t *testing.T) {
	for name, environment := range map[string]string{
		"unknown field": `{"region": "us-east-1", "api": {"domainNmae": "a.example.com"}}`,
		"wrong type":    `{"region": "us-east-1", "api": {"httpsPort": "443"}}`,
		"out of range":  `{"region": "us-east-1", "api": {"connectionAttempts": 4}}`,
		"no choice":     `{"region": "us-east-9", "api": {}}`,
		"missing":       `{"api": {}}`,
	} {
		text := `{"context": {"accelerator": {"name": "ml-api", "state": {"bucket": "state-bucket", "region": "us-east-1"},
			"environments": {"dev": ` + environment + `}}}}`
		document, err := validator.UnmarshalJSON(bytes.NewReader([]byte(text)))
		require.NoError(t, err)
		require.Error(t, validate(t, document), name)
	}
}

func validate(t *testing.T, document any) error {
	t.Helper()
	schema, err := validator.UnmarshalJSON(bytes.NewReader(schemaText(t)))
	require.NoError(t, err)
	c := validator.NewCompiler()
	require.NoError(t, c.AddResource("schema.json", schema))
	return c.MustCompile("schema.json").Validate(document)
}

func readJSON(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	document, err := validator.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return document
}

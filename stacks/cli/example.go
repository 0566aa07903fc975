package cli

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/config/declare"
)

// exampleFiles has an environment in each file.
//
//go:embed examples/*.json
var exampleFiles embed.FS

// listedExample is an environment to paste.
type listedExample struct {
	Name        string `json:"example"`
	Description string `json:"description"`
}

// examples are those of the files, by what answers the requests.
var examples = []listedExample{
	{"minimal", "One backend, with a name and a certificate of its own"},
	{"load-balancer", "A public load balancer without a public certificate, and a domain"},
	{"private-load-balancer", "A load balancer inside a VPC, by plain HTTP"},
	{"lambda", "A Lambda function, which streams its answers"},
	{"api-gateway", "A stage of API Gateway"},
	{"several-services", "Several services behind one name, with API keys, a slow route, a public one"},
	{"existing-bucket", "Models in a bucket that you have, which is only read"},
	{"chat", "A page beside the API, such as a chat, on one name"},
	{"dns-elsewhere", "A domain whose DNS isn't Route 53"},
	{"private", "An API for your own addresses alone"},
	{"bedrock", "No server: models of Amazon Bedrock, in OpenAI's form, paid with your key"},
	{"sagemaker", "No server: a SageMaker AI endpoint, in OpenAI's form, paid with your key"},
	{"openai-compatible", "No server: any provider who speaks OpenAI's API, paid with your key"},
	{"anthropic", "No server: Anthropic's Messages API, paid with your key"},
}

// pastedAs is the name below which an example is printed: the environment that the recipes are about.
const pastedAs = "prod"

func newExample() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:        "example [NAME]",
		SuggestFor: []string{"init", "new", "template", "sample"},
		Short:      "Print a whole environment to paste into cdktf.json",
		Long: fmt.Sprintf(`Prints an environment to paste into "environments" of cdktf.json. Without a name it lists them:

%s
check then warns of each value to replace with your own. A secret that verifySecret or credential names
must be in Secrets Manager before you deploy.`, listOfExamples("  ")),
		Example: `  go run . example
  go run . example load-balancer
  go run . example several-services --json`,
		Args:              takes(0, 1, "the name of an example, or none", "example load-balancer"),
		ValidArgsFunction: completeExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				return printExample(cmd, args[0], asJSON)
			case asJSON:
				return printJSON(cmd, examples)
			}
			return printText(cmd, listOfExamples(""))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print a list of {example, description}; with a name, an object with the environment in it")
	return cmd
}

// listOfExamples has a line for each.
func listOfExamples(indent string) string {
	var list strings.Builder
	for _, e := range examples {
		fmt.Fprintf(&list, "%s%-23s%s\n", indent, e.Name, e.Description)
	}
	return list.String()
}

// printExample prints an environment as a member of the object in which it is to stand.
func printExample(cmd *cobra.Command, name string, asJSON bool) error {
	text, err := exampleNamed(name)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(cmd, map[string]json.RawMessage{pastedAs: text})
	}
	if err := printText(cmd, fmt.Sprintf("%q: %s", pastedAs, text)); err != nil {
		return err
	}
	fmt.Fprintf(warningWriter(cmd), "paste this into \"environments\" of cdktf.json, in place of %q if that is there; "+
		"then: %s check\n", pastedAs, program)
	return nil
}

func exampleNamed(name string) ([]byte, error) {
	var names []string
	for _, e := range examples {
		if e.Name == name {
			return exampleFiles.ReadFile("examples/" + name + ".json")
		}
		names = append(names, e.Name)
	}
	return nil, usageErrorf("unknown example %q%s; there are %s", name, declare.Suggestion(name, names),
		strings.Join(names, ", "))
}

// completeExamples has a shell complete the name of an example.
func completeExamples(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	if len(args) == 0 {
		for _, e := range examples {
			list = append(list, cobra.CompletionWithDesc(e.Name, e.Description))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

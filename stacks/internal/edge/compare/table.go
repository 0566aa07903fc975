package compare

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
)

const nothing = "No request is treated differently.\n"

// Text is a table for each environment, as a terminal shows it.
func Text(list []Difference) string {
	if len(list) == 0 {
		return nothing
	}
	var out bytes.Buffer
	for _, group := range byEnvironment(list) {
		fmt.Fprintln(&out, terminal.Harmless(group[0].Environment))
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "  request\tbefore\tafter")
		for _, d := range group {
			request := terminal.Harmless(d.Request)
			for i := range d.Before {
				fmt.Fprintf(table, "  %s\t%s\t%s\n", request, terminal.Harmless(d.Before[i]),
					terminal.Harmless(d.After[i]))
				request = ""
			}
		}
		_ = table.Flush() // what is written to takes everything
	}
	return out.String()
}

// Markdown is the same as GitHub shows it.
func Markdown(list []Difference) string {
	if len(list) == 0 {
		return nothing
	}
	var out strings.Builder
	for i, group := range byEnvironment(list) {
		if i > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "**%s**\n\n| request | before | after |\n|---|---|---|\n",
			format.MarkdownText(group[0].Environment))
		for _, d := range group {
			fmt.Fprintf(&out, "| %s | %s | %s |\n", format.MarkdownCode(d.Request), format.MarkdownCode(d.Before...),
				format.MarkdownCode(d.After...))
		}
	}
	return out.String()
}

func byEnvironment(list []Difference) [][]Difference {
	var groups [][]Difference
	for i, d := range list {
		if i == 0 || d.Environment != list[i-1].Environment {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], d)
	}
	return groups
}

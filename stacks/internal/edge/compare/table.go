package compare

import (
	"fmt"
	"strings"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
)

const nothing = "No request is treated differently.\n"

// widest is how long a line may get, where its words let it.
const widest = 100

// Text has the requests of each environment, and below them what was said of them before (-) and what is now (+).
func Text(list []Difference) string {
	if len(list) == 0 {
		return nothing
	}
	var out strings.Builder
	for _, group := range byEnvironment(list) {
		fmt.Fprintln(&out, terminal.Harmless(group[0].Environment))
		for _, d := range group {
			wrap(&out, "  ", said(d.Requests))
			for i := range d.Before {
				wrap(&out, "    - ", d.Before[i])
				wrap(&out, "    + ", d.After[i])
			}
		}
	}
	return out.String()
}

func wrap(out *strings.Builder, margin, text string) {
	fmt.Fprintln(out, format.Wrap(terminal.Harmless(text), margin, strings.Repeat(" ", len(margin)+2), widest))
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
			fmt.Fprintf(&out, "| %s | %s | %s |\n", format.MarkdownCode(said(d.Requests)), format.MarkdownCode(d.Before...),
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

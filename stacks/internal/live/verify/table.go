package verify

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
)

// Text returns a line for each expectation, what couldn't be judged, and a summary. The verdicts are painted.
func Text(results []Result, paint func(Verdict) string) string {
	var table, out strings.Builder
	writer := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, row := range rows(results) {
		for i := range row {
			row[i] = terminal.Harmless(row[i])
		}
		fmt.Fprintln(writer, strings.Join(row, "\t"))
	}
	_ = writer.Flush() // a builder takes everything
	for i, line := range strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n") {
		if line = strings.TrimRight(line, " "); i > 0 {
			verdict := results[i-1].Verdict
			line = paint(verdict) + strings.TrimPrefix(line, string(verdict))
		}
		out.WriteString(line + "\n")
	}
	for _, p := range problems(results, skipped) {
		out.WriteString(terminal.Harmless(p.String()) + "\n")
	}
	return out.String() + summary(results) + "\n"
}

// Markdown returns the same for GitHub, with what is broken.
func Markdown(results []Result) string {
	var out strings.Builder
	for i, row := range rows(results) {
		if i == 0 {
			fmt.Fprintf(&out, "| %s |\n|%s\n", strings.Join(row, " | "), strings.Repeat("---|", len(row)))
			continue
		}
		for j := 1; j < len(row); j++ {
			row[j] = format.MarkdownText(row[j])
		}
		if results[i-1].Verdict == Broken {
			row[0] = "**broken**"
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join(row, " | "))
	}
	out.WriteString("\n")
	for _, p := range append(Problems(results), problems(results, skipped)...) {
		fmt.Fprintf(&out, "- %s\n", format.MarkdownCode(p.String()))
	}
	return out.String() + "\n" + summary(results) + "\n"
}

// Problems returns what is broken.
func Problems(results []Result) []config.Problem {
	return problems(results, func(r Result) []config.Problem { return r.Broken })
}

func skipped(r Result) []config.Problem { return r.Skipped }

func problems(results []Result, of func(Result) []config.Problem) []config.Problem {
	var list []config.Problem
	for _, r := range results {
		list = append(list, of(r)...)
	}
	return list
}

// rows returns the cells of a table, the head first.
func rows(results []Result) [][]string {
	asked := slices.ContainsFunc(results, func(r Result) bool { return r.Direct != nil })
	list := [][]string{{"verdict", "request", "status", "first byte"}}
	if asked {
		list[0] = append(list[0], "directly")
	}
	for _, r := range results {
		row := []string{string(r.Verdict), r.Request.String(), "", times(r)}
		if r.First != nil {
			row[2] = fmt.Sprint(r.First.Status)
		}
		if asked {
			row = append(row, directly(r))
		}
		list = append(list, row)
	}
	return list
}

func times(r Result) string {
	var list []string
	for _, a := range []*Answer{r.First, r.Second} {
		if a != nil {
			list = append(list, strings.TrimSpace(a.result()+" "+took(a)))
		}
	}
	return strings.Join(list, ", ")
}

func directly(r Result) string {
	switch {
	case r.Direct == nil:
		return ""
	case r.Direct.Error != "":
		return took(r.Direct)
	}
	text, lacked := took(r.Direct), strings.Join(r.Direct.Lacked, " and ")
	if r.Direct.Status != r.First.Status {
		text = fmt.Sprintf("%d in %s", r.Direct.Status, text)
	}
	refused := r.Direct.Status == http.StatusUnauthorized || r.Direct.Status == http.StatusForbidden
	switch {
	case lacked == "":
	case refused && r.First.Status < 400:
		text += ", as it should without " + lacked
	case r.Direct.Status < 400:
		text += ", even without " + lacked
	}
	return text
}

func took(a *Answer) string {
	switch {
	case a.Error != "":
		return a.Error
	case a.Milliseconds < 1:
		return "<1 ms"
	}
	return fmt.Sprintf("%.0f ms", math.Round(a.Milliseconds))
}

// summary counts the verdicts, and what can't be seen from outside.
func summary(results []Result) string {
	verdicts, unseen, what := map[Verdict]int{}, 0, "route, origin and forwards"
	for _, r := range results {
		verdicts[r.Verdict]++
		if unseen += len(r.Unseen); slices.Contains(r.Unseen, "canary") {
			what = "route, origin, forwards and canary"
		}
	}
	line := fmt.Sprintf("%d ok, %d broken, %d skipped", verdicts[OK], verdicts[Broken], verdicts[Skipped])
	if unseen > 0 {
		line += fmt.Sprintf("; %s can't be seen from outside (%d not judged)", what, unseen)
	}
	return line
}

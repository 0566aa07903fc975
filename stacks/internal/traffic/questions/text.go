package questions

import (
	"strings"
	"unicode/utf8"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
)

// widest is how much of a cell people see: user agents and paths can be longer than a screen is wide.
const widest = 60

// Text returns an answer as a terminal shows it, with what the details in it mean.
func Text(a Answer) string {
	if len(a.Rows) == 0 {
		return "none\n"
	}
	table := [][]string{{}}
	for _, c := range a.Columns {
		table[0] = append(table[0], strings.ReplaceAll(c.Name, "_", " "))
	}
	for _, row := range a.Rows {
		var cells []string
		for i, c := range a.Columns {
			cells = append(cells, c.text(row[i]))
		}
		table = append(table, cells)
	}
	var out strings.Builder
	widths := widths(table)
	for _, cells := range table {
		for i, cell := range cells {
			if i > 0 {
				out.WriteString("  ")
			}
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch last := i == len(cells)-1; {
			case a.Columns[i].Number:
				out.WriteString(padding + cell)
			case last:
				out.WriteString(cell)
			default:
				out.WriteString(cell + padding)
			}
		}
		out.WriteString("\n")
	}
	return out.String() + legend(a)
}

func widths(table [][]string) []int {
	widths := make([]int, len(table[0]))
	for _, cells := range table {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// text is a cell without what a terminal would obey.
func (c Column) text(cell string) string {
	if cell == "" {
		return none
	}
	if c.Number {
		return terminal.Harmless(format.Grouped(cell))
	}
	shown := []rune(terminal.Harmless(cell))
	if len(shown) > widest {
		return string(shown[:widest-1]) + "…"
	}
	return string(shown)
}

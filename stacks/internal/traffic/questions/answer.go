package questions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Answer is a table of at most MaxRows rows. A cell that is "-" or empty has no value.
type Answer struct {
	Columns []Column
	Rows    [][]string
}

// Column is a column of an answer, named as in SQL.
type Column struct {
	Name   string
	Number bool // its cells are decimal numbers
}

// columns are those of an answer: first what groups have in common, then their numbers.
func columns(texts, numbers string) []Column {
	var list []Column
	for _, name := range strings.Fields(texts) {
		list = append(list, Column{Name: name})
	}
	for _, name := range strings.Fields(numbers) {
		list = append(list, Column{Name: name, Number: true})
	}
	return list
}

// MarshalJSON has an object for each row, in the order of the columns.
func (a Answer) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('[')
	for i, row := range a.Rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('{')
		for j, column := range a.Columns {
			if j > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(&out, "%q:", column.Name)
			cell, err := column.json(row[j])
			if err != nil {
				return nil, err
			}
			out.Write(cell)
		}
		out.WriteByte('}')
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

func (c Column) json(cell string) ([]byte, error) {
	switch {
	case cell == none || cell == "":
		return []byte("null"), nil
	case c.Number:
		return json.Marshal(json.Number(cell))
	}
	return json.Marshal(cell)
}

// percent is a share of a whole, to hundredths, rounded as SQL rounds.
func percent(part, whole int) string {
	return fmt.Sprintf("%.2f", math.Floor(100*(100*float64(part)/float64(whole))+0.5)/100)
}

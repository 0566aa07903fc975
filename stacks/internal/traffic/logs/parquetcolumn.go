//go:build parquet

package logs

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetColumn is a column that is being read.
type parquetColumn struct {
	index  int
	append func(to []byte, value parquet.Value) []byte // what a log of text has for it

	pages  parquet.Pages
	page   parquet.Page
	values parquet.ValueReader
	buffer [rowsAtATime]parquet.Value
	bounds [rowsAtATime + 1]int // where in the text the values begin and end
}

// newParquetColumn refuses what can't be a field of a log.
func newParquetColumn(field string, c *parquet.Column) (*parquetColumn, error) {
	if c.Leaf() && !c.Repeated() {
		if text := textOf(field, c.Type()); text != nil {
			return &parquetColumn{index: c.Index(), append: text}, nil
		}
	}
	return nil, fmt.Errorf("has a column %s of a type that isn't read: %s", c.Name(), c.Type())
}

// textOf writes values as a log of text has them; nil: it has none such. The columns of CloudFront are strings (Athena User Guide, Create a
// table for CloudFront logs in Athena using partition projection with Parquet), those of files that were made from them may be numbers.
func textOf(field string, t parquet.Type) func([]byte, parquet.Value) []byte {
	var logical any
	if l := t.LogicalType(); l != nil {
		logical = l.Value
	}
	kind := t.Kind()
	switch logical := logical.(type) {
	case nil, *format.StringType, *format.EnumType:
		if kind == parquet.ByteArray {
			return func(to []byte, v parquet.Value) []byte { return append(to, v.ByteArray()...) }
		}
	case *format.DateType:
		return func(to []byte, v parquet.Value) []byte {
			return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(to, time.DateOnly)
		}
	case *format.IntType:
		if !logical.IsSigned && kind == parquet.Int32 {
			return func(to []byte, v parquet.Value) []byte { return strconv.AppendUint(to, uint64(v.Uint32()), 10) }
		}
	default:
		return nil
	}
	switch {
	case kind == parquet.Int32 && field == "sc-status":
		return func(to []byte, v parquet.Value) []byte { return fmt.Appendf(to, "%03d", v.Int32()) }
	case kind == parquet.Int64 && field == "sc-status":
		return func(to []byte, v parquet.Value) []byte { return fmt.Appendf(to, "%03d", v.Int64()) }
	case kind == parquet.Int32:
		return func(to []byte, v parquet.Value) []byte { return strconv.AppendInt(to, int64(v.Int32()), 10) }
	case kind == parquet.Int64: // more than a signed one takes is negative here, and refused as that
		return func(to []byte, v parquet.Value) []byte { return strconv.AppendInt(to, v.Int64(), 10) }
	case kind == parquet.Float:
		return func(to []byte, v parquet.Value) []byte {
			return strconv.AppendFloat(to, float64(v.Float()), 'f', -1, 32)
		}
	case kind == parquet.Double:
		return func(to []byte, v parquet.Value) []byte { return strconv.AppendFloat(to, v.Double(), 'f', -1, 64) }
	}
	return nil
}

func (c *parquetColumn) begin(chunk parquet.ColumnChunk) { c.pages = chunk.Pages() }

func (c *parquetColumn) end() {
	c.release()
	_ = c.pages.Close() // nothing was written
}

func (c *parquetColumn) release() {
	if c.page != nil {
		parquet.Release(c.page)
	}
	c.page, c.values = nil, nil
}

// next appends the values of the next rows to a text. Of those without a value it has nothing.
func (c *parquetColumn) next(rows int, text *[]byte) error {
	c.bounds[0] = len(*text)
	for done := 0; done < rows; {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if err != nil {
				return err
			}
			c.page, c.values = page, page.Values()
		}
		n, err := c.values.ReadValues(c.buffer[:rows-done])
		for _, v := range c.buffer[:n] {
			if !v.IsNull() {
				*text = c.append(*text, v)
			}
			done++
			c.bounds[done] = len(*text)
		}
		switch {
		case errors.Is(err, io.EOF):
			c.release()
		case err != nil:
			return err
		}
	}
	return nil
}

// atEnd makes sure that there are no more values.
func (c *parquetColumn) atEnd() error {
	for c.values != nil {
		n, err := c.values.ReadValues(c.buffer[:1])
		switch {
		case n > 0:
			return errors.New(wrongNumbers)
		case errors.Is(err, io.EOF):
			c.release()
		case err != nil:
			return err
		}
	}
	return nil
}

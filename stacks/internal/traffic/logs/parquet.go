//go:build parquet

package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

const readsParquet = true

// What is in the way of reading Parquet.
const (
	notParquet   = "is no Parquet"
	endless      = "is cut off: nothing of it is counted"
	wrongNumbers = "its parts have other numbers of rows than it says"
)

// rowsAtATime are read from each column in turn.
const rowsAtATime = 256

// readParquet sends the lines of a Parquet file, some rows of a row group at a time.
func (s *source) readParquet(ctx context.Context, file *os.File, read *atomic.Int64) (err error) {
	// The module panics on some damaged files, and may follow their offsets to where there is no memory.
	debug.SetPanicOnFault(true)
	defer func() {
		if trouble := recover(); trouble != nil {
			err = damagedParquet(fmt.Errorf("%v", trouble))
		}
	}()
	size, err := parquetSize(file)
	if err != nil {
		return err
	}
	from := &countingAt{ReaderAt: file, read: read}
	defer func() { read.Add(size - from.bytes) }() // what isn't needed is passed over
	p, err := parquet.OpenFile(from, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true),
		parquet.ReadBufferSize(blockBytes))
	if err != nil {
		return damagedParquet(err)
	}
	columns, err := s.parquetColumns(p.Root())
	if err != nil {
		return err
	}
	rows := p.NumRows()
	for _, group := range p.RowGroups() {
		rows -= group.NumRows()
		if err := s.rowGroup(ctx, group, columns); err != nil {
			return damagedParquet(err)
		}
	}
	if rows != 0 {
		return damagedParquet(errors.New(wrongNumbers))
	}
	return nil
}

// parquetSize is the length of a file that begins and ends as Parquet does.
func parquetSize(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("can't be read: %w", err)
	}
	var start, end [8]byte
	if _, err := file.ReadAt(start[:], 0); err != nil || string(start[:4]) != parquetMagic {
		return 0, errors.New(notParquet)
	}
	if _, err := file.ReadAt(end[:], info.Size()-int64(len(end))); err != nil || string(end[4:]) != parquetMagic {
		return 0, errors.New(endless)
	}
	// The module would make room for as much as this says, up to 4 GB.
	if footer := int64(end[0]) | int64(end[1])<<8 | int64(end[2])<<16 | int64(end[3])<<24; footer > info.Size()-12 {
		return 0, errors.New(endless)
	}
	return info.Size(), nil
}

func damagedParquet(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("is damaged: what comes after that isn't counted: %s", text)
}

// parquetColumns are those of a file that are read, by which the values are put into lines.
func (s *source) parquetColumns(root *parquet.Column) ([]*parquetColumn, error) {
	fields := map[string]string{}
	for field := range set {
		fields[Column(field)] = field
	}
	var columns []*parquetColumn
	var header []string
	for _, c := range root.Columns() {
		field, read := fields[Column(c.Name())]
		if !read {
			continue
		}
		column, err := newParquetColumn(field, c)
		if err != nil {
			return nil, err
		}
		columns, header = append(columns, column), append(header, field)
	}
	return columns, s.setColumns(header, Column)
}

// rowGroup sends the lines of a row group.
func (s *source) rowGroup(ctx context.Context, group parquet.RowGroup, columns []*parquetColumn) error {
	chunks := group.ColumnChunks()
	for _, c := range columns {
		if chunks[c.index].NumValues() != group.NumRows() {
			return errors.New(wrongNumbers)
		}
		c.begin(chunks[c.index])
		defer c.end()
	}
	var text []byte
	for left := group.NumRows(); left > 0; {
		rows := int(min(left, rowsAtATime))
		if err := s.rows(ctx, columns, rows, &text); err != nil {
			return err
		}
		left -= int64(rows)
	}
	for _, c := range columns {
		if err := c.atEnd(); err != nil {
			return err
		}
	}
	return nil
}

// rows sends the next lines. The buffer is used again and again.
func (s *source) rows(ctx context.Context, columns []*parquetColumn, rows int, buffer *[]byte) error {
	*buffer = (*buffer)[:0]
	for _, c := range columns {
		if err := c.next(rows, buffer); err != nil {
			return err
		}
	}
	text := string(*buffer) // one for all, since pages go
	batch := make([]Line, 0, rows)
	for row := range rows {
		batch = append(batch, Line{})
		l := &batch[len(batch)-1]
		l.untimed()
		valid := true
		for i, c := range columns {
			valid = valid && s.columns.put(i, text[c.bounds[row]:c.bounds[row+1]], l)
		}
		if !valid || !s.columns.setTime(l) {
			batch = batch[:len(batch)-1]
			s.foreign++
		}
	}
	return s.send(ctx, batch)
}

// countingAt adds up what is read.
type countingAt struct {
	io.ReaderAt
	read  *atomic.Int64
	bytes int64
}

func (c *countingAt) ReadAt(p []byte, offset int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, offset)
	c.bytes += int64(n)
	c.read.Add(int64(n))
	return n, err
}

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

// textOf writes values as a log of text has them; nil: it has none such. The columns of CloudFront are strings (Athena
// User Guide, Create a table for CloudFront logs in Athena using partition projection with Parquet), those of files
// that were made from them may be numbers.
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

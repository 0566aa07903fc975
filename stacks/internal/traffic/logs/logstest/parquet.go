//go:build parquet

package logstest

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

// Options are how a Parquet file is written.
type Options struct {
	Node         func(field string) parquet.Node // of a column; nil: as CloudFront's
	Nulls        bool                            // null for what the text has "-" for
	RowsPerGroup int                             // 0: all
	PageBytes    int                             // 0: as many as the module likes
}

// Delivered is the log of a text, which begins with the lines of its version and fields or with that of its fields, as
// version 2 has it in Parquet: with columns of strings.
func Delivered(tb testing.TB, text string) []byte { return Parquet(tb, text, Options{}) }

// Parquet writes the log of a text.
func Parquet(tb testing.TB, text string, o Options) []byte {
	tb.Helper()
	_, text, found := strings.Cut(text, "#Fields: ")
	require.True(tb, found)
	header, text, _ := strings.Cut(text, "\n")
	if o.Node == nil {
		o.Node = delivered
	}
	group := parquet.Group{}
	fields := map[string]int{} // by column
	for i, field := range strings.Fields(header) {
		group[logs.Column(field)] = o.Node(field)
		fields[logs.Column(field)] = i
	}
	options := []parquet.WriterOption{parquet.NewSchema("logs", group), parquet.PageBufferSize(o.PageBytes)}
	if o.PageBytes == 0 {
		options = options[:1]
	}
	if o.RowsPerGroup > 0 {
		options = append(options, parquet.MaxRowsPerRowGroup(int64(o.RowsPerGroup)))
	}
	var to bytes.Buffer
	w := parquet.NewWriter(&to, options...)
	for line := range strings.Lines(text) {
		values := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		row := make(parquet.Row, len(fields))
		for i, column := range w.Schema().Columns() {
			row[i] = o.value(tb, group[column[0]], values[fields[column[0]]], i)
		}
		_, err := w.WriteRows([]parquet.Row{row})
		require.NoError(tb, err)
	}
	require.NoError(tb, w.Close())
	return to.Bytes()
}

func delivered(string) parquet.Node {
	return parquet.Compressed(parquet.Encoded(parquet.Optional(parquet.String()), &parquet.RLEDictionary),
		&parquet.Snappy)
}

// value is that of a text for a column.
func (o Options) value(tb testing.TB, node parquet.Node, text string, column int) parquet.Value {
	tb.Helper()
	if o.Nulls && text == "-" {
		return parquet.NullValue().Level(0, 0, column)
	}
	level := 0
	if node.Optional() {
		level = 1
	}
	switch kind := node.Type().Kind(); kind {
	case parquet.Int32, parquet.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		require.NoError(tb, err)
		if kind == parquet.Int32 {
			return parquet.Int32Value(int32(n)).Level(0, level, column)
		}
		return parquet.Int64Value(n).Level(0, level, column)
	case parquet.Float, parquet.Double:
		n, err := strconv.ParseFloat(text, 64)
		require.NoError(tb, err)
		if kind == parquet.Float {
			return parquet.FloatValue(float32(n)).Level(0, level, column)
		}
		return parquet.DoubleValue(n).Level(0, level, column)
	}
	return parquet.ByteArrayValue([]byte(text)).Level(0, level, column)
}

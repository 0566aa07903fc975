package ranges_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/edge/ranges"
)

// TestRanges of an object of 10 bytes.
func TestRanges(t *testing.T) {
	for header, want := range map[string][]ranges.Span{
		"bytes=0-2":                       {{0, 2}},
		"BYTES = 0-2 ":                    {{0, 2}},
		"bytes=5-":                        {{5, 9}},
		"bytes=-3":                        {{7, 9}},
		"bytes=-30":                       {{0, 9}},
		"bytes=8-99":                      {{8, 9}},
		"bytes=0-0,2-3,-1":                {{0, 0}, {2, 3}, {9, 9}},
		"bytes=0-1, ,\t4-5,":              {{0, 1}, {4, 5}},
		"bytes=0-1,100-200":               {{0, 1}},
		"bytes=0-99999999999999999999999": {{0, 9}},
		// There is nothing of these.
		"bytes=10-":          {},
		"bytes=-0":           {},
		"bytes=100-200,300-": {},
		// All of it is answered.
		"bytes=9-3": nil, "bytes=a-b": nil, "bytes=-": nil, "bytes=": nil, "bytes": nil, "": nil, "items=0-2": nil, "bytes=--1": nil, "bytes=-1-2": nil,
		"bytes=3": nil, "bytes=0-1;2-3": nil, "bytes=0x1-2": nil, "bytes=0-1,x": nil, "bytes=+1-2": nil, "bytes=1 - 2": nil,
		"bytes=4-5,0-1": nil, "bytes=0-4,4-5": nil, "bytes=0-4,2-3": nil, "bytes=0-,5-6": nil, "bytes=0-8,-5": nil, "bytes=-5,9-9": nil,
		"bytes=0-1,0-1": nil, "bytes=0-1, bytes=2-3": nil, "bytes=99-,-1": nil,
	} {
		var got []ranges.Span
		if r, ok := ranges.Parse(header); ok {
			if got, ok = r.Of(10); ok && got == nil {
				got = []ranges.Span{}
			}
		}
		require.Equal(t, want, got, header)
	}
}

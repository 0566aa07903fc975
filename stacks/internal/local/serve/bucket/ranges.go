package bucket

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// span is where a part begins, and how long it is.
type span struct{ start, length int64 }

// parseRange is the part of an object that a header asks for, of no length if there is none. More than one, and what isn't a
// range, is ignored: S3 answers with the whole (awslabs/aws-c-s3, issue 257; noobaa/noobaa-core, issue 9889).
func parseRange(header string, size int64) (part span, asked bool) {
	text, isBytes := strings.CutPrefix(header, "bytes=")
	first, last, found := strings.Cut(text, "-")
	if !isBytes || !found {
		return span{length: size}, false
	}
	start, hasStart := number(first)
	end, hasEnd := number(last)
	switch {
	case hasStart && (last == "" || hasEnd && start <= end):
		if last == "" {
			end = math.MaxInt64
		}
		start = min(start, size)
		return span{start, min(end, size-1) - start + 1}, true
	case first == "" && hasEnd: // the last bytes
		length := min(end, size)
		return span{size - length, length}, true
	}
	return span{length: size}, false
}

// number reads digits. What is too large for a number is as good as the largest.
func number(text string) (n int64, ok bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

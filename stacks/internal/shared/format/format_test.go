package format_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/format"
)

func TestBytes(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 KB", 99_949: "99.9 KB", 99_950: "100 KB", 999_499: "999 KB", 999_500: "1.0 MB",
		5e15: "5000 TB",
	} {
		require.Equal(t, want, format.Bytes(bytes))
	}
}

// TestWrap leaves what has no spaces as it is.
func TestWrap(t *testing.T) {
	require.Equal(t, "- one two\n  three\n  fourteenletters\n  ä ö ü x y", format.Wrap("one  two three\nfourteenletters ä ö ü x y", "- ", "  ", 11))
	require.Equal(t, "", format.Wrap("", "", "  ", 10))
}

// TestCount has one without an s.
func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files", 1000: "1,000 files"} {
		require.Equal(t, want, format.Count(n, "file"))
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", -1: "-1", -100: "-100", -999: "-999", -1000: "-1,000", -123_456: "-123,456",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		require.Equal(t, want, format.Thousands(n))
	}
}

func TestGrouped(t *testing.T) {
	for number, want := range map[string]string{
		"1000.5": "1,000.5", "-1000.25": "-1,000.25", "-0.5": "-0.5", "-100": "-100", "12": "12", "99999999999999999999": "99,999,999,999,999,999,999",
		"": "", "-": "-", "1e6": "1e6", "abcd": "abcd", "2026-01-31": "2026-01-31",
	} {
		require.Equal(t, want, format.Grouped(number))
	}
}

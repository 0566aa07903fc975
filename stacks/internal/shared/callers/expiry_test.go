package callers_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/shared/callers"
)

func TestParseExpiry(t *testing.T) {
	for text, want := range map[string]string{
		"2027-01-31": "2027-01-31T23:59:59Z",
		"2026-11-24": "2026-11-24T23:59:59Z",
		"2028-02-29": "2028-02-29T23:59:59Z",
		"1d":         "2026-11-25T12:30:15Z",
		"90d":        "2027-02-22T12:30:15Z",
		"3650d":      "2036-11-21T12:30:15Z",
	} {
		got, err := callers.ParseExpiry(text, then)
		require.NoError(t, err)
		require.Equal(t, want, got.UTC().Format(time.RFC3339))
	}
	for _, bad := range []string{"", "90", "d", "0d", "-1d", "3651d", "1.5d", "99999999999999999999d", "90h", "2027-02-30", "31.1.2027", "2027-01-31T00:00:00Z"} {
		_, err := callers.ParseExpiry(bad, then)
		require.EqualError(t, err, fmt.Sprintf("must be a day like 2027-02-24, or a number of days up to 3650, like 90d, got %q", bad))
	}
	_, err := callers.ParseExpiry("2026-11-23", then)
	require.EqualError(t, err, `must not be in the past (it is 2026-11-24 in UTC), got "2026-11-23"`)
}

func TestShare(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "5": 5, "25": 25, "100": 100, "05": 5} {
		require.NoError(t, callers.CheckShare(text))
		require.Equal(t, want, callers.Share(text))
	}
	for text, want := range map[string]int{"101": 0, "999": 0, "007": 0, "1000": 0, "-1": 0, "+5": 0, "5.5": 0, "": 0, "5%": 0, "five": 0, "5\n": 0} {
		require.ErrorContains(t, callers.CheckShare(text), "percent: must be a whole number from 0 to 100, got ")
		require.Equal(t, want, callers.Share(text), text)
	}
}

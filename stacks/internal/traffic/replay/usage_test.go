package replay

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/traffic/logs"
)

func TestInfracost(t *testing.T) {
	at := func(location string) func(*logs.Line) {
		return func(l *logs.Line) { l.Location, l.Bytes, l.SentBytes = location, gigabyte/4, gigabyte/8 }
	}
	u := NewUsage()
	u.Add([]logs.Line{
		get(0, "/", at("FRA56-P1")), get(0, "/", at("FRA2"), protocol("http")), get(0, "/", at("LHR61-C1"), protocol("ws")),
		get(0, "/", at("GRU1"), method("POST")), get(0, "/", at("GRU1"), method("POST"), result("Error", "InvalidRequestMethod")),
		get(0, "/", at("GRU1"), method("POST"), result("Error", "InvalidRequestBlocked")),
	})
	u.Add([]logs.Line{get(2*3600-1, "/", at("FRA56-P1"), method("HEAD")), get(1, "/", at("LOC1-C1")), get(1, "/", at("LOC1-C1")), get(1, "/", at("X"))})
	got, err := u.Infracost()
	require.NoError(t, err)
	want := `# Made by replay from 10 requests, 2027-01-15 08:00:00 to 2027-01-15 09:59:59 UTC, times 365 for a month of 730 hours.
version: 0.1
resource_usage:
  aws_cloudfront_distribution.edge:
    monthly_http_requests:
      europe: 730
      south_america: 0
    monthly_https_requests:
      europe: 730
      south_america: 1095
    monthly_data_transfer_to_internet_gb:
      europe: 365.000
      south_america: 273.750
    monthly_data_transfer_to_origin_gb:
      europe: 0.000
      south_america: 45.625
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	require.Equal(t, "LOC (2), X (1)", u.Elsewhere())
}

func TestInfracostOfNoKnownPlace(t *testing.T) {
	u := NewUsage()
	u.Add([]logs.Line{get(0, "/")})
	_, err := u.Infracost()
	require.EqualError(t, err, "no request is from an edge location of which the region is known")
}

func TestEachLocationIsInOneRegion(t *testing.T) {
	codes := 0
	for _, list := range regions {
		codes += len(strings.Fields(list))
	}
	require.Len(t, regionOf, codes)
}

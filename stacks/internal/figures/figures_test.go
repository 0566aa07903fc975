package figures_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/figures"
)

func TestBytes(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 KB", 99_949: "99.9 KB", 99_950: "100 KB", 999_499: "999 KB", 999_500: "1.0 MB",
		5e15: "5000 TB",
	} {
		require.Equal(t, want, figures.Bytes(bytes))
	}
}

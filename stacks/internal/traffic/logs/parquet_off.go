//go:build !parquet

package logs

import (
	"context"
	"os"
	"sync/atomic"
)

const readsParquet = false

func (s *source) readParquet(context.Context, *os.File, *atomic.Int64) error { return ErrParquet }

package store

import "sync/atomic"

// limits are how much all bodies that are being written may have.
type limits struct{ memory, disk room }

// room is a number of bytes that are left.
type room struct{ left atomic.Int64 }

func (r *room) take(n int64) bool {
	if r.left.Add(-n) >= 0 {
		return true
	}
	r.left.Add(n)
	return false
}

func (r *room) give(n int64) { r.left.Add(n) }

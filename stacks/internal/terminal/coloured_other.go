//go:build !windows

package terminal

import "os"

// coloured tells whether a terminal takes codes for colours.
func coloured(*os.File) bool { return true }

package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// coloured makes the console take codes for colours, and reports whether it can.
func coloured(file *os.File) bool {
	console, mode := windows.Handle(file.Fd()), uint32(0)
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

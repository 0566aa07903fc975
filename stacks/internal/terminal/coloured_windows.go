package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// coloured has the console take codes for colours, if it can.
func coloured(file *os.File) bool {
	console, mode := windows.Handle(file.Fd()), uint32(0)
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

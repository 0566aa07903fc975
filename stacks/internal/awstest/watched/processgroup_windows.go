package watched

import "os/exec"

// inOwnGroup does nothing: Windows has no process groups to signal.
func inOwnGroup(*exec.Cmd) {}

// killGroup ends a command; what it started ends when its standard input is closed.
func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
}

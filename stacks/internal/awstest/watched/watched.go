// Package watched runs programs that end with the test, even with one that is killed.
package watched

import "os/exec"

// Shell is what runs the watchdog.
const Shell = "sh"

// watchdog runs a program in a process group of its own that ends when the program ends or when standard input is
// closed.
const watchdog = `("$@" </dev/null; kill -9 0) & cat >/dev/null; kill -9 0`

// Command returns the command that runs a program, for Start.
func Command(program string, arguments ...string) *exec.Cmd {
	cmd := exec.Command(Shell, append([]string{"-c", watchdog, Shell, program}, arguments...)...)
	inOwnGroup(cmd)
	return cmd
}

// Start starts a command. It says once when it has ended, and stop ends it.
func Start(cmd *exec.Cmd) (ended <-chan error, stop func(), err error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	said := make(chan error, 1)
	go func() {
		said <- cmd.Wait()
		close(said)
	}()
	return said, func() {
		_ = stdin.Close()
		killGroup(cmd)
		for range said { // until it has
		}
	}, nil
}

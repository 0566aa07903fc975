package bindings

import (
	"context"
	"fmt"
	"io"
)

// Kept is a kernel that stays from one synthesis to the next, which takes a fraction of the time then. The zero value
// starts one when it is needed.
type Kept struct{ kernel *Kernel }

// Load returns the kernel, and starts one if there is none. The error is an *UnusableNode where Node.js can't be used.
func (k *Kept) Load(ctx context.Context, warn io.Writer) (*Kernel, error) {
	if k.kernel != nil {
		return k.kernel, nil
	}
	untested, err := CheckNode(ctx)
	if err != nil {
		return nil, err
	}
	if untested != "" {
		fmt.Fprintln(warn, untested)
	}
	k.kernel, err = Load(warn)
	return k.kernel, err
}

// Unload removes the kernel's temporary files, if there is one. The next Load starts another.
func (k *Kept) Unload() {
	if k.kernel != nil {
		k.kernel.Unload()
		k.kernel = nil
	}
}

package bindings

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// refusals are what systems say when they can't write or have no more of something, as Go and as Node.js tell it.
var refusals = regexp.MustCompile(`\b(?:E[A-Z]{2,}: )?(no space left on device|disk quota exceeded|read-only file system|permission denied` +
	`|operation not permitted|too many open files|cannot allocate memory|not enough memory|not enough space on the disk|file too large|input/output error)\b`)

// Explain makes one line of an error that a construct or the kernel ended with, if the system is to blame; any other error
// is returned as it is.
func (k *Kernel) Explain(err error) error {
	if refusal := refusals.FindStringSubmatch(err.Error()); refusal != nil {
		return fmt.Errorf("the temporary folder %s, where Node.js works: %s", os.TempDir(), refusal[1])
	}
	if k.runs() {
		return err
	}
	why := cause(k.stderr.text())
	if why == "" {
		why = "something killed it; it takes about 200 MB of memory"
	}
	return fmt.Errorf("%s: Node.js ended before it had made all stacks: %s", Node(), strings.TrimSuffix(why, "."))
}

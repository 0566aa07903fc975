package names

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Fingerprint is the end of a name that must change with each of the values. These have no NUL.
func Fingerprint(values ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:4])
}

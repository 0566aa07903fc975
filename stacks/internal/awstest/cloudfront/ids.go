package cloudfront

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

func shortID(prefix string) func() string {
	return func() string { return prefix + randomText(13, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") }
}

func vpcOriginID() string {
	return "vo_" + randomText(22, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

func uuid() string {
	b := randomBytes(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func canonicalUserID() string { return hex.EncodeToString(randomBytes(48)) }

func newETag() string { return shortID("E")() }

func randomText(length int, alphabet string) string {
	text := randomBytes(length)
	for i := range text {
		text[i] = alphabet[int(text[i])%len(alphabet)]
	}
	return string(text)
}

func randomBytes(length int) []byte {
	b := make([]byte, length)
	_, _ = rand.Read(b) // never fails
	return b
}

package config

import (
	"fmt"
	"regexp"
)

// Range is what AWS allows of a number, or of the length of a text.
type Range struct{ Min, Max int }

func (r Range) String() string {
	if r.Min == 0 {
		return fmt.Sprintf("at most %d", r.Max)
	}
	return fmt.Sprintf("%d to %d", r.Min, r.Max)
}

// Ranges that several fields or rules share.
var (
	ttl          = Range{0, 3_153_600_000} // 100 years (AWS CLI Reference, create-distribution, MinTTL)
	errorTTL     = Range{0, 31_536_000}
	pathLength   = Range{1, 255}
	daysKept     = Range{1, 3650}
	domainLength = Range{1, 253}
)

// What may stand in a text.
var (
	projectName     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,24}$`)
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)
	accountID       = regexp.MustCompile(`^\d{12}$`)
	bucketName      = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	tagKey          = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$`)
	tagValue        = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$`)
	domainLabel     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	headerName      = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	headerNameSized = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$")
	shortHeader     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	hostedZoneID    = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
	signerName      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	secretName      = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	pathCharacters  = regexp.MustCompile("^[A-Za-z0-9_.*$/~\"'@:+&?-]*$")
)

// What a text must do that holds one of these.
const (
	aHeaderName      = "have only letters, digits and !#$%&'*+-.^_`|~"
	aHeaderNameSized = "be named with 1 to 256 letters, digits and !#$%&'*+-.^_`|~"
	onlyPathSigns    = "have only letters, digits and _ - . * $ / ~ \" ' @ : + & ?"
	aBucketName      = "be 3 to 63 of a-z, 0-9 and -, a letter or digit first and last"
	aTagKey          = "be named with 1 to 128 letters, digits, spaces and _ . : / = + - @"
	aTagValue        = "have at most 256 letters, digits, spaces and _ . : / = + - @"
	aRegion          = "be an AWS region like us-east-1"
	beginsWithASlash = `begin with "/"`
)

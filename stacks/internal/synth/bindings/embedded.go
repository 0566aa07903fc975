package bindings

import (
	"encoding/binary"
	"errors"
	"fmt"
	_ "unsafe" // for go:linkname

	_ "github.com/cdktf/cdktf-provider-aws-go/aws/v19/jsii" // holds the tarball
)

const (
	assembly = "@cdktf/provider-aws"
	// version is that of the assembly, and equal to that of its Go module. The
	// build information would tell it too, but is empty in a test binary.
	version = "19.65.1"
)

// tarball is the npm package that the bindings embed and don't export.
//
// It must stay without a value here. If a later version renames the variable,
// this one is nil, and embedded reports it.
//
//go:linkname tarball github.com/cdktf/cdktf-provider-aws-go/aws/v19/jsii.tarball
var tarball []byte

// source is an npm package as the bindings carry it.
type source struct {
	version string
	tarball []byte
}

func embedded() (source, error) {
	if len(tarball) < 18 { // the shortest gzip file
		return source{}, errors.New("the bindings embed no tarball")
	}
	return source{version, tarball}, nil
}

// identity names the content of the tarball without reading it: a gzip file
// ends in the CRC-32 and the length of its content, and pruning checks both.
func (s source) identity() string {
	trailer := s.tarball[len(s.tarball)-8:]
	return fmt.Sprintf("%08x%08x",
		binary.LittleEndian.Uint32(trailer), binary.LittleEndian.Uint32(trailer[4:]))
}

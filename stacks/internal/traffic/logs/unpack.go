package logs

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// unpacked is what a file has, packed or not.
func unpacked(file io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(file, blockBytes)
	if magic, err := buffered.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return buffered, nil
	}
	return gzip.NewReader(buffered)
}

func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(cutOff)
	}
	return fmt.Errorf("is damaged: what comes after that isn't counted: %w", err)
}

// counting adds up what is read.
type counting struct {
	io.Reader
	read *atomic.Int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read.Add(int64(n))
	return n, err
}

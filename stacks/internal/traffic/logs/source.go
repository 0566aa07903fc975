package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
)

// Problem is what couldn't be read, by its kind.
type Problem struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
	Lines   int    `json:"lines"` // 0: not lines, but the file, or the rest of it
}

// What is in the way.
const (
	notALog      = "is no access log of CloudFront"
	foreignLines = "lines that are none of CloudFront's"
	cutOff       = "is cut off: what comes after that isn't counted"
	otherFormat  = "is %s: of version 2, only logs as Parquet and w3c are read"
	tooLong      = "has a line that is longer than CloudFront's can be: what comes after that isn't counted"
)

// How much is read at a time. A line has at most 8 KB of a URL and 20 KB of headers (Standard logging reference), of which each byte may
// be written with three.
const blockBytes, lineBytes = 64 << 10, 256 << 10

// source is a file that is being read. Its problems are there when there are no more batches.
type source struct {
	file     File
	batches  chan []Line
	problems []Problem

	asked   Columns
	columns *columns
	lacking []string // columns that are wanted
	foreign int
	begun   bool
}

// open begins to read a file. Read bytes are added up.
func open(ctx context.Context, f File, asked Columns, read *atomic.Int64) *source {
	s := &source{file: f, asked: asked, batches: make(chan []Line, 8)}
	go func() {
		defer close(s.batches)
		if err := s.read(ctx, read); err != nil {
			s.fail(err.Error())
		}
		if s.foreign > 0 {
			s.problems = append(s.problems, Problem{f.Path, foreignLines, s.foreign})
		}
	}()
	return s
}

func (s *source) fail(problem string) {
	s.problems = append(s.problems, Problem{File: s.file.Path, Problem: problem})
}

func (s *source) read(ctx context.Context, read *atomic.Int64) error {
	if s.file.unusable != "" {
		return errors.New(s.file.unusable)
	}
	file, err := os.Open(s.file.Path)
	if err != nil {
		return errors.New(cantRead(err))
	}
	defer file.Close()
	if s.file.kind == parquetFile {
		return s.readParquet(ctx, file, read)
	}
	from, err := unpacked(counting{file, read})
	if err != nil {
		return damaged(err)
	}
	block := make([]byte, blockBytes)
	kept := 0 // bytes of a line that isn't complete
	for {
		n, err := from.Read(block[kept:])
		text := block[:kept+n]
		end := bytes.LastIndexByte(text, '\n') + 1
		if stop := s.lines(ctx, string(text[:end])); stop != nil {
			return stop
		}
		kept = copy(block, text[end:])
		switch {
		case errors.Is(err, io.EOF):
			if !s.begun {
				return errors.New(notALog)
			}
			if kept > 0 {
				return errors.New(cutOff)
			}
			return nil
		case err != nil:
			return damaged(err)
		case kept == lineBytes:
			return errors.New(tooLong)
		case kept == len(block):
			block = append(block, make([]byte, len(block))...)
		}
	}
}

// lines sends the lines of a block. An error is what ends the file.
func (s *source) lines(ctx context.Context, text string) error {
	batch := make([]Line, 0, 1+len(text)/300)
	var stop error
	for text != "" && stop == nil {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if !s.begun || strings.HasPrefix(line, "#") {
			stop = s.directive(line)
			continue
		}
		if s.columns == nil {
			s.foreign++
			continue
		}
		batch = append(batch, Line{})
		l := &batch[len(batch)-1]
		l.untimed()
		if !s.columns.parse(line, l) {
			batch = batch[:len(batch)-1]
			s.foreign++
		}
	}
	if err := s.send(ctx, batch); err != nil {
		return err
	}
	return stop
}

func (s *source) send(ctx context.Context, batch []Line) error {
	if len(batch) == 0 {
		return nil
	}
	select {
	case s.batches <- batch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// directive reads a line that says what the others are. Files that were put together have them several times.
func (s *source) directive(line string) error {
	switch {
	case strings.HasPrefix(line, fieldsPrefix):
		s.begun = true // version 2 may begin with it (Configure standard logging (v2), Example access log sent to Amazon S3)
		return s.setColumns(strings.Fields(line[len(fieldsPrefix):]), func(field string) string { return field })
	case line == version:
		s.begun = true
	case strings.HasPrefix(line, versionPrefix):
		return fmt.Errorf("has version %q, not 1.0", line[len(versionPrefix):])
	case !s.begun:
		return errors.New(foreign(line))
	}
	return nil
}

// noColumns begins what is in the way of a file that lacks what is needed.
const noColumns = "has no column"

// setColumns takes the fields of a file, which its format calls something.
func (s *source) setColumns(header []string, called func(field string) string) error {
	var missing, lacking []string
	s.columns, missing, lacking = newColumns(header, s.asked)
	for i := range missing {
		missing[i] = called(missing[i])
	}
	s.lacking = append(s.lacking, lacking...)
	switch len(missing) {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%s %s, which is needed", noColumns, missing[0])
	}
	return fmt.Errorf("%ss %s, which are needed", noColumns, strings.Join(missing, ", "))
}

// foreign is what a file is whose first line isn't that of a log.
func foreign(line string) string {
	switch {
	case strings.HasPrefix(line, `{"`):
		return fmt.Sprintf(otherFormat, "JSON")
	case strings.Count(line, "\t") > 2 && !strings.HasPrefix(line, "#"):
		return fmt.Sprintf(otherFormat, "text that doesn't name its fields")
	}
	return notALog
}

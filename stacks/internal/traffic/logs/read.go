package logs

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tidwall/gjson"

	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/terminal"
)

// Progress is how far the reading is.
type Progress struct {
	Lines            int
	Read, TotalBytes int64
}

// Gaps are what logs lack: what couldn't be read, and wanted columns that some files don't have.
type Gaps struct {
	Unread  []Problem
	Lacking []string
}

// Lack says what columns are lacking; empty: none.
func (g Gaps) Lack() string {
	if len(g.Lacking) == 0 {
		return ""
	}
	return fmt.Sprintf("some of the logs have no %s: there they count as empty", strings.Join(g.Lacking, ", "))
}

// Problem is what couldn't be read, by its kind.
type Problem struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
	Lines   int    `json:"lines"` // 0: not lines, but the file, or the rest of it
}

// What is in the way.
const (
	notALog       = "is no access log of CloudFront"
	foreignLines  = "not in CloudFront's format"
	cutOff        = "is cut off: what comes after that isn't counted"
	severalLines  = "is JSON without an object in each line: jq -c puts each on one (jq -c '.[]' those of a list)"
	unnamedFields = "is text that doesn't name its fields: of version 2, only logs as JSON and w3c are read"
	tooLong       = "has a line that is longer than CloudFront's can be: what comes after that isn't counted"
)

// noColumns begins what is in the way of a file that lacks what is needed.
const noColumns = "has no column"

// Read gives the lines of files to use, some at a time, which it must not keep. The lines of an hour, of which
// CloudFront may deliver several files, come in the order of time; within a file they come as they are, which is "not
// necessarily in chronological order" (Standard log file format). It is an error if there is no line.
func Read(ctx context.Context, files []File, columns Columns, use func([]Line), tell func(Progress)) (Gaps, error) {
	var read atomic.Int64
	p := Progress{}
	for _, f := range files {
		p.TotalBytes += f.Bytes
	}
	counted := func(lines []Line) {
		use(lines)
		p.Lines += len(lines)
		p.Read = read.Load()
		tell(p)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var gaps Gaps
	groups := together(files)
	next := openAll(ctx, groups[0], columns, &read)
	for i := range groups {
		sources := next
		if i+1 < len(groups) {
			next = openAll(ctx, groups[i+1], columns, &read)
		}
		merge(ctx, sources, counted)
		if err := ctx.Err(); err != nil {
			return Gaps{}, err
		}
		for _, s := range sources {
			gaps.Unread = append(gaps.Unread, s.problems...)
			gaps.Lacking = append(gaps.Lacking, s.lacking...)
		}
		slices.Sort(gaps.Lacking)
		gaps.Lacking = slices.Compact(gaps.Lacking)
	}
	if p.Lines == 0 {
		return Gaps{}, nothing(gaps.Unread)
	}
	return gaps, nil
}

// nothing is the error of files without a line.
func nothing(problems []Problem) error {
	if len(problems) == 0 {
		return errors.New("there are no requests in the logs")
	}
	return fmt.Errorf("none of the logs could be read\n%s", strings.TrimSuffix(List(problems), "\n"))
}

func openAll(ctx context.Context, files []File, columns Columns, read *atomic.Int64) []*source {
	var list []*source
	for _, f := range files {
		list = append(list, open(ctx, f, columns, read))
	}
	return list
}

// head is the lines of a source that come next.
type head struct {
	source *source
	lines  []Line
}

// advance gets more lines if there are none; false: the source has ended.
func (h *head) advance(ctx context.Context) bool {
	if len(h.lines) > 0 {
		return true
	}
	select {
	case lines, more := <-h.source.batches:
		h.lines = lines
		return more
	case <-ctx.Done():
		return false
	}
}

// heads have the one with the earliest line first.
type heads []head

func (h heads) Len() int           { return len(h) }
func (h heads) Less(i, j int) bool { return h[i].lines[0].Time < h[j].lines[0].Time }
func (h heads) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)        { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// merge puts the lines of sources in order.
func merge(ctx context.Context, sources []*source, use func([]Line)) {
	var open heads
	for _, s := range sources {
		if h := (head{source: s}); h.advance(ctx) {
			open = append(open, h)
		}
	}
	heap.Init(&open)
	batch := make([]Line, 0, 512)
	for len(open) > 1 {
		first := &open[0]
		batch = append(batch, first.lines[0])
		if len(batch) == cap(batch) {
			use(batch)
			batch = batch[:0]
		}
		if first.lines = first.lines[1:]; first.advance(ctx) {
			heap.Fix(&open, 0)
		} else {
			heap.Pop(&open)
		}
	}
	if len(batch) > 0 {
		use(batch)
	}
	for len(open) == 1 && open[0].advance(ctx) {
		use(open[0].lines)
		open[0].lines = nil
	}
}

// How much is read at a time. A line has at most 8 KB of a URL and 20 KB of headers (Standard logging reference), of
// which each byte may be written with three.
const blockBytes, lineBytes = 64 << 10, 256 << 10

// source is a file that is being read. Its problems are there when there are no more batches.
type source struct {
	file     File
	batches  chan []Line
	problems []Problem

	asked   Columns
	columns *columns
	objects *objects // nil: it isn't JSON
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
			// An object is whole or it isn't; the last value of a line of text may be cut off.
			if last := string(block[:kept]); strings.HasPrefix(last, "{") && gjson.Valid(last) {
				if stop := s.lines(ctx, last); stop != nil {
					return stop
				}
				kept = 0
			}
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

// lines sends the lines of a block. An error is what ends the file.
func (s *source) lines(ctx context.Context, text string) error {
	batch := make([]Line, 0, 1+len(text)/300)
	var stop error
	for text != "" && stop == nil {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if !s.begun || strings.HasPrefix(line, "#") {
			stop = s.begin(line)
			if s.objects == nil || stop != nil {
				continue
			}
		}
		if s.columns == nil {
			s.foreign++
			continue
		}
		batch = append(batch, Line{})
		l := &batch[len(batch)-1]
		l.untimed()
		if !s.parse(line, l) {
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

func (s *source) parse(line string, l *Line) bool {
	if s.objects != nil {
		return s.objects.parse(line, s.columns, l)
	}
	return s.columns.parse(line, l)
}

// begin reads a line that says what the others are: a directive, or the first object of a file of JSON. Files that were
// put together have directives several times.
func (s *source) begin(line string) error {
	switch {
	case !s.begun && strings.HasPrefix(line, "{"):
		s.begun, s.objects = true, &objects{}
		header, valid := s.objects.first(line)
		if !valid {
			return errors.New(severalLines)
		}
		if len(header) == 0 {
			return errors.New(notALog)
		}
		return s.setColumns(header)
	case strings.HasPrefix(line, fieldsPrefix):
		// version 2 may begin with it (Configure standard logging (v2), Example access log sent to Amazon S3)
		s.begun = true
		return s.setColumns(strings.Fields(line[len(fieldsPrefix):]))
	case line == version:
		s.begun = true
	case strings.HasPrefix(line, versionPrefix):
		return fmt.Errorf("has version %q, not 1.0", line[len(versionPrefix):])
	case !s.begun && strings.HasPrefix(line, "["):
		return errors.New(severalLines)
	case !s.begun:
		return errors.New(foreign(line))
	}
	return nil
}

// setColumns takes the fields of a file.
func (s *source) setColumns(header []string) error {
	var missing, lacking []string
	s.columns, missing, lacking = newColumns(header, s.asked)
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
	if strings.Count(line, "\t") > 2 && !strings.HasPrefix(line, "#") {
		return unnamedFields
	}
	return notALog
}

// listed is how many problems a person wants to see.
const listed = 20

// List has a line for each problem, unless there are too many. Files that lack the same columns have one.
func List(problems []Problem) string {
	var list strings.Builder
	problems = joined(problems)
	for _, p := range problems[:min(listed, len(problems))] {
		fmt.Fprintf(&list, "  %s\n", p)
	}
	if more := len(problems) - listed; more > 0 {
		fmt.Fprintf(&list, "  and %d more\n", more)
	}
	return list.String()
}

// joined makes one problem of those of files that lack the same columns.
func joined(problems []Problem) []Problem {
	var list []Problem
	files, at := map[string]int{}, map[string]int{}
	for _, p := range problems {
		if strings.HasPrefix(p.Problem, noColumns) {
			if files[p.Problem]++; files[p.Problem] > 1 {
				continue
			}
			at[p.Problem] = len(list)
		}
		list = append(list, p)
	}
	for problem, n := range files {
		if n > 1 {
			list[at[problem]].File += fmt.Sprintf(" and %d more", n-1)
		}
	}
	return list
}

func (p Problem) String() string {
	if p.Lines > 0 {
		return terminal.Harmless(p.File + ": " + format.Count(p.Lines, "line") + " " + p.Problem)
	}
	return terminal.Harmless(p.File + ": " + p.Problem)
}

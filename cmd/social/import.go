package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// An importer imports entries of a file and counts the results.
type importer struct {
	one      func(ctx context.Context, n int, entry []byte) (imported bool, err error)
	errors   io.Writer
	progress *progress

	imported, existing, failed int
}

// openImport opens the file that a command imports, or standard input, and returns how
// many lines it has, 0 when that is not known.
func openImport(cmd *cobra.Command, args []string) (in io.ReadCloser, lines int, err error) {
	if len(args) == 0 {
		return io.NopCloser(cmd.InOrStdin()), 0, nil
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, 0, err
	}
	if lines, err = countLines(f); err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, lines, nil
}

// countLines returns the progress bar's total, and seeks to the file's start.
func countLines(f *os.File) (lines int, err error) {
	chunk := make([]byte, 64<<10)
	for {
		n, err := f.Read(chunk)
		lines += bytes.Count(chunk[:n], []byte("\n"))
		if errors.Is(err, io.EOF) {
			_, err = f.Seek(0, io.SeekStart)
			return lines, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// maxLine bounds a line, in bytes. It is far above the longest known tokens.
const maxLine = 1 << 20

var byteOrderMark = []byte("\xef\xbb\xbf")

// readLines imports the entries of a file that has a JSON object in each line.
func (i *importer) readLines(ctx context.Context, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := lines.Bytes()
		if n == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := i.add(ctx, n, line); err != nil {
				return err
			}
		}
		i.progress.add(1)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w; it and those after it were not read", n+1, err)
	}
	return nil
}

// add imports an entry that begins in line n, and counts and reports what became of it.
// It returns the context's error alone.
func (i *importer) add(ctx context.Context, n int, entry []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	imported, err := i.one(ctx, n, entry)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		i.failed++
		i.report(n, err)
	case imported:
		i.imported++
	default:
		i.existing++
	}
	return nil
}

func (i *importer) report(line int, what any) { fmt.Fprintf(i.errors, "line %d: %v\n", line, what) }

// result returns what the importer has done; would is " would be" for one that only
// checks.
func (i *importer) result(would string) string {
	return fmt.Sprintf("%d%s imported, %d existed already, %d failed", i.imported, would, i.existing, i.failed)
}

// err is the command's error after all entries were read.
func (i *importer) err() error {
	if i.failed == 0 {
		return nil
	}
	return fmt.Errorf("%d entries were not imported", i.failed)
}

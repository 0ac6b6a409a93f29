package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fmkit/fmkit/shared/adapter"
)

// maxLine bounds one line of standard input, in bytes.
const maxLine = adapter.MaxLine

// eachLine calls f with every line of r, without its line end. n counts from 1. The slice is valid until f returns.
func eachLine(ctx context.Context, r io.Reader, f func(n int, line []byte) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line = line[:0]
		for {
			part, err := b.ReadSlice('\n')
			line = append(line, part...)
			if len(line) > maxLine {
				return inputError{fmt.Errorf("standard input: line %d has more than %d bytes", n, maxLine)}
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if errors.Is(err, io.EOF) && len(line) == 0 {
				return nil
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("standard input: %w", err)
			}
			break
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if err := f(n, line); err != nil {
			return err
		}
	}
}

// lineError says which line of standard input is wrong.
func lineError(n int, err error) error {
	return inputError{fmt.Errorf("standard input: line %d: %w", n, err)}
}

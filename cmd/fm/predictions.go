package main

import (
	"fmt"
	"io"
	"os"
)

// maxPredictions bounds a file of predictions, in bytes.
const maxPredictions = 256 << 20

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{err}
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, usageError{err}
	}
	if int64(len(raw)) > limit {
		return nil, inputError{fmt.Errorf("%s: more than %d bytes", path, limit)}
	}
	return raw, nil
}

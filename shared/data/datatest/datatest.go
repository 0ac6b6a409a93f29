// Package datatest finds the real data sets that some tests read.
package datatest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path gives the path of a file or folder below the folder that FMKIT_DATA names. Without that variable the test is skipped; with it what is
// missing is a failure.
func Path(tb testing.TB, elem ...string) string {
	tb.Helper()
	root := os.Getenv("FMKIT_DATA")
	if root == "" {
		tb.Skip("FMKIT_DATA is not set")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

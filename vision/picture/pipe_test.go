//go:build unix

package picture_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// TestPipe: a pipe without a writer is refused, not waited for.
func TestPipe(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe.png")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := picture.DecodeFile(name, picture.Limits{}); !errors.Is(err, picture.ErrFormat) {
		t.Errorf("got %v, want %v", err, picture.ErrFormat)
	}
}

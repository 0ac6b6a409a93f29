//go:build !linux && !darwin && !freebsd && !openbsd && !netbsd && !dragonfly

package checkpoint

import (
	"errors"
	"os"
)

// lockFile holds a new file open. On Windows a file that a process holds open cannot be removed, so one that can
// was left behind.
func lockFile(path string) (*os.File, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, ErrLocked
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		err = ErrLocked
	}
	return f, err
}

package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrLocked: another process, or another part of this one, holds the lock.
var ErrLocked = errors.New("in use by another process")

// A Lock is held on a file until Unlock or until the process ends, however it ends.
type Lock struct{ f *os.File }

// LockFile takes the lock of the file at path, made if missing, or returns ErrLocked at once.
// The file itself means nothing: one that was left behind is no obstacle, and it is not removed.
func LockFile(path string) (*Lock, error) {
	f, err := lockFile(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("checkpoint: lock %s: %w", filepath.Base(path), err)
	}
	return &Lock{f}, nil
}

// Unlock gives the lock back.
func (l *Lock) Unlock() error { return l.f.Close() }

package trajectory

import (
	"errors"
	"fmt"
)

// ErrFormat means files that aren't a data set of episodes that we read, and ErrLimit one with episodes that are too large; both say where and why.
// ErrPanic means a panic of an environment's constructor or of a player.
var (
	ErrFormat = errors.New("trajectory: not a data set of episodes")
	ErrLimit  = errors.New("trajectory: beyond the limits")
	ErrPanic  = errors.New("trajectory: it panicked")
)

func malformed(path, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrFormat, path, fmt.Sprintf(format, args...))
}

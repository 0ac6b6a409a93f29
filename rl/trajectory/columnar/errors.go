package columnar

import (
	"errors"
	"fmt"
)

// Errors that a caller may branch on.
var (
	ErrFormat      = errors.New("columnar: malformed Parquet")
	ErrLimit       = errors.New("columnar: Parquet beyond the limits")
	ErrUnsupported = errors.New("columnar: Parquet that this package doesn't read")
	ErrColumn      = errors.New("columnar: no such column")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, args...))
}

func beyond(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrLimit, fmt.Sprintf(format, args...))
}

// guard turns a panic in f into an ErrFormat: the last line behind the checks.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = malformed("%v", p)
		}
	}()
	return f()
}

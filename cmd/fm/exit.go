package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/fmkit/fmkit/adapters/serve"
)

// Exit codes that scripts rely on.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2 // wrong usage or bad input
	exitNonFinite = 3 // the loss was not finite
	exitSIGINT    = 130
	exitSIGTERM   = 143
)

// A usageError is a wrong call: an unknown verb, flag or value.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usagef makes a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// An inputError is bad input whose error has no type of its own.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// badData marks an error of reading what the caller gave as bad input, whatever its type. It keeps nil.
func badData(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

// An interrupt is the cause of a context that a signal ended.
type interrupt struct{ signal os.Signal }

func (i interrupt) Error() string { return "stopped by " + i.signal.String() }

func (i interrupt) code() int {
	if i.signal == syscall.SIGTERM {
		return exitSIGTERM
	}
	return exitSIGINT
}

// report writes err for a person and gives the exit code.
func report(ctx context.Context, err error, stderr io.Writer) int {
	code := exitCode(ctx, err)
	if err == nil {
		return code
	}
	fmt.Fprintln(stderr, "fm:", err)
	if u := (usageError{}); errors.As(err, &u) {
		fmt.Fprintln(stderr, "fm: see fm help")
	}
	return code
}

// exitCode maps an error to the code that the program ends with.
func exitCode(ctx context.Context, err error) int {
	var stopped interrupt
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errNonFinite):
		return exitNonFinite
	case errors.Is(err, serve.ErrDrain):
		return exitFailed // the signal was not obeyed in full
	case errors.As(context.Cause(ctx), &stopped):
		return stopped.code()
	case badInput(err):
		return exitUsage
	}
	return exitFailed
}

// badInput tells errors that the caller can mend, by another flag or another file, from failures.
func badInput(err error) bool {
	var (
		usage usageError
		input inputError
	)
	if errors.As(err, &usage) || errors.As(err, &input) || errors.Is(err, fs.ErrNotExist) {
		return true
	}
	for _, is := range badInputs {
		if is(err) {
			return true
		}
	}
	return false
}

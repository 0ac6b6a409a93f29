package data

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that a caller may branch on; they arrive wrapped, most often in a *RowError.
var (
	ErrEmpty       = errors.New("no data")                     // a file, folder or field holds nothing
	ErrEncoding    = errors.New("not valid UTF-8")             // text in another encoding
	ErrTooLong     = errors.New("record is too long")          // past the limit, often an unclosed quote
	ErrTooManyBad  = errors.New("too many bad records")        // more than 1 % of the text records
	ErrOffset      = errors.New("answer is not at its offset") // a SQuAD answer_start that doesn't point at the text
	ErrUnknown     = errors.New("unknown label")               // a label outside the set the caller gave
	ErrTooFewShots = errors.New("class has too few examples")  // Shots can't find k of a class
)

// A RowError says which record of a file is wrong.
type RowError struct {
	File  string // path, or the name given for a reader
	Line  int    // 1-based line where the record or field starts, 0 when unknown
	Field string // column or key, empty when the whole record is wrong
	Err   error
}

// Error gives file:line: field: cause.
func (e *RowError) Error() string {
	var b strings.Builder
	b.WriteString("data: ")
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, ": field %q", e.Field)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap gives the cause.
func (e *RowError) Unwrap() error { return e.Err }

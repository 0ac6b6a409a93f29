package dataset

import "errors"

// Errors that a caller may branch on. They arrive wrapped, in manifests in a *data.RowError; data.ErrEmpty, data.ErrTooLong,
// data.ErrEncoding and data.ErrTooManyBad are used as in package data.
var (
	ErrLayout    = errors.New("not a layout that is read")     // Open knows no way to read the path
	ErrDuplicate = errors.New("occurs twice")                  // a picture that a list has already
	ErrPath      = errors.New("path leads out of its folder")  // an absolute path, "..", or a link to elsewhere
	ErrField     = errors.New("bad field")                     // a value of a manifest or box file that can't be meant
	ErrIDX       = errors.New("not a valid IDX file")          // bad magic, sizes that don't fit, labels without a class
	ErrCache     = errors.New("not a valid cache of pictures") // damaged, or of other pictures
)

package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// Sentinel errors. Every error about a weight file is an *Error that wraps one of these.
var (
	// ErrHeaderTooSmall: the file is shorter than the 8 bytes of the header length.
	ErrHeaderTooSmall = errors.New("file is too small for a header")
	// ErrHeaderTooLarge: the header length exceeds the limit.
	ErrHeaderTooLarge = errors.New("header is too large")
	// ErrInvalidHeaderLength: the header would end past the end of the file.
	ErrInvalidHeaderLength = errors.New("header is longer than the file")
	// ErrInvalidHeader: the header is empty or not UTF-8.
	ErrInvalidHeader = errors.New("header is empty or not UTF-8")
	// ErrInvalidHeaderStart: white space stands before the opening brace.
	ErrInvalidHeaderStart = errors.New("header does not start with {")
	// ErrHeaderJSON: the header is not one JSON object.
	ErrHeaderJSON = errors.New("header is not a JSON object")
	// ErrDuplicateName: a tensor, a field of a tensor or a metadata key occurs twice.
	ErrDuplicateName = errors.New("duplicate name")
	// ErrTensorInfo: a tensor's entry has a missing or unknown field, or its size differs from its shape.
	ErrTensorInfo = errors.New("invalid tensor entry")
	// ErrDType: the dtype is unknown.
	ErrDType = errors.New("unknown dtype")
	// ErrDTypeUnsupported: the dtype is known but not one that is computed with.
	ErrDTypeUnsupported = errors.New("unsupported dtype")
	// ErrShape: the shape is not a list of plain non-negative integers, or not the expected one.
	ErrShape = errors.New("invalid shape")
	// ErrOverflow: a number or a product of dimensions exceeds 63 bits, or a value exceeds float16.
	ErrOverflow = errors.New("overflow")
	// ErrRank: more than 8 dimensions.
	ErrRank = errors.New("too many dimensions")
	// ErrOffset: the data offsets are malformed, out of order, overlap or leave a hole.
	ErrOffset = errors.New("invalid data offsets")
	// ErrTruncated: the file ends before the last tensor does.
	ErrTruncated = errors.New("file is truncated")
	// ErrTrailingData: bytes follow the last tensor.
	ErrTrailingData = errors.New("data after the last tensor")
	// ErrMetadata: __metadata__ is not an object of strings.
	ErrMetadata = errors.New("metadata is not an object of strings")
	// ErrTooManyTensors: more than 65,536 tensors.
	ErrTooManyTensors = errors.New("too many tensors")
	// ErrName: a tensor name is empty, too long, or has control characters or a ".." segment.
	ErrName = errors.New("invalid tensor name")
	// ErrNonFinite: a value is NaN or infinite.
	ErrNonFinite = errors.New("non-finite value")
	// ErrNotRegular: the path is a folder, device, pipe or other thing that is not a regular file.
	ErrNotRegular = errors.New("not a regular file")
	// ErrPath: a shard's name is not a plain file name ending in .safetensors.
	ErrPath = errors.New("invalid shard name")
	// ErrIndex: the index of shards is malformed, too large, or says other than the shards.
	ErrIndex = errors.New("invalid index of shards")
	// ErrFormat: the file, or the only weights of a folder, are of another well-known format.
	ErrFormat = errors.New("not a safetensors file")
	// ErrMissingTensor: no tensor has the wanted name.
	ErrMissingTensor = errors.New("missing tensor")
	// ErrNotReplaceable: Save would delete something that it did not write.
	ErrNotReplaceable = errors.New("folder holds other files")
)

// An Error says what is wrong with a weight file.
type Error struct {
	File   string // base name, empty if unknown
	Tensor string // empty if the error is not about one tensor
	Detail string // got and want, may be empty
	Err    error  // a sentinel of this package or an error of the file system
}

func (e *Error) Error() string {
	s := "checkpoint: "
	if e.File != "" {
		s += e.File + ": "
	}
	if e.Tensor != "" {
		s += fmt.Sprintf("tensor %q: ", shorten(e.Tensor))
	}
	s += e.Err.Error()
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// shorten cuts a name from a file to a length fit for a message.
func shorten(name string) string {
	const most = 80
	if len(name) > most {
		return name[:most] + "..."
	}
	return name
}

// fileError wraps a file system error without the folder that the file is in.
func fileError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{File: filepath.Base(path), Err: err}
}

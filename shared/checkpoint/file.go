package checkpoint

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
)

// A File is an open safetensors file. Its methods may be called concurrently.
type File struct {
	name        string // base name for messages
	r           io.ReaderAt
	close       io.Closer
	head        *header
	data        int64 // where the data starts
	maxHeader   int64
	allowNaNInf bool
}

// An Option changes how a file is opened.
type Option func(*File)

// MaxHeader sets the largest accepted header in bytes, in OpenWeights that of the headers of all shards together and of the index:
// default 16 MiB, at most 100,000,000.
func MaxHeader(n int64) Option {
	return func(f *File) { f.maxHeader = min(n, hardMaxHeader) }
}

// AllowNonFinite lets Read return NaN and infinities. It is for tools that look at broken files.
func AllowNonFinite() Option {
	return func(f *File) { f.allowNaNInf = true }
}

// An Info describes one tensor of a file.
type Info struct {
	File  string // base name of the file, empty if unknown
	Name  string
	DType DType
	Shape []int
	Count int // number of values, the product of Shape
}

// Open opens a safetensors file and checks its header and its length. The error is an *Error.
// The caller closes the file.
func Open(path string, opts ...Option) (*File, error) { return OpenIn(OS, path, opts...) }

// OpenIn is Open on any FS.
func OpenIn(fsys FS, path string, opts ...Option) (*File, error) {
	r, size, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := parse(filepath.Base(path), r, size, opts)
	if err != nil {
		r.Close()
		return nil, err
	}
	f.close = r
	return f, nil
}

// OpenFS opens a safetensors file of fsys, for example one embedded in the program.
func OpenFS(fsys fs.FS, name string, opts ...Option) (*File, error) {
	r, size, err := openRegularFS(fsys, name)
	if err != nil {
		return nil, err
	}
	f, err := parse(path.Base(name), r, size, opts)
	if err != nil {
		r.Close()
		return nil, err
	}
	f.close = r
	return f, nil
}

// Parse reads the header of a safetensors file of size bytes. Closing the result does not close r.
func Parse(r io.ReaderAt, size int64, opts ...Option) (*File, error) {
	return parse("", r, size, opts)
}

func parse(name string, r io.ReaderAt, size int64, opts []Option) (*File, error) {
	f := settings(opts)
	f.name, f.r = name, r
	if err := f.parse(size); err != nil {
		return nil, inFile(name, err)
	}
	return f, nil
}

// settings returns a File that has nothing but what opts set.
func settings(opts []Option) *File {
	f := &File{maxHeader: defaultMaxHeader}
	for _, o := range opts {
		o(f)
	}
	return f
}

// inFile adds the name of the file to an *Error.
func inFile(name string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		e.File = name
	}
	return err
}

func (f *File) parse(size int64) error {
	start := make([]byte, max(0, min(size, magicLength)))
	if err := f.readAt(start, 0); err != nil {
		return err
	}
	var length uint64
	if size >= 8 {
		length = binary.LittleEndian.Uint64(start)
	}
	// A header length may look like the magic bytes of another format, but not one that a brace follows.
	if size < 9 || length > hardMaxHeader || start[8] != '{' {
		if other := formatOf(start); other != "" {
			return &Error{Err: ErrFormat, Detail: "it is " + other}
		}
	}
	switch {
	case size < 8:
		return &Error{Err: ErrHeaderTooSmall, Detail: fmt.Sprintf("got %d bytes, want at least 8", size)}
	case length > uint64(f.maxHeader):
		return &Error{Err: ErrHeaderTooLarge, Detail: fmt.Sprintf("got %d bytes, want at most %d", length, f.maxHeader)}
	case length > uint64(size-8):
		return &Error{Err: ErrInvalidHeaderLength, Detail: fmt.Sprintf("header of %d bytes, %d left", length, size-8)}
	}
	raw := make([]byte, length)
	if err := f.readAt(raw, 8); err != nil {
		return err
	}
	head, err := parseHeader(raw)
	if err != nil {
		return err
	}
	f.head, f.data = head, 8+int64(length)
	var end int64
	if len(head.entries) > 0 {
		end = head.entries[len(head.entries)-1].end
	}
	switch have := size - f.data; {
	case have < end:
		return &Error{Err: ErrTruncated, Detail: fmt.Sprintf("got %d bytes of data, want %d", have, end)}
	case have > end:
		return &Error{Err: ErrTrailingData, Detail: fmt.Sprintf("got %d bytes of data, want %d", have, end)}
	}
	return nil
}

// readAt fills b from offset off; a file that ends early is ErrTruncated.
func (f *File) readAt(b []byte, off int64) error {
	n, err := f.r.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{File: f.name, Err: ErrTruncated, Detail: fmt.Sprintf("it ends at byte %d while being read", off+int64(n))}
	}
	return fileError(f.name, err)
}

// Close closes what Open opened.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	if err := f.close.Close(); err != nil {
		return fileError(f.name, err)
	}
	return nil
}

// Names returns the names of all tensors in the order of their data.
func (f *File) Names() []string {
	names := make([]string, len(f.head.entries))
	for i := range names {
		names[i] = string(f.head.name(&f.head.entries[i]))
	}
	return names
}

// Metadata returns a copy of __metadata__, nil if the file has none.
func (f *File) Metadata() map[string]string {
	if !f.head.hasMeta {
		return nil
	}
	m := make(map[string]string, len(f.head.meta))
	for _, kv := range f.head.meta {
		m[string(kv[0].of(f.head.raw))] = string(kv[1].of(f.head.raw))
	}
	return m
}

// Info describes the tensor called name, or returns ErrMissingTensor.
func (f *File) Info(name string) (Info, error) {
	e := f.head.find(name)
	if e == nil {
		return Info{}, &Error{File: f.name, Tensor: name, Err: ErrMissingTensor}
	}
	return Info{File: f.name, Name: name, DType: e.dtype, Shape: f.head.shape(e), Count: int(e.values())}, nil
}

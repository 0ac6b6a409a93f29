package checkpoint

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// openRegular opens path for reading if it is a regular file on a real file system.
func openRegular(path string) (*os.File, int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0) // does not wait for a pipe's writer
	if err != nil {
		return nil, 0, fileError(path, err)
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || onPseudoFS(f)) {
		err = ErrNotRegular
	}
	if err != nil {
		f.Close()
		return nil, 0, fileError(path, err)
	}
	return f, info.Size(), nil
}

// ReadRegular reads name in fsys if it is a regular file, which opening never waits for. Of a file longer than limit it reads one byte more than that, by
// which the caller sees it. The error is an *Error.
func ReadRegular(fsys fs.FS, name string, limit int64) ([]byte, error) {
	r, size, err := openRegularFS(fsys, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.NewSectionReader(r, 0, min(size, limit+1)))
	if err != nil {
		return nil, fileError(name, err)
	}
	return raw, nil
}

// openRegularFS opens name in fsys for reading if it is a regular file.
func openRegularFS(fsys fs.FS, name string) (ReaderAtCloser, int64, error) {
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular // opening a pipe would wait for its writer
	}
	if err != nil {
		return nil, 0, fileError(name, err)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, 0, fileError(name, err)
	}
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotRegular
	}
	at, ok := f.(ReaderAtCloser)
	if err == nil && !ok {
		err = errors.New("its file system cannot read at an offset")
	}
	if err != nil {
		f.Close()
		return nil, 0, fileError(name, err)
	}
	return at, info.Size(), nil
}

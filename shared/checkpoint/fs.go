package checkpoint

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// An FS is the part of a file system that durable saving needs. OS is the real one; the tests have one that
// loses power and one whose calls fail. Errors are those of package os: a missing path is os.ErrNotExist.
type FS interface {
	// Mkdir makes a folder in an existing one.
	Mkdir(path string) error
	// Create makes a new file; one that exists is an error.
	Create(path string) (SyncWriter, error)
	// Open opens a regular file for reading and returns its size.
	Open(path string) (ReaderAtCloser, int64, error)
	// Rename moves old to a name that is free, or replaces a file by a file. Both are in one folder.
	Rename(old, new string) error
	// Exchange swaps two folders in one step, or returns errors.ErrUnsupported.
	Exchange(a, b string) error
	// Remove deletes a file or an empty folder.
	Remove(path string) error
	// List returns the names in a folder, those of subfolders with a slash at the end.
	List(path string) ([]string, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
}

// A SyncWriter is a file being written. Sync makes its content durable.
type SyncWriter interface {
	io.WriteCloser
	Sync() error
}

// A ReaderAtCloser is a file being read.
type ReaderAtCloser interface {
	io.ReaderAt
	io.Closer
}

// OS is the file system of the machine.
var OS FS = osFS{}

type osFS struct{}

func (osFS) Mkdir(path string) error  { return os.Mkdir(path, 0o755) }
func (osFS) Remove(path string) error { return os.Remove(path) }

func (osFS) Rename(old, new string) error { return os.Rename(old, new) }

func (osFS) Exchange(a, b string) error { return exchange(a, b) }

func (osFS) Create(path string) (SyncWriter, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (osFS) Open(path string) (ReaderAtCloser, int64, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, 0, err
	}
	return f, size, nil
}

func (osFS) List(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
		if e.IsDir() {
			names[i] += "/"
		}
	}
	return names, nil
}

func (osFS) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there; NTFS journals its names
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// mkdirAll makes path and its missing parents durable.
func mkdirAll(fsys FS, path string) error {
	if _, err := fsys.List(path); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(path)
	if parent == path {
		return os.ErrNotExist
	}
	if err := mkdirAll(fsys, parent); err != nil {
		return err
	}
	if err := fsys.Mkdir(path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return fsys.SyncDir(parent)
}

// removeAll deletes path and everything in it. A missing path is no error.
func removeAll(fsys FS, path string) error {
	names, err := fsys.List(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil { // a file
		return fsys.Remove(path)
	}
	for _, name := range names {
		if err := removeAll(fsys, filepath.Join(path, name)); err != nil {
			return err
		}
	}
	return fsys.Remove(path)
}

package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// An atomicFile appears at its path, whole and durable, when it is committed, and not at all otherwise.
type atomicFile struct {
	*os.File
	path string
	done bool
}

func createAtomic(path string) (*atomicFile, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	return &atomicFile{File: f, path: path}, nil
}

// commit syncs the file, gives it its name and syncs the folder.
func (a *atomicFile) commit() error {
	a.done = true
	err := errors.Join(a.Chmod(0o644), a.Sync(), a.Close())
	if err == nil {
		err = os.Rename(a.Name(), a.path)
	}
	if err != nil {
		return fmt.Errorf("data: %w", errors.Join(err, os.Remove(a.Name())))
	}
	dir, err := os.Open(filepath.Dir(a.path))
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("data: sync %s: %w", filepath.Dir(a.path), err)
	}
	return nil
}

// abort removes the file unless it was committed.
func (a *atomicFile) abort() {
	if a.done {
		return
	}
	a.done = true
	_ = a.Close()
	_ = os.Remove(a.Name())
}

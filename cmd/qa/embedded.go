package main

import (
	"embed"
	"os"
	"path/filepath"
)

//go:embed model
var model embed.FS

// folders writes the model that is part of the binary into a temporary folder, since weights are read from files, unless base is set.
func folders(base, adapter *string) (remove func(), err error) {
	if *base != "" {
		return func() {}, nil
	}
	dir, err := os.MkdirTemp("", "fmkit-")
	if err != nil {
		return nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	if err := os.CopyFS(dir, model); err != nil {
		remove()
		return nil, err
	}
	*base, *adapter = filepath.Join(dir, "model", "base"), filepath.Join(dir, "model", "adapter")
	return remove, nil
}

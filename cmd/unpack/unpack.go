// Package unpack hands the demo binaries the models that are part of them.
package unpack

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/text"
)

// Load reads the base model in the folder base. Where that is empty, it unpacks base and adapter first and sets both; see Folders.
func Load(model fs.FS, base, adapter *string) (m *text.Model, remove func(), err error) {
	if remove, err = Folders(model, base, adapter); err != nil {
		return nil, nil, err
	}
	if m, err = text.Load(*base); err != nil {
		remove()
		return nil, nil, err
	}
	return m, remove, nil
}

// Folders writes model/base and model/adapter of an embedded file system into a temporary folder, since weights are read from files, and sets base and
// adapter to them, unless base is set. The caller calls remove when it has read them.
func Folders(model fs.FS, base, adapter *string) (remove func(), err error) {
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
	if _, err := os.Stat(*adapter); err != nil {
		remove()
		return nil, fmt.Errorf("no model is part of this binary: --base and --adapter are missing")
	}
	return remove, nil
}

package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Dir is a folder being saved. What is written to it becomes visible when Save returns, all at once.
type Dir struct {
	fsys    FS
	path    string            // the temporary folder
	folders []string          // subfolders made so far, by slash-separated name
	sums    map[string]string // file name to hexadecimal SHA-256
	open    int               // files not yet closed
}

// Create makes a file in the folder, or in a subfolder of it, made where missing: name is slash-separated, as fs.ValidPath
// has it. Close syncs it; Save fails if a file is still open at the end.
func (d *Dir) Create(name string) (*FileWriter, error) {
	if !fs.ValidPath(name) || name == "." || strings.Contains(name, `\`) {
		return nil, fmt.Errorf("checkpoint: save: %q is not a file name", name)
	}
	if err := d.mkdir(path.Dir(name)); err != nil {
		return nil, fmt.Errorf("checkpoint: save: %w", err)
	}
	f, err := d.fsys.Create(filepath.Join(d.path, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: save: %w", err)
	}
	w := &FileWriter{dir: d, name: name, f: f, sum: sha256.New()}
	w.buf = bufio.NewWriterSize(f, 1<<18)
	d.open++
	return w, nil
}

// mkdir makes a subfolder and those above it.
func (d *Dir) mkdir(name string) error {
	if name == "." || slices.Contains(d.folders, name) {
		return nil
	}
	if err := d.mkdir(path.Dir(name)); err != nil {
		return err
	}
	if err := d.fsys.Mkdir(filepath.Join(d.path, filepath.FromSlash(name))); err != nil {
		return err
	}
	d.folders = append(d.folders, name)
	return nil
}

// sync makes the names in all folders durable.
func (d *Dir) sync() error {
	for _, name := range d.folders {
		if err := d.fsys.SyncDir(filepath.Join(d.path, filepath.FromSlash(name))); err != nil {
			return err
		}
	}
	return d.fsys.SyncDir(d.path)
}

// WriteFile writes a whole file.
func (d *Dir) WriteFile(name string, data []byte) error {
	w, err := d.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return errors.Join(err, w.Close())
}

// WriteTensors writes a safetensors file, as Write does.
func (d *Dir) WriteTensors(name string, tensors []Tensor, meta map[string]string) error {
	w, err := d.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(Write(w, tensors, meta), w.Close())
}

// Sums returns the hexadecimal SHA-256 of every file closed so far, by name.
func (d *Dir) Sums() map[string]string { return maps.Clone(d.sums) }

// A FileWriter writes one file of a Dir. After an error every further call fails.
type FileWriter struct {
	dir  *Dir
	name string
	f    SyncWriter
	buf  *bufio.Writer
	sum  hash.Hash
	err  error
	done bool
}

// Write implements io.Writer.
func (w *FileWriter) Write(b []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.sum.Write(b)
	n, err := w.buf.Write(b)
	if err != nil {
		w.err = fmt.Errorf("checkpoint: save: %w", err)
	}
	return n, w.err
}

// Close makes the file durable. A failed write or sync is final: nothing is tried twice.
func (w *FileWriter) Close() error {
	if w.done {
		return w.err
	}
	w.done = true
	if w.err == nil {
		if err := w.buf.Flush(); err != nil {
			w.err = fmt.Errorf("checkpoint: save: %w", err)
		} else if err := w.f.Sync(); err != nil {
			w.err = fmt.Errorf("checkpoint: save: sync: %w", err)
		}
	}
	if err := w.f.Close(); err != nil && w.err == nil {
		w.err = fmt.Errorf("checkpoint: save: %w", err)
	}
	w.dir.open--
	if w.err == nil {
		w.dir.sums[w.name] = hex.EncodeToString(w.sum.Sum(nil))
	}
	return w.err
}

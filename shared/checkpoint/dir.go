package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// A Dir is a folder being saved. What is written to it becomes visible when Save returns, all at once.
type Dir struct {
	fsys FS
	path string            // the temporary folder
	subs []string          // folders in it
	sums map[string]string // file name to hexadecimal SHA-256
	open int               // files not yet closed
}

// Create makes a file in the folder, or in a folder in it: "name" or "sub/name". Close syncs it; Save fails if a file is still open at
// the end.
func (d *Dir) Create(name string) (*FileWriter, error) {
	sub, file, nested := strings.Cut(name, "/")
	if !plain(sub) || nested && !plain(file) {
		return nil, fmt.Errorf("checkpoint: save: %q is not a file name", name)
	}
	if nested && !slices.Contains(d.subs, sub) {
		if err := d.fsys.Mkdir(filepath.Join(d.path, sub)); err != nil {
			return nil, fmt.Errorf("checkpoint: save: %w", err)
		}
		d.subs = append(d.subs, sub)
	}
	f, err := d.fsys.Create(filepath.Join(d.path, name))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: save: %w", err)
	}
	w := &FileWriter{dir: d, name: name, f: f, sum: sha256.New()}
	w.buf = bufio.NewWriterSize(f, 1<<18)
	d.open++
	return w, nil
}

// plain says whether a name is one of a file or folder, without a path.
func plain(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, `/\`)
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

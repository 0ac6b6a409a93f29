package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// maxRecord bounds one record of a manifest, in bytes: a longer one is almost always an unclosed quote.
const maxRecord = 1 << 20

// maxSide bounds coordinates of boxes, in pixels.
const maxSide = 1 << 16

// A row is one picture in a manifest, of either kind; paths are relative to the manifest, with slashes.
type row struct {
	Path     string `json:"path"`
	Template string `json:"template,omitempty"`
	Label    string `json:"label"`
	Mask     string `json:"mask,omitempty"`
	Boxes    []Box  `json:"boxes,omitempty"`
	Group    string `json:"group,omitempty"`
	Split    string `json:"split,omitempty"`

	line int
}

// check cleans the paths of r. It says what is wrong with it, and with which field; what needs no file to know.
func (r *row) check() (field string, err error) {
	for _, p := range []struct {
		field string
		at    *string
	}{{"path", &r.Path}, {"template", &r.Template}, {"mask", &r.Mask}} {
		switch {
		case *p.at == "" && p.field == "path":
			return p.field, fmt.Errorf("path is empty: %w", data.ErrEmpty)
		case *p.at == "":
			continue
		case path.IsAbs(*p.at) || !filepath.IsLocal(filepath.FromSlash(*p.at)) || strings.ContainsRune(*p.at, 0):
			return p.field, fmt.Errorf("%w: got %q", ErrPath, *p.at)
		}
		*p.at = path.Clean(*p.at)
	}
	if strings.TrimSpace(r.Label) == "" {
		return "label", fmt.Errorf("label is empty: %w", data.ErrEmpty)
	}
	switch r.Split {
	case "", "train", "val", "test":
	default:
		return "split", fmt.Errorf("%w: got %q, want train, val, test or nothing", ErrField, r.Split)
	}
	for i, b := range r.Boxes {
		if b.X < 0 || b.Y < 0 || b.Width < 1 || b.Height < 1 || b.X > maxSide || b.Y > maxSide || b.Width > maxSide || b.Height > maxSide {
			return "boxes", fmt.Errorf("%w: box %d is %d x %d at (%d, %d), want at least 1 x 1 at (0, 0), and at most %d", ErrField, i, b.Width, b.Height, b.X, b.Y, maxSide)
		}
	}
	return "", nil
}

// readManifest streams what a manifest names; parse gives its rows. Every file must be there, inside the manifest's folder.
func readManifest(file string, parse func(r io.Reader, name string) iter.Seq2[row, error]) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		f, _, err := openRegular(file)
		if err != nil {
			yield(Item{}, err)
			return
		}
		defer f.Close()
		dir := filepath.Dir(file)
		root, err := os.OpenRoot(dir)
		if err != nil {
			yield(Item{}, fmt.Errorf("dataset: %w", err))
			return
		}
		defer root.Close()
		lines := map[string]int{} // where each picture is named
		for r, err := range parse(f, file) {
			var it Item
			if first, twice := lines[r.Path]; err == nil && twice {
				err = &data.RowError{File: file, Line: r.line, Field: "path", Err: fmt.Errorf("%s %w, first in line %d", r.Path, ErrDuplicate, first)}
			}
			if err == nil {
				lines[r.Path] = r.line
				it, err = r.item(root, dir, file)
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// item looks for the files of r in root, which is the folder dir.
func (r *row) item(root *os.Root, dir, file string) (Item, error) {
	it := Item{ID: r.Path, Label: r.Label, Boxes: r.Boxes, Group: r.Group, Split: r.Split}
	for _, p := range []struct {
		field, rel string
		at         *string
	}{{"path", r.Path, &it.Path}, {"template", r.Template, &it.Template}, {"mask", r.Mask, &it.Mask}} {
		if p.rel == "" {
			continue
		}
		info, err := root.Stat(filepath.FromSlash(p.rel))
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s: not a regular file", p.rel)
		}
		if err != nil {
			if escapes(err) {
				err = fmt.Errorf("%w: %q is a link", ErrPath, p.rel)
			}
			return it, &data.RowError{File: file, Line: r.line, Field: p.field, Err: err}
		}
		*p.at = filepath.Join(dir, filepath.FromSlash(p.rel))
	}
	return it, nil
}

// escapes tells the error of os.Root for a link that leads out of it, which has no sentinel.
func escapes(err error) bool {
	var e *os.PathError
	return errors.As(err, &e) && strings.Contains(e.Err.Error(), "escapes from parent")
}

// A recordReader ends with data.ErrTooLong once a record has taken more than maxRecord bytes, so that an unclosed quote can't pull a
// whole file into memory.
type recordReader struct {
	r    *bufio.Reader
	left int
}

func (b *recordReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, data.ErrTooLong
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// skipBOM drops a leading UTF-8 byte-order mark.
func skipBOM(r io.Reader) *bufio.Reader {
	b := bufio.NewReader(r)
	if p, err := b.Peek(3); err == nil && string(p) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	return b
}

package hub

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

const (
	maxEntries   = 100_000
	maxEntryName = 1024
)

// An entry is one thing in an archive.
type entry struct {
	name string
	mode fs.FileMode
	size int64 // as the archive declares it
	open func() (io.ReadCloser, error)
}

// A walk visits the entries of an archive in order; what open gives is valid during the visit.
type walk func(visit func(entry) error) error

// FromArchive takes the model folder out of a .zip, .whl, .tar or .tar.gz and makes or replaces the folder dir with it, atomically. The folder
// is the one with a config.json and safetensors, at any depth, in an archive within the archive too; sub names one of several. It comes
// with the files that Pull takes of a repository; links, devices and names that lead elsewhere are refused. maxBytes bounds the content, 0 means 64 GiB.
func FromArchive(ctx context.Context, file, dir, sub string, maxBytes int64) (*Snapshot, error) {
	if maxBytes == 0 {
		maxBytes = defaultMaxBytes
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("hub: archive: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("hub: archive: %s: %w", file, errors.Join(err, checkpoint.ErrNotRegular))
	}
	s, err := unpack(ctx, f, info.Size(), dir, sub, maxBytes, true)
	if err != nil {
		return nil, fmt.Errorf("hub: archive: %s: %w", path.Base(file), err)
	}
	return s, nil
}

func unpack(ctx context.Context, f *os.File, size int64, dir, sub string, maxBytes int64, outer bool) (*Snapshot, error) {
	all, err := openArchive(f, size)
	if err != nil {
		return nil, err
	}
	folders, inner, err := survey(all)
	if err != nil {
		return nil, err
	}
	var names []string
	for name := range folders {
		if sub == "" || name == path.Clean(sub) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	switch {
	case len(names) == 1:
		return extract(ctx, all, names[0], folders[names[0]], dir, maxBytes)
	case len(names) > 1:
		return nil, fmt.Errorf("%w: it has several models, name one: %q", ErrArchive, names[:min(len(names), 20)])
	case outer && len(inner) == 1:
		return nested(ctx, all, inner[0], dir, sub, maxBytes)
	}
	return nil, fmt.Errorf("%w: no folder in it has config.json and safetensors", ErrNoModel)
}

// openArchive tells the kind of an archive by how it begins.
func openArchive(f *os.File, size int64) (walk, error) {
	var head [512]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head[:n], []byte("PK\x03\x04")):
		z, err := zip.NewReader(f, size)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArchive, err)
		}
		return walkZip(z), nil
	case bytes.HasPrefix(head[:n], []byte{0x1f, 0x8b}):
		return walkTar(f, size, true), nil
	case n == len(head) && string(head[257:262]) == "ustar":
		return walkTar(f, size, false), nil
	}
	return nil, fmt.Errorf("%w: want a zip, a wheel, a tar or a tar.gz", ErrArchive)
}

func walkZip(z *zip.Reader) walk {
	return func(visit func(entry) error) error {
		for _, f := range z.File {
			size := int64(f.UncompressedSize64)
			if size < 0 {
				return fmt.Errorf("%w: %.100q has %d bytes", ErrArchive, f.Name, f.UncompressedSize64)
			}
			if err := visit(entry{f.Name, f.Mode(), size, f.Open}); err != nil {
				return err
			}
		}
		return nil
	}
}

func walkTar(f io.ReaderAt, size int64, zipped bool) walk {
	return func(visit func(entry) error) error {
		r := io.Reader(io.NewSectionReader(f, 0, size))
		if zipped {
			g, err := gzip.NewReader(r)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrArchive, err)
			}
			defer g.Close()
			r = g
		}
		for t := tar.NewReader(r); ; {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%w: %w", ErrArchive, err)
			}
			e := entry{h.Name, h.FileInfo().Mode(), h.Size, func() (io.ReadCloser, error) { return io.NopCloser(t), nil }}
			if h.Typeflag == tar.TypeLink {
				e.mode |= fs.ModeIrregular
			}
			if err := visit(e); err != nil {
				return err
			}
		}
	}
}

// survey finds the model folders with the files that make them, and the archives within.
func survey(all walk) (folders map[string][]string, inner []string, err error) {
	byFolder := map[string][]string{}
	n := 0
	err = all(func(e entry) error {
		if n++; n > maxEntries {
			return fmt.Errorf("%w: more than %d entries", ErrLimit, maxEntries)
		}
		if len(e.name) > maxEntryName || !fs.ValidPath(strings.TrimSuffix(strings.TrimPrefix(e.name, "./"), "/")) || strings.ContainsAny(e.name, "\\\x00:") {
			return fmt.Errorf("%w: name %.100q", ErrArchive, e.name)
		}
		if !e.mode.IsRegular() {
			return nil // if it is one of a model's files, that file is missing
		}
		name := path.Clean(e.name)
		if strings.HasSuffix(name, ".zip") {
			inner = append(inner, name)
		}
		folder := path.Dir(name)
		byFolder[folder] = append(byFolder[folder], path.Base(name))
		if path.Base(name) == "config.json" && folder != "." { // of a module, seen from the folder above
			up := path.Dir(folder)
			byFolder[up] = append(byFolder[up], path.Base(folder)+"/config.json")
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	folders = map[string][]string{}
	for folder, names := range byFolder {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".safetensors") }) {
			continue
		}
		if files, err := choose(names); err == nil {
			folders[folder] = files
		}
	}
	return folders, inner, nil
}

// extract saves the files of a folder.
func extract(ctx context.Context, all walk, folder string, files []string, dir string, maxBytes int64) (*Snapshot, error) {
	s := &Snapshot{Dir: dir, Files: len(files)}
	err := checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		left := slices.Clone(files)
		err := all(func(e entry) error {
			name := path.Clean(e.name)
			rel := strings.TrimPrefix(name, folder+"/")
			if folder == "." {
				rel = name
			}
			i := slices.Index(left, rel)
			if i < 0 || rel == name && folder != "." || !e.mode.IsRegular() {
				return nil
			}
			left = slices.Delete(left, i, i+1)
			if s.Bytes += e.size; s.Bytes > maxBytes {
				return fmt.Errorf("%w: its files have more than %d bytes", ErrLimit, maxBytes)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			w, err := d.Create(rel)
			if err != nil {
				return err
			}
			return errors.Join(e.copy(w), w.Close())
		})
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("%w: %q", ErrArchive, left)
		}
		return err
	})
	return s, err
}

// copy writes the content, which must have the declared size.
func (e entry) copy(w io.Writer) error {
	r, err := e.open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrArchive, e.name, err)
	}
	defer r.Close()
	n, err := io.Copy(w, io.LimitReader(r, e.size+1))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrArchive, e.name, err)
	}
	if n != e.size {
		return fmt.Errorf("%w: %s: got %d bytes, want %d", ErrSize, e.name, n, e.size)
	}
	return nil
}

// nested unpacks an archive that lies in another.
func nested(ctx context.Context, all walk, name, dir, sub string, maxBytes int64) (*Snapshot, error) {
	f, err := os.CreateTemp("", "hub-archive-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var size int64
	err = all(func(e entry) error {
		if path.Clean(e.name) != name || size > 0 {
			return nil
		}
		if size = e.size; size > maxBytes {
			return fmt.Errorf("%w: %s has %d bytes, want at most %d", ErrLimit, name, size, maxBytes)
		}
		return e.copy(f)
	})
	if err != nil {
		return nil, err
	}
	s, err := unpack(ctx, f, size, dir, sub, maxBytes, false)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// ArchiveOptions say what to take from an archive.
type ArchiveOptions struct {
	Path     string // folder of the model in the archive; needed only where there are several
	MaxBytes int64  // most bytes that are unpacked; 0 means 32 GiB
	Progress func(file string, done, total int64)
}

const maxEntries = 100_000 // of an archive

// An archive is what a model is taken out of.
type archive interface {
	// walk calls visit for every plain file, in the archive's order, with its name and its size in bytes. The content is there for as long
	// as visit runs, and needn't be read. Everything that is neither a plain file nor a folder is an error.
	walk(ctx context.Context, visit func(name string, size int64, content io.Reader) error) error
}

// FromArchive takes the model in a .zip, .whl, .tar.gz or .tgz file and makes it, or replaces by it, the folder dir, atomically. The model
// is the folder that holds config.json and *.safetensors; of it those files are taken that Pull would take. Folders inside
// the model's are part of it. Where no such folder is in the archive itself, a .zip in it is looked into.
//
// Errors about the archive wrap ErrArchive, ErrUnsafeName, ErrLimit or ErrNoModel.
func FromArchive(ctx context.Context, file, dir string, o ArchiveOptions) (*Snapshot, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}
	defer f.Close()
	a, err := openArchive(f, file, o.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", file, err)
	}
	s, err := takeFrom(ctx, a, dir, o, true)
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", file, err)
	}
	return s, nil
}

// openArchive tells the kinds of archives by the ending of their name.
func openArchive(f *os.File, name string, limit int64) (archive, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a file", ErrArchive)
	}
	switch lower := strings.ToLower(name); {
	case strings.HasSuffix(lower, ".zip"), strings.HasSuffix(lower, ".whl"):
		return openZip(f, info.Size())
	case strings.HasSuffix(lower, ".tar.gz"), strings.HasSuffix(lower, ".tgz"):
		return &tarArchive{f, limit}, nil
	}
	return nil, fmt.Errorf("%w: want a name that ends in .zip, .whl, .tar.gz or .tgz", ErrArchive)
}

// A listing is what is in an archive: sizes by name.
type listing map[string]int64

func list(ctx context.Context, a archive) (listing, error) {
	l := listing{}
	err := a.walk(ctx, func(name string, size int64, _ io.Reader) error {
		if _, twice := l[name]; twice {
			return fmt.Errorf("%w: %q occurs twice", ErrArchive, shorten(name))
		}
		if len(l) == maxEntries {
			return fmt.Errorf("%w: more than %d files", ErrLimit, maxEntries)
		}
		l[name] = size
		return nil
	})
	if err != nil {
		return nil, err
	}
	for name := range l {
		for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
			if l.has(".", folder) {
				return nil, fmt.Errorf("%w: %q is a file and a folder", ErrArchive, shorten(folder))
			}
		}
	}
	return l, nil
}

// takeFrom writes the one model of an archive into dir; nested allows for one in an archive inside.
func takeFrom(ctx context.Context, a archive, dir string, o ArchiveOptions, nested bool) (*Snapshot, error) {
	l, err := list(ctx, a)
	if err != nil {
		return nil, err
	}
	folders := l.models()
	if want := path.Clean(strings.Trim(o.Path, "/")); o.Path != "" {
		if !l.isModel(want) && (!nested || len(folders) > 0) {
			return nil, fmt.Errorf("%w: %q is no model folder of the archive; there are: %s", ErrNoModel, shorten(o.Path), several(folders))
		}
		if l.isModel(want) {
			folders = []string{want}
		}
	}
	switch {
	case len(folders) > 1:
		return nil, fmt.Errorf("%w: the archive has several model folders, name one: %s", ErrNoModel, several(folders))
	case len(folders) == 1:
		return write(ctx, a, l, folders[0], dir, o)
	case nested:
		if inner := l.zips(); len(inner) > 0 {
			return takeInner(ctx, a, inner, dir, o)
		}
	}
	if err := l.nearest(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%w: no folder of the archive holds %s and *%s", ErrNoModel, configFile, weightsExt)
}

// write makes dir of a model folder in an archive.
func write(ctx context.Context, a archive, l listing, folder, dir string, o ArchiveOptions) (*Snapshot, error) {
	names := l.under(folder)
	chosen, err := choose(names)
	if err != nil {
		return nil, err
	}
	if slices.Contains(chosen, indexFile) {
		index, err := read(ctx, a, path.Join(folder, indexFile), maxIndexBytes)
		if err != nil {
			return nil, err
		}
		if chosen, err = withShards(chosen, names, index); err != nil {
			return nil, err
		}
	}
	s := &Snapshot{Name: dir, Dir: dir}
	files := map[string]File{}
	for _, name := range chosen {
		f := File{name, l[path.Join(folder, name)]}
		if f.Size > o.MaxBytes-s.Bytes {
			return nil, fmt.Errorf("%w: its files have more than %d bytes", ErrLimit, o.MaxBytes)
		}
		s.Files = append(s.Files, f)
		s.Bytes += f.Size
		files[path.Join(folder, name)] = f
	}
	err = checkpoint.Save(dir, func(d *checkpoint.Dir) error {
		return a.walk(ctx, func(name string, _ int64, content io.Reader) error {
			f, ok := files[name]
			if !ok {
				return nil
			}
			delete(files, name)
			from := &counting{from: content, report: func(n int64) {
				if o.Progress != nil {
					o.Progress(f.Name, min(n, f.Size), f.Size)
				}
			}}
			if err := copyInto(ctx, d, f, from); err != nil {
				return fmt.Errorf("%s: %w", f.Name, damaged(err))
			}
			return nil
		})
	})
	if err == nil && len(files) > 0 {
		err = fmt.Errorf("%w: it changed while it was read", ErrArchive)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// damaged makes a file that hasn't its size an error of the archive.
func damaged(err error) error {
	if errors.Is(err, ErrCorrupt) {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	return err
}

package hub

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// maxZipDirectory bounds what is read of a zip file before its entries are known: they are all held in memory.
const maxZipDirectory = 16 << 20

// A zipArchive is a .zip or .whl file.
type zipArchive struct{ files []*zip.File }

func openZip(r io.ReaderAt, size int64) (archive, error) {
	m := &meter{r: r, left: maxZipDirectory}
	z, err := zip.NewReader(m, size)
	if errors.Is(err, ErrLimit) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArchive, err)
	}
	m.left = -1
	return &zipArchive{z.File}, nil
}

func (z *zipArchive) walk(ctx context.Context, visit func(string, int64, io.Reader) error) error {
	for _, f := range z.files {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		name, err := entryName(f.Name, f.Mode())
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		if f.Flags&1 != 0 {
			return fmt.Errorf("%w: %q is encrypted", ErrArchive, shorten(name))
		}
		if f.UncompressedSize64 > 1<<62 {
			return fmt.Errorf("%w: %q has %d bytes", ErrLimit, shorten(name), f.UncompressedSize64)
		}
		content := &lazyZip{f: f}
		if err := errors.Join(visit(name, int64(f.UncompressedSize64), content), content.close()); err != nil {
			return err
		}
	}
	return nil
}

// entryName checks the name and the kind of an entry of an archive. Folders have the name "".
func entryName(name string, mode fs.FileMode) (string, error) {
	if mode.IsDir() {
		for len(name) > 0 && name[len(name)-1] == '/' {
			name = name[:len(name)-1]
		}
	}
	for len(name) > 1 && name[:2] == "./" { // tar writes so
		name = name[2:]
	}
	if mode.IsDir() && (name == "" || name == ".") {
		return "", nil
	}
	if err := inside(name); err != nil {
		return "", err
	}
	switch {
	case mode.IsDir():
		return "", nil
	case mode&fs.ModeSymlink != 0:
		return "", fmt.Errorf("%w: %q is a link, want plain files only (tar -h and zip follow links)", ErrArchive, shorten(name))
	case !mode.IsRegular():
		return "", fmt.Errorf("%w: %q is a device or of another kind, want plain files only", ErrArchive, shorten(name))
	}
	return name, nil
}

// A lazyZip opens an entry when it is first read.
type lazyZip struct {
	f  *zip.File
	rc io.ReadCloser
}

func (l *lazyZip) Read(p []byte) (int, error) {
	if l.rc == nil {
		rc, err := l.f.Open()
		if err != nil {
			return 0, fmt.Errorf("%w: %w", ErrArchive, err)
		}
		l.rc = rc
	}
	n, err := l.rc.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrArchive, err)
	}
	return n, err
}

func (l *lazyZip) close() error {
	if l.rc == nil {
		return nil
	}
	return l.rc.Close()
}

// A meter lets only so many bytes be read, any number if left is negative.
type meter struct {
	r    io.ReaderAt
	left int64
}

func (m *meter) ReadAt(p []byte, at int64) (int, error) {
	if m.left >= 0 {
		if m.left -= int64(len(p)); m.left < 0 {
			m.left = 0
			return 0, fmt.Errorf("%w: the directory of the archive has more than %d bytes", ErrLimit, maxZipDirectory)
		}
	}
	return m.r.ReadAt(p, at)
}

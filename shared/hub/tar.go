package hub

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// A tarArchive is a .tar.gz file. Every walk reads it from its start.
type tarArchive struct {
	f     *os.File
	limit int64 // most bytes that it may unpack to
}

func (t *tarArchive) walk(ctx context.Context, visit func(string, int64, io.Reader) error) error {
	if _, err := t.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	z, err := gzip.NewReader(t.f)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrArchive, err)
	}
	bounded := &bounded{from: &withContext{ctx, z}, left: t.limit, limit: t.limit}
	r := tar.NewReader(bounded)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			_, err := io.Copy(io.Discard, bounded) // to the checksum
			return broken(ctx, err)
		}
		if err != nil {
			return broken(ctx, err)
		}
		switch h.Typeflag {
		case tar.TypeReg, tar.TypeDir:
		case tar.TypeXGlobalHeader: // a comment, as git writes it
			continue
		default:
			return fmt.Errorf("%w: %q is a link, a device or of another kind, want plain files only (tar -h follows links)", ErrArchive, shorten(h.Name))
		}
		for key := range h.PAXRecords {
			if strings.HasPrefix(key, "GNU.sparse.") {
				return fmt.Errorf("%w: %q has holes", ErrArchive, shorten(h.Name))
			}
		}
		name, err := entryName(h.Name, h.FileInfo().Mode())
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		content := &tarContent{ctx, r}
		if err := visit(name, h.Size, content); err != nil {
			return err
		}
	}
}

// broken makes an error of reading one of the archive, unless it is something else.
func broken(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrLimit) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrArchive, err)
}

// A tarContent is the content of one entry.
type tarContent struct {
	ctx context.Context
	r   *tar.Reader
}

func (c *tarContent) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken(c.ctx, err)
	}
	return n, err
}

// A bounded reader fails after so many bytes.
type bounded struct {
	from  io.Reader
	left  int64
	limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: the archive unpacks to more than %d bytes", ErrLimit, b.limit)
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

package hub

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
)

// takeInner looks for the one model in the archives inside.
func takeInner(ctx context.Context, a archive, inner []string, dir string, o ArchiveOptions) (*Snapshot, error) {
	if len(inner) > 1 {
		return nil, fmt.Errorf("%w: the archive has several archives inside: take one out first: %s", ErrNoModel, several(inner))
	}
	temp, err := os.CreateTemp("", "fmkit-*.zip")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()
	size, err := unpack(ctx, a, inner[0], temp, o.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inner[0], err)
	}
	z, err := openZip(temp, size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inner[0], err)
	}
	s, err := takeFrom(ctx, z, dir, o, false)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inner[0], err)
	}
	return s, nil
}

// unpack writes one file of an archive to a writer.
func unpack(ctx context.Context, a archive, name string, to io.Writer, limit int64) (size int64, err error) {
	err = a.walk(ctx, func(have string, declared int64, content io.Reader) error {
		if have != name {
			return nil
		}
		if declared > limit {
			return fmt.Errorf("%w: %d bytes, want at most %d", ErrLimit, declared, limit)
		}
		size, err = io.Copy(to, &withContext{ctx, io.LimitReader(content, declared+1)})
		if err == nil && size != declared {
			err = fmt.Errorf("%w: it is longer than it says, or shorter", ErrArchive)
		}
		return err
	})
	return size, err
}

// read gives the content of one small file.
func read(ctx context.Context, a archive, name string, limit int64) ([]byte, error) {
	var b bytes.Buffer
	if _, err := unpack(ctx, a, name, &b, limit); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b.Bytes(), nil
}

package dataset

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
)

// A Recorder says how pictures become records of a cache.
type Recorder struct {
	Shape CacheShape
	// Record fills dst, bytes [C, H, W], from a picture. It runs in many goroutines at a time.
	Record func(dst []byte, m *image.NRGBA) error
	// Version names what Record does, with its settings: another version makes another cache.
	Version string
}

// OpenCache opens the cache at path. It is built first when it isn't there, damaged, or was made of other items or files, with another shape or
// version, or with Skip where this call is without, or the reverse. It appears whole or not at all: a process that is killed while building
// leaves the old one or none. Two that build at a time are an error, checkpoint.ErrLocked; reading goes on meanwhile. Of a cache that
// was there Skip gets the count, not the first error. The caller closes the cache.
func OpenCache(ctx context.Context, path string, items []Item, rec Recorder, o LoadOptions) (*Cache, error) {
	if err := rec.Shape.check(); err != nil {
		return nil, fmt.Errorf("dataset: cache: %w", err)
	}
	source, err := Hash(ctx, path, items)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%d %v %v %q %s", cacheVersion, rec.Shape, o.Skip != nil, rec.Version, source.SHA256))
	c, err := openCache(path, key)
	if errors.Is(err, ErrCache) || errors.Is(err, fs.ErrNotExist) {
		if err := buildCache(ctx, checkpoint.OS, path, key, items, rec, o); err != nil {
			return nil, fmt.Errorf("dataset: cache %s: %w", path, err)
		}
		c, err = openCache(path, key)
	}
	if err != nil {
		return nil, err
	}
	c.source = source.SHA256
	if o.Skip != nil {
		o.Skip.Count = len(items) - c.Len()
	}
	return c, nil
}

// openCache opens a cache if it was made under key.
func openCache(path string, key [sha256.Size]byte) (*Cache, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	c, err := parseCache(f, size, path)
	if err == nil && c.key != key {
		err = fmt.Errorf("dataset: %s: %w: it was made of other pictures or in another way", path, ErrCache)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	c.close = f.Close
	return c, nil
}

// buildCache decodes all items into a file beside path, which then takes its name.
func buildCache(ctx context.Context, fsys checkpoint.FS, path string, key [sha256.Size]byte, items []Item, rec Recorder, o LoadOptions) error {
	beside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	lock, err := checkpoint.LockFile(beside + ".lock")
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }()
	temp := beside + ".building"
	if err := fsys.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) { // left by a process that was killed
		return err
	}
	f, err := fsys.Create(temp)
	if err != nil {
		return err
	}
	err = writeCache(ctx, f, key, items, rec, o)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fsys.Rename(temp, path)
	}
	if err != nil {
		_ = fsys.Remove(temp)
		return err
	}
	return fsys.SyncDir(filepath.Dir(path))
}

// writeCache writes a cache of all items.
func writeCache(ctx context.Context, to io.Writer, key [sha256.Size]byte, items []Item, rec Recorder, o LoadOptions) error {
	w := bufio.NewWriterSize(to, 256<<10)
	start := append(make([]byte, 0, cacheStart), cacheMagic...)
	for _, v := range []int{cacheVersion, rec.Shape.Channels, rec.Shape.Height, rec.Shape.Width} {
		start = binary.LittleEndian.AppendUint32(start, uint32(v))
	}
	if _, err := w.Write(start); err != nil {
		return err
	}
	classes := Classes(items)
	var table []byte
	n := uint64(0)
	for r, err := range Load(ctx, items, o, func(_ int, m *image.NRGBA) ([]byte, error) {
		record := make([]byte, rec.Shape.Size())
		return record, rec.Record(record, m)
	}) {
		if err != nil {
			return err
		}
		label, _ := slices.BinarySearch(classes, items[r.Index].Label)
		table = binary.LittleEndian.AppendUint32(table, uint32(r.Index))
		table = binary.LittleEndian.AppendUint32(table, uint32(label))
		table = binary.LittleEndian.AppendUint32(table, crc32.Checksum(r.Value, castagnoli))
		n++
		if _, err := w.Write(r.Value); err != nil {
			return err
		}
	}
	if n == 0 {
		return data.ErrEmpty
	}
	end := binary.LittleEndian.AppendUint64(make([]byte, 0, cacheEnd), n)
	end = append(end, key[:]...)
	sum := cacheSum(start, table, end)
	end = append(end, sum[:]...)
	for _, part := range [][]byte{table, end} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Flush()
}

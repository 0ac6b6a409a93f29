package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
)

// A cache holds decoded pictures as they go into a model, all integers little-endian, so that it can be written in one pass:
//
//	start   magic "FMKPIXEL"; version, channels C, height H, width W, uint32 each: 1, C, H, W
//	        records of C*H*W bytes
//	        table: of each record the index of its item, that of its label, CRC-32C of its bytes; uint32 each
//	end     records, uint64
//	        key: SHA-256 of what the records were made from and how
//	        SHA-256 of start, table and what of the end is before it
const (
	cacheMagic   = "FMKPIXEL"
	cacheVersion = 1
	cacheStart   = 24
	cacheEntry   = 12
	cacheEnd     = 8 + 2*sha256.Size
	maxChannels  = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A CacheShape is the size of the records of a cache: bytes [C, H, W].
type CacheShape struct{ Channels, Height, Width int }

// Size is the number of bytes of a record.
func (s CacheShape) Size() int { return s.Channels * s.Height * s.Width }

func (s CacheShape) check() error {
	if s.Channels < 1 || s.Height < 1 || s.Width < 1 || s.Channels > maxChannels || s.Height > maxIDXSide || s.Width > maxIDXSide {
		return fmt.Errorf("records are %d x %d x %d, want at least 1, at most %d channels and %d pixels a side", s.Channels, s.Height, s.Width, maxChannels, maxIDXSide)
	}
	return nil
}

// A Cache gives decoded pictures from one file, by number. It reads at offsets, so it is safe for concurrent use, and holds 12 bytes a
// record in memory.
type Cache struct {
	r      io.ReaderAt
	close  func() error
	name   string
	shape  CacheShape
	key    [sha256.Size]byte
	table  []byte
	source string
}

// parseCache reads start, end and table of a cache of size bytes; name is used in errors.
func parseCache(r io.ReaderAt, size int64, name string) (*Cache, error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("dataset: %s: %w: %s", name, ErrCache, fmt.Sprintf(format, args...))
	}
	if size < cacheStart+cacheEnd {
		return nil, bad("got %d bytes, want at least %d", size, cacheStart+cacheEnd)
	}
	var ends [cacheStart + cacheEnd]byte
	start, end := ends[:cacheStart], ends[cacheStart:]
	if err := errors.Join(readAt(r, start, 0), readAt(r, end, size-cacheEnd)); err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", name, err)
	}
	if !bytes.HasPrefix(start, []byte(cacheMagic)) {
		return nil, bad("magic is %q, want %q", start[:8], cacheMagic)
	}
	if v := binary.LittleEndian.Uint32(start[8:]); v != cacheVersion {
		return nil, bad("version is %d, want %d", v, cacheVersion)
	}
	side := func(at int) int { return int(min(binary.LittleEndian.Uint32(start[at:]), 1<<30)) }
	c := &Cache{r: r, name: name, shape: CacheShape{side(12), side(16), side(20)}, key: [sha256.Size]byte(end[8:])}
	if err := c.shape.check(); err != nil {
		return nil, bad("%v", err)
	}
	n, record := binary.LittleEndian.Uint64(end), uint64(c.shape.Size())
	high, body := bits.Mul64(n, record+cacheEntry)
	if n == 0 || high != 0 || body != uint64(size-cacheStart-cacheEnd) {
		return nil, bad("%d records of %d bytes don't fit a file of %d bytes", n, record, size)
	}
	c.table = make([]byte, n*cacheEntry)
	if err := readAt(r, c.table, int64(cacheStart+n*record)); err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", name, err)
	}
	if cacheSum(start, c.table, end) != [sha256.Size]byte(end[8+sha256.Size:]) {
		return nil, bad("start, table or end are damaged")
	}
	return c, nil
}

// cacheSum is the SHA-256 at the end of a cache.
func cacheSum(start, table, end []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write(start)
	h.Write(table)
	h.Write(end[:8+sha256.Size])
	return [sha256.Size]byte(h.Sum(nil))
}

// readAt fills p from offset; bytes that are missing are an error.
func readAt(r io.ReaderAt, p []byte, offset int64) error {
	n, err := r.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Len is the number of records: that of the items without those that were skipped.
func (c *Cache) Len() int { return len(c.table) / cacheEntry }

// Shape is the size of the records.
func (c *Cache) Shape() CacheShape { return c.shape }

// Source is the hexadecimal SHA-256 that Hash gives of the items.
func (c *Cache) Source() string { return c.source }

// Item is the index of the item that record i was made from.
func (c *Cache) Item(i int) int { return int(c.entry(i, 0)) }

// Label is the index of the label of record i in Classes of the items.
func (c *Cache) Label(i int) int { return int(c.entry(i, 4)) }

func (c *Cache) entry(i, at int) uint32 { return binary.LittleEndian.Uint32(c.table[i*cacheEntry+at:]) }

// Read fills dst [C, H, W] with record i. It makes no garbage. A record that was damaged since it was written is an error that wraps ErrCache.
func (c *Cache) Read(dst []byte, i int) error {
	if len(dst) != c.shape.Size() || i < 0 || i >= c.Len() {
		return fmt.Errorf("dataset: %s: record %d into %d bytes, want one of %d into %d", c.name, i, len(dst), c.Len(), c.shape.Size())
	}
	if err := readAt(c.r, dst, cacheStart+int64(i)*int64(len(dst))); err != nil {
		return fmt.Errorf("dataset: %s: record %d: %w", c.name, i, err)
	}
	if got, want := crc32.Checksum(dst, castagnoli), c.entry(i, 8); got != want {
		return fmt.Errorf("dataset: %s: record %d: %w: its CRC-32C is %08x, want %08x", c.name, i, ErrCache, got, want)
	}
	return nil
}

// Close closes the file.
func (c *Cache) Close() error {
	if err := c.close(); err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	return nil
}

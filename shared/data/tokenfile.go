package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"sort"
)

// ErrTokenFile means that a file isn't a token file, or is damaged.
var ErrTokenFile = errors.New("not a valid token file")

// indexStep is the spacing of document starts held in memory; those between are read when needed.
const indexStep = 512

// A TokenFile gives random access to the windows of a token file. It reads by offset, so it is safe for concurrent use and holds
// only every 512th document start in memory.
type TokenFile struct {
	r      io.ReaderAt
	close  func() error
	name   string
	width  int
	tokens int64
	docs   int64
	sum    [sha256.Size]byte
	coarse []int64 // start of document i*indexStep
}

// OpenTokens opens a token file and checks its header and size; Verify checks the content too.
func OpenTokens(path string) (*TokenFile, error) {
	f, err := openData(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("data: %w", err), f.Close())
	}
	t, err := ParseTokens(f, info.Size(), path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t.close = f.Close
	return t, nil
}

// ParseTokens is OpenTokens on a reader of size bytes; name is used in errors.
func ParseTokens(r io.ReaderAt, size int64, name string) (*TokenFile, error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("data: %s: %w: %s", name, ErrTokenFile, fmt.Sprintf(format, args...))
	}
	var h [tokenHeader]byte
	if size < tokenHeader {
		return nil, bad("got %d bytes, want a header of %d", size, tokenHeader)
	}
	if err := readAt(r, h[:], 0); err != nil {
		return nil, fmt.Errorf("data: %s: %w", name, err)
	}
	if !bytes.HasPrefix(h[:], []byte(tokenMagic)) {
		return nil, bad("magic is %q, want %q", h[:8], tokenMagic)
	}
	if v := binary.LittleEndian.Uint32(h[8:]); v != tokenVersion {
		return nil, bad("version is %d, want %d", v, tokenVersion)
	}
	width := binary.LittleEndian.Uint32(h[12:])
	if width != 2 && width != 4 {
		return nil, bad("width is %d, want 2 or 4", width)
	}
	tokens, docs := binary.LittleEndian.Uint64(h[16:]), binary.LittleEndian.Uint64(h[24:])
	high, body := bits.Mul64(tokens, uint64(width))
	if tokens == 0 || docs == 0 || docs > tokens || high != 0 || docs > uint64(size)/8 ||
		body > uint64(size) || tokenHeader+body+8*docs != uint64(size) {
		return nil, bad("%d tokens of %d bytes and %d documents don't fit a file of %d bytes", tokens, width, docs, size)
	}
	t := &TokenFile{r: r, name: name, width: int(width), tokens: int64(tokens), docs: int64(docs), sum: [sha256.Size]byte(h[32:])}
	last := int64(-1)
	for d := int64(0); d < t.docs; d += indexStep {
		at, err := t.starts(d, 1)
		if err != nil {
			return nil, err
		}
		if at[0] <= last || at[0] >= t.tokens || d == 0 && at[0] != 0 {
			return nil, bad("document %d starts at %d after %d of %d", d, at[0], last, t.tokens)
		}
		last = at[0]
		t.coarse = append(t.coarse, last)
	}
	return t, nil
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

// Close closes the file.
func (t *TokenFile) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

// Tokens is the number of tokens.
func (t *TokenFile) Tokens() int64 { return t.tokens }

// Documents is the number of documents.
func (t *TokenFile) Documents() int64 { return t.docs }

// SHA256 is the digest of the content that the header promises.
func (t *TokenFile) SHA256() [sha256.Size]byte { return t.sum }

// Windows is the number of whole windows of n tokens; what is left at the end is not in one.
func (t *TokenFile) Windows(n int) int64 {
	if n < 1 {
		return 0
	}
	return t.tokens / int64(n)
}

// Read fills dst with the tokens from position at on.
func (t *TokenFile) Read(dst []int32, at int64) error {
	if at < 0 || int64(len(dst)) > t.tokens || at > t.tokens-int64(len(dst)) {
		return fmt.Errorf("data: %s: tokens %d to %d: want within %d", t.name, at, at+int64(len(dst)), t.tokens)
	}
	buf := make([]byte, len(dst)*t.width)
	if err := readAt(t.r, buf, tokenHeader+at*int64(t.width)); err != nil {
		return fmt.Errorf("data: %s: %w", t.name, err)
	}
	for i := range dst {
		if t.width == 2 {
			dst[i] = int32(binary.LittleEndian.Uint16(buf[2*i:]))
		} else {
			dst[i] = int32(binary.LittleEndian.Uint32(buf[4*i:]))
		}
	}
	return nil
}

// Window reads n tokens from position at into w, whose slices are reused, with the document starts among them.
func (t *TokenFile) Window(w *Window, at int64, n int) error {
	if n < 1 || int64(n) > t.tokens {
		return fmt.Errorf("data: %s: window of %d tokens, want 1 to %d", t.name, n, t.tokens)
	}
	if cap(w.IDs) < n {
		w.IDs = make([]int32, n)
	}
	w.IDs = w.IDs[:n]
	if err := t.Read(w.IDs, at); err != nil {
		return err
	}
	w.Starts = append(w.Starts[:0], 0)
	block := sort.Search(len(t.coarse), func(i int) bool { return t.coarse[i] > at }) - 1
	for d := int64(block) * indexStep; d < t.docs; d += indexStep {
		starts, err := t.starts(d, min(indexStep, t.docs-d))
		if err != nil {
			return err
		}
		for _, s := range starts {
			if s > at && s < at+int64(n) {
				w.Starts = append(w.Starts, int32(s-at))
			}
		}
		if starts[len(starts)-1] >= at+int64(n) {
			break
		}
	}
	return nil
}

// starts reads the first tokens of n documents from document d on.
func (t *TokenFile) starts(d, n int64) ([]int64, error) {
	buf := make([]byte, 8*n)
	if err := readAt(t.r, buf, tokenHeader+t.tokens*int64(t.width)+8*d); err != nil {
		return nil, fmt.Errorf("data: %s: document index: %w", t.name, err)
	}
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(binary.LittleEndian.Uint64(buf[8*i:]))
	}
	return all, nil
}

// Verify reads the whole file and compares its SHA-256 with the header's.
func (t *TokenFile) Verify() error {
	h := sha256.New()
	size := t.tokens*int64(t.width) + 8*t.docs
	if _, err := io.Copy(h, io.NewSectionReader(t.r, tokenHeader, size)); err != nil {
		return fmt.Errorf("data: %s: %w", t.name, err)
	}
	if got := h.Sum(nil); !bytes.Equal(got, t.sum[:]) {
		return fmt.Errorf("data: %s: %w: SHA-256 is %x, want %x", t.name, ErrTokenFile, got, t.sum)
	}
	return nil
}

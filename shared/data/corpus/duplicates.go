package corpus

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
)

// A duplicateFinder remembers texts and finds near duplicates of them: candidates share a band of their MinHash signatures, and are then compared
// by the exact Jaccard similarity of their shingle sets. The sets lie in a temporary file. What stays in memory is, for each text, 8 bytes a
// band in a table that is at least three eighths full and 12 bytes beside, less than 300 bytes at a threshold of 0.8.
type duplicateFinder struct {
	threshold float64
	hash      *minHash
	table     buckets
	file      *os.File
	size      int64   // of the file with what is pending
	offsets   []int64 // of each text's set in the file
	lengths   []uint32
	pending   []byte // not yet written

	keys  []uint32
	tried []int
	set   []uint64
	raw   []byte
}

// maxPending is how much is written at once.
const maxPending = 1 << 20

// newDuplicateFinder puts its file in dir.
func newDuplicateFinder(dir string, threshold float64) (*duplicateFinder, error) {
	f, err := os.CreateTemp(dir, "shingles.*")
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return &duplicateFinder{threshold: threshold, hash: newMinHash(threshold), file: f}, nil
}

func (d *duplicateFinder) close() error { return d.file.Close() }

// seen says whether a text with this set of shingles is a near duplicate of one remembered, and remembers it where it is not.
func (d *duplicateFinder) seen(set []uint64) (bool, error) {
	d.keys = d.hash.signature(d.keys[:0], set)
	d.tried = d.tried[:0]
	for _, key := range d.keys {
		found := false
		var failed error
		d.table.get(key, func(text int) bool {
			if slices.Contains(d.tried, text) {
				return false
			}
			d.tried = append(d.tried, text)
			n := float64(d.lengths[text])
			if m := float64(len(set)); min(n, m) < d.threshold*max(n, m) {
				return false // sets of such sizes are never alike
			}
			other, err := d.read(text)
			failed = err
			found = err == nil && jaccard(set, other) >= d.threshold
			return found || err != nil
		})
		if found || failed != nil {
			return found, failed
		}
	}
	return false, d.remember(set)
}

func (d *duplicateFinder) remember(set []uint64) error {
	text := len(d.offsets)
	for _, key := range d.keys {
		d.table.add(key, text)
	}
	d.offsets = append(d.offsets, d.size)
	d.lengths = append(d.lengths, uint32(len(set)))
	for _, s := range set {
		d.pending = binary.LittleEndian.AppendUint64(d.pending, s)
	}
	d.size += 8 * int64(len(set))
	if len(d.pending) < maxPending {
		return nil
	}
	return d.flush()
}

func (d *duplicateFinder) flush() error {
	if _, err := d.file.Write(d.pending); err != nil {
		return fmt.Errorf("corpus: %w", err)
	}
	d.pending = d.pending[:0]
	return nil
}

// read gives the set of a text, valid until the next call.
func (d *duplicateFinder) read(text int) ([]uint64, error) {
	n := 8 * int(d.lengths[text])
	d.raw = slices.Grow(d.raw[:0], n)[:n]
	written := d.size - int64(len(d.pending))
	if at := d.offsets[text]; at >= written {
		copy(d.raw, d.pending[at-written:])
	} else if _, err := d.file.ReadAt(d.raw, at); err != nil {
		return nil, fmt.Errorf("corpus: shingles: %w", err)
	}
	d.set = d.set[:0]
	for i := 0; i < n; i += 8 {
		d.set = append(d.set, binary.LittleEndian.Uint64(d.raw[i:]))
	}
	return d.set, nil
}

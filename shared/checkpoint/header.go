package checkpoint

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

const (
	hardMaxHeader    = 100_000_000 // the reference implementation's limit
	defaultMaxHeader = 16 << 20
	maxTensors       = 1 << 16
	maxRank          = 8
	maxName          = 512  // bytes
	maxMetadata      = 4096 // entries
	metadataKey      = "__metadata__"
)

// An entry is one tensor of the header, 32 bytes.
type entry struct {
	begin, end int64  // bytes from the start of the data
	name       uint32 // position of the decoded name in the header
	shape      uint32 // position of the shape's opening bracket
	nameLen    uint16
	dtype      DType
	rank       uint8
}

// A header is a parsed safetensors header. It points into raw, in which names are unescaped in place.
type header struct {
	raw     []byte
	entries []entry   // in the order of the data
	byName  []int32   // indices of entries, in the order of names
	meta    [][2]span // keys and values, unescaped, in the order of keys
	hasMeta bool
}

func (h *header) name(e *entry) []byte { return h.raw[e.name : e.name+uint32(e.nameLen)] }

// parseHeader parses raw, which it keeps and changes. It walks raw twice, first to count and to
// check everything that can be checked on the spot, then to fill tables of the right size.
func parseHeader(raw []byte) (*header, error) {
	switch {
	case len(raw) == 0:
		return nil, &Error{Err: ErrInvalidHeader, Detail: "it is empty"}
	case !utf8.Valid(raw):
		return nil, &Error{Err: ErrInvalidHeader, Detail: "it is not UTF-8"}
	case bytes.IndexByte([]byte(" \t\r\n"), raw[0]) >= 0:
		return nil, &Error{Err: ErrInvalidHeaderStart}
	}
	count := walker{scanner: scanner{b: raw}}
	if err := count.walk(); err != nil {
		return nil, err
	}
	h := &header{
		raw:     raw,
		entries: make([]entry, 0, count.tensors),
		meta:    make([][2]span, 0, count.metadata),
		hasMeta: count.hasMeta,
	}
	fill := walker{scanner: scanner{b: raw}, fill: h}
	if err := fill.walk(); err != nil {
		return nil, err
	}
	return h, h.check()
}

// check orders the tables and looks for duplicates, overlaps and holes.
func (h *header) check() error {
	key := func(i int) []byte { return h.meta[i][0].of(h.raw) }
	slices.SortFunc(h.meta, func(a, b [2]span) int { return bytes.Compare(a[0].of(h.raw), b[0].of(h.raw)) })
	for i := 1; i < len(h.meta); i++ {
		if bytes.Equal(key(i-1), key(i)) {
			return &Error{Err: ErrDuplicateName, Detail: "metadata key"}
		}
	}
	slices.SortFunc(h.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.name, b.name))
	})
	h.byName = make([]int32, len(h.entries))
	for i := range h.byName {
		h.byName[i] = int32(i)
	}
	at := func(i int) []byte { return h.name(&h.entries[h.byName[i]]) }
	slices.SortFunc(h.byName, func(a, b int32) int {
		return bytes.Compare(h.name(&h.entries[a]), h.name(&h.entries[b]))
	})
	for i := 1; i < len(h.byName); i++ {
		if bytes.Equal(at(i-1), at(i)) {
			return &Error{Tensor: string(at(i)), Err: ErrDuplicateName}
		}
	}
	var end int64
	for i := range h.entries {
		e := &h.entries[i]
		if e.begin != end {
			return &Error{
				Tensor: string(h.name(e)), Err: ErrOffset,
				Detail: fmt.Sprintf("starts at %d, want %d, the end of the one before", e.begin, end),
			}
		}
		end = e.end
	}
	return nil
}

// find returns the entry called name, or nil.
func (h *header) find(name string) *entry {
	i, ok := slices.BinarySearchFunc(h.byName, name, func(i int32, name string) int {
		n := h.name(&h.entries[i])
		for j := range min(len(n), len(name)) {
			if c := cmp.Compare(n[j], name[j]); c != 0 {
				return c
			}
		}
		return cmp.Compare(len(n), len(name))
	})
	if !ok {
		return nil
	}
	return &h.entries[h.byName[i]]
}

// shape reads the shape of e again: the walk has checked it.
func (h *header) shape(e *entry) []int {
	s := scanner{b: h.raw, i: int(e.shape)}
	shape := make([]int, e.rank)
	s.take('[')
	for i := range shape {
		v, _, _ := s.integer()
		shape[i] = int(v)
		s.take(',')
	}
	return shape
}

// values returns the number of values of e.
func (e *entry) values() int64 { return (e.end - e.begin) * 8 / dtypes[e.dtype].bits }

// nameFault says what is wrong with a tensor's name, which is UTF-8, "" if nothing is.
func nameFault[T string | []byte](name T) string {
	switch {
	case len(name) == 0:
		return "it is empty"
	case len(name) > maxName:
		return fmt.Sprintf("longer than %d bytes", maxName)
	}
	start := 0
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '/' || name[i] == '\\' {
			if i-start == 2 && name[start] == '.' && name[start+1] == '.' {
				return `it has a ".." segment`
			}
			start = i + 1
		} else if name[i] < ' ' || name[i] == 0x7f {
			return "it has a control character"
		}
	}
	return ""
}

// bytesOf returns the number of bytes of a tensor with the product of dimensions n, false if it is no whole
// number or beyond 63 bits.
func bytesOf(n int64, d DType) (size int64, whole, fits bool) {
	bits := dtypes[d].bits
	if n > math.MaxInt64/bits {
		return 0, true, false
	}
	return n * bits / 8, n*bits%8 == 0, true
}

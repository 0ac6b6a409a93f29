package columnar

import (
	"encoding/binary"
	"math"
)

// Values are values of one column, in the slice of its kind.
type Values struct {
	Ints   []int64 // of Int32, Int64 and Boolean
	Floats []float32
	Reals  []float64 // of Double
	Bytes  [][]byte
	Counts []int // values of each row, of a column of lists
}

// Len is the number of values.
func (v *Values) Len() int { return len(v.Ints) + len(v.Floats) + len(v.Reals) + len(v.Bytes) }

// maxStrings bounds the byte arrays of a page.
const maxStrings = 1 << 20

// plain decodes n values in plain encoding.
func plain(kind Kind, b []byte, n int) (*Values, error) {
	v := &Values{}
	size := map[Kind]int{Int32: 4, Int64: 8, Float: 4, Double: 8}[kind]
	switch kind {
	case Boolean:
		if len(b) < (n+7)/8 {
			return nil, malformed("booleans: got %d bytes of %d values", len(b), n)
		}
	case ByteArray:
		if len(b) < 4*n {
			return nil, malformed("strings: got %d bytes of %d values", len(b), n)
		}
		if n > maxStrings {
			return nil, beyond("strings: got %d in a page, want at most %d", n, maxStrings)
		}
	case Int32, Int64, Float, Double:
		if len(b) < size*n {
			return nil, malformed("values: got %d bytes of %d values", len(b), n)
		}
	default:
		return nil, unsupported("values of type %d", kind)
	}
	switch kind {
	case Boolean:
		v.Ints = make([]int64, n)
		for i := range v.Ints {
			v.Ints[i] = int64(b[i/8] >> (i % 8) & 1)
		}
	case Int32:
		v.Ints = make([]int64, n)
		for i := range v.Ints {
			v.Ints[i] = int64(int32(binary.LittleEndian.Uint32(b[4*i:])))
		}
	case Int64:
		v.Ints = make([]int64, n)
		for i := range v.Ints {
			v.Ints[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
	case Float:
		v.Floats = make([]float32, n)
		for i := range v.Floats {
			v.Floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case Double:
		v.Reals = make([]float64, n)
		for i := range v.Reals {
			v.Reals[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	case ByteArray:
		v.Bytes = make([][]byte, n)
		for i := range v.Bytes {
			if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
				return nil, malformed("strings: the page ends within value %d of %d", i, n)
			}
			end := 4 + int(binary.LittleEndian.Uint32(b))
			v.Bytes[i], b = b[4:end:end], b[end:]
		}
	}
	return v, nil
}

// decode gives the n values of a data page.
func decode(kind Kind, encoding int64, b []byte, n int, dictionary *Values) (*Values, error) {
	switch encoding {
	case encodingPlain:
		return plain(kind, b, n)
	case encodingRLE:
		if kind != Boolean {
			return nil, unsupported("runs of type %d", kind)
		}
		if len(b) < 4 && n > 0 {
			return nil, malformed("booleans: got %d bytes of %d values", len(b), n)
		}
		v, h := &Values{Ints: make([]int64, n)}, hybrid{b: b[min(4, len(b)):], bits: 1}
		for i := range v.Ints {
			x, err := h.next()
			if err != nil {
				return nil, err
			}
			v.Ints[i] = int64(x & 1)
		}
		return v, nil
	case encodingPlainDictionary, encodingRLEDictionary:
		return choose(b, n, dictionary)
	}
	return nil, unsupported("encoding %d", encoding)
}

// choose looks the n indices that b holds up in a dictionary.
func choose(b []byte, n int, dictionary *Values) (*Values, error) {
	if dictionary == nil {
		return nil, malformed("got indices without a dictionary")
	}
	v := &Values{}
	if n == 0 {
		return v, nil
	}
	if len(b) == 0 || b[0] > 32 {
		return nil, malformed("got indices without a width up to 32 bits")
	}
	h, size := hybrid{b: b[1:], bits: int(b[0])}, uint32(dictionary.Len())
	if dictionary.Bytes != nil && n > maxStrings {
		return nil, beyond("strings: got %d in a page, want at most %d", n, maxStrings)
	}
	at := make([]uint32, n)
	for i := range at {
		var err error
		if at[i], err = h.next(); err != nil {
			return nil, err
		}
		if at[i] >= size {
			return nil, malformed("got index %d of a dictionary of %d", at[i], size)
		}
	}
	v.Ints, v.Floats = pick(dictionary.Ints, at), pick(dictionary.Floats, at)
	v.Reals, v.Bytes = pick(dictionary.Reals, at), pick(dictionary.Bytes, at)
	return v, nil
}

func pick[T any](from []T, at []uint32) []T {
	if from == nil {
		return nil
	}
	to := make([]T, len(at))
	for i, j := range at {
		to[i] = from[j]
	}
	return to
}

// add appends values i ... j-1 of other.
func (v *Values) add(other *Values, i, j int) {
	v.Ints, v.Floats = part(v.Ints, other.Ints, i, j), part(v.Floats, other.Floats, i, j)
	v.Reals, v.Bytes = part(v.Reals, other.Reals, i, j), part(v.Bytes, other.Bytes, i, j)
}

func part[T any](to, from []T, i, j int) []T {
	if from == nil {
		return to
	}
	return append(to, from[i:j]...)
}

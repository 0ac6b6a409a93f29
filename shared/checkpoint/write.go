package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Tensor is a named array of float32 values, row-major. DType is how it is stored, F32 or F16 when writing.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Data  []float32 // product of Shape values; a scalar has an empty Shape and one value
}

// Write writes a safetensors file with the tensors and, if it is not nil, meta as __metadata__. The bytes depend
// on names, types, shapes, values and meta only: wider types come first, then names in order, and
// the header is padded with spaces to a multiple of 8 bytes.
//
// It refuses what Open would refuse: ErrName, ErrDuplicateName, ErrRank, ErrShape, ErrTooManyTensors, ErrNonFinite,
// and ErrDTypeUnsupported for types other than F32 and F16, ErrOverflow for values beyond float16.
func Write(w io.Writer, tensors []Tensor, meta map[string]string) error {
	order, err := writeOrder(tensors)
	if err != nil {
		return err
	}
	head, err := writeHeader(order, meta)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("checkpoint: write header: %w", err)
	}
	buf := make([]byte, 0, chunk)
	for _, t := range order {
		for data := t.Data; len(data) > 0; {
			n := min(len(data), chunk/4)
			buf, err = appendValues(buf[:0], data[:n], t.DType)
			if err != nil {
				return &Error{Tensor: t.Name, Err: err}
			}
			if _, err := w.Write(buf); err != nil {
				return fmt.Errorf("checkpoint: write tensor %q: %w", shorten(t.Name), err)
			}
			data = data[n:]
		}
	}
	return nil
}

// chunk is the number of bytes that values pass through at a time.
const chunk = 64 << 10

// writeOrder checks the tensors and returns them in file order.
func writeOrder(tensors []Tensor) ([]*Tensor, error) {
	if len(tensors) > maxTensors {
		return nil, &Error{Err: ErrTooManyTensors, Detail: fmt.Sprintf("got %d, want at most %d", len(tensors), maxTensors)}
	}
	order := make([]*Tensor, len(tensors))
	seen := make(map[string]bool, len(tensors))
	for i := range tensors {
		t := &tensors[i]
		fail := func(err error, format string, args ...any) ([]*Tensor, error) {
			return nil, &Error{Tensor: t.Name, Err: err, Detail: fmt.Sprintf(format, args...)}
		}
		switch why := nameFault(t.Name); {
		case why != "":
			return fail(ErrName, "%s", why)
		case t.Name == metadataKey || !utf8.ValidString(t.Name):
			return fail(ErrName, "it is reserved or not UTF-8")
		}
		if seen[t.Name] {
			return fail(ErrDuplicateName, "")
		}
		seen[t.Name] = true
		if t.DType != F32 && t.DType != F16 {
			return fail(ErrDTypeUnsupported, "got %v, want F32 or F16", t.DType)
		}
		if len(t.Shape) > maxRank {
			return fail(ErrRank, "got %d, want at most %d", len(t.Shape), maxRank)
		}
		n := 1
		for _, d := range t.Shape {
			if d < 0 || d > 0 && n > math.MaxInt64/d {
				return fail(ErrShape, "got %v", t.Shape)
			}
			n *= d
		}
		if n != len(t.Data) {
			return fail(ErrShape, "%v holds %d values, got %d", t.Shape, n, len(t.Data))
		}
		order[i] = t
	}
	slices.SortFunc(order, func(a, b *Tensor) int {
		if a.DType != b.DType {
			return int(a.DType) - int(b.DType) // F32 before F16
		}
		return strings.Compare(a.Name, b.Name)
	})
	return order, nil
}

// writeHeader returns the length and the padded JSON header.
func writeHeader(order []*Tensor, meta map[string]string) ([]byte, error) {
	head := append(make([]byte, 8), '{')
	if meta != nil {
		head = append(appendString(head, metadataKey), ":{"...)
		for i, k := range slices.Sorted(maps.Keys(meta)) {
			if !utf8.ValidString(k) || !utf8.ValidString(meta[k]) {
				return nil, &Error{Err: ErrMetadata, Detail: "not UTF-8"}
			}
			if i > 0 {
				head = append(head, ',')
			}
			head = append(appendString(head, k), ':')
			head = appendString(head, meta[k])
		}
		head = append(head, '}')
	}
	var at int
	for i, t := range order {
		if i > 0 || meta != nil {
			head = append(head, ',')
		}
		end := at + len(t.Data)*int(dtypes[t.DType].bits/8)
		head = appendString(head, t.Name)
		head = fmt.Appendf(head, `:{"dtype":"%v","shape":[`, t.DType)
		for j, d := range t.Shape {
			if j > 0 {
				head = append(head, ',')
			}
			head = fmt.Append(head, d)
		}
		head = fmt.Appendf(head, `],"data_offsets":[%d,%d]}`, at, end)
		at = end
	}
	head = append(head, '}')
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	if len(head)-8 > defaultMaxHeader {
		return nil, &Error{Err: ErrHeaderTooLarge, Detail: fmt.Sprintf("got %d bytes, want at most %d", len(head)-8, defaultMaxHeader)}
	}
	binary.LittleEndian.PutUint64(head, uint64(len(head)-8))
	return head, nil
}

// appendString appends s as a JSON string. Strings always marshal.
func appendString(b []byte, s string) []byte {
	q, _ := json.Marshal(s)
	return append(b, q...)
}

// appendValues appends data in little-endian order as type d, F32 or F16.
func appendValues(buf []byte, data []float32, d DType) ([]byte, error) {
	for _, v := range data {
		b := math.Float32bits(v)
		if b&0x7f800000 == 0x7f800000 {
			return nil, ErrNonFinite
		}
		if d == F32 {
			buf = binary.LittleEndian.AppendUint32(buf, b)
			continue
		}
		h, ok := toF16(v)
		if !ok {
			return nil, ErrOverflow
		}
		buf = binary.LittleEndian.AppendUint16(buf, h)
	}
	return buf, nil
}

package checkpoint

import (
	"fmt"
	"math"
)

// A walker goes once through a header. With fill nil it checks and counts; with fill set it also
// unescapes names and metadata in place and appends to the tables of fill.
type walker struct {
	scanner
	fill     *header
	tensors  int
	metadata int
	hasMeta  bool
	scratch  [maxName + 1]byte
}

func (w *walker) syntax() error {
	return &Error{Err: ErrHeaderJSON, Detail: fmt.Sprintf("at byte %d of the header", w.i)}
}

// walk takes the whole header: { name: tensor, ... }.
func (w *walker) walk() error {
	if !w.take('{') {
		return w.syntax()
	}
	for first := true; ; first = false {
		more, ok := w.more(first, '}')
		if !ok {
			return w.syntax()
		}
		if !more {
			break
		}
		raw, ok := w.text()
		if !ok || !w.take(':') {
			return w.syntax()
		}
		name, err := w.tensorName(raw)
		if err != nil {
			return err
		}
		if string(name.of(w.b)) == metadataKey || w.fill == nil && string(w.decoded(raw)) == metadataKey {
			err = w.metadataObject()
		} else {
			err = w.tensor(raw, name)
		}
		if err != nil {
			return err
		}
	}
	if w.next(); w.i != len(w.b) {
		return w.syntax()
	}
	return nil
}

// decoded returns the start of the unescaped form of raw, in scratch.
func (w *walker) decoded(raw span) []byte {
	return w.scratch[:unescape(w.scratch[:], raw.of(w.b))]
}

// tensorName checks a name and, on the second walk, unescapes it in place.
func (w *walker) tensorName(raw span) (span, error) {
	d := w.decoded(raw)
	if why := nameFault(d); why != "" {
		return span{}, &Error{Tensor: string(d), Err: ErrName, Detail: why}
	}
	if w.fill != nil {
		return span{raw.at, uint32(unescape(raw.of(w.b), raw.of(w.b)))}, nil
	}
	return raw, nil
}

// metadataObject takes { string: string, ... }.
func (w *walker) metadataObject() error {
	bad := func(why string) error { return &Error{Tensor: metadataKey, Err: ErrMetadata, Detail: why} }
	if w.hasMeta {
		return &Error{Tensor: metadataKey, Err: ErrDuplicateName}
	}
	w.hasMeta = true
	if !w.take('{') {
		return bad("it is not an object")
	}
	for first := true; ; first = false {
		more, ok := w.more(first, '}')
		if !ok {
			return w.syntax()
		}
		if !more {
			return nil
		}
		key, ok := w.text()
		if !ok || !w.take(':') {
			return w.syntax()
		}
		if w.next() != '"' {
			return bad("a value is not a string")
		}
		value, ok := w.text()
		if !ok {
			return w.syntax()
		}
		if w.metadata++; w.metadata > maxMetadata {
			return bad(fmt.Sprintf("more than %d entries", maxMetadata))
		}
		if w.fill != nil {
			key.n = uint32(unescape(key.of(w.b), key.of(w.b)))
			value.n = uint32(unescape(value.of(w.b), value.of(w.b)))
			w.fill.meta = append(w.fill.meta, [2]span{key, value})
		}
	}
}

// tensor takes {"dtype": ..., "shape": [...], "data_offsets": [begin, end]} in any order.
func (w *walker) tensor(raw, name span) error {
	fail := func(err error, detail string) error {
		return &Error{Tensor: string(w.name(raw, name)), Err: err, Detail: detail}
	}
	if w.tensors++; w.tensors > maxTensors {
		return &Error{Err: ErrTooManyTensors, Detail: fmt.Sprintf("want at most %d", maxTensors)}
	}
	if !w.take('{') {
		return fail(ErrTensorInfo, "it is not an object")
	}
	e := entry{name: name.at, nameLen: uint16(min(name.n, maxName))}
	var seen [3]bool
	values := int64(1)
	for first := true; ; first = false {
		more, ok := w.more(first, '}')
		if !ok {
			return w.syntax()
		}
		if !more {
			break
		}
		key, ok := w.text()
		if !ok || !w.take(':') {
			return w.syntax()
		}
		field := -1
		for i, f := range [...]string{"dtype", "shape", "data_offsets"} {
			if string(key.of(w.b)) == f {
				field = i
			}
		}
		if field < 0 {
			return fail(ErrTensorInfo, "unknown field")
		}
		if seen[field] {
			return fail(ErrDuplicateName, "field occurs twice")
		}
		seen[field] = true
		var err error
		var why string
		switch field {
		case 0:
			e.dtype, err = w.dtype()
		case 1:
			values, why, err = w.shape(&e)
		case 2:
			why, err = w.offsets(&e)
		}
		if err == ErrHeaderJSON {
			return w.syntax()
		}
		if err != nil {
			return fail(err, why)
		}
	}
	if seen != [3]bool{true, true, true} {
		return fail(ErrTensorInfo, "want the fields dtype, shape and data_offsets")
	}
	size, whole, fits := bytesOf(values, e.dtype)
	switch {
	case !fits:
		return fail(ErrOverflow, "size in bytes")
	case !whole:
		return fail(ErrTensorInfo, "size is not a whole number of bytes")
	case e.end-e.begin != size:
		return fail(ErrTensorInfo, fmt.Sprintf("data_offsets hold %d bytes, dtype and shape need %d", e.end-e.begin, size))
	}
	if w.fill != nil {
		w.fill.entries = append(w.fill.entries, e)
	}
	return nil
}

// name returns the unescaped name of a tensor on either walk.
func (w *walker) name(raw, name span) []byte {
	if w.fill != nil {
		return name.of(w.b)
	}
	return w.decoded(raw)
}

// dtype takes the value of a dtype field.
func (w *walker) dtype() (DType, error) {
	if w.next() != '"' {
		return 0, ErrDType
	}
	raw, ok := w.text()
	if !ok {
		return 0, ErrHeaderJSON
	}
	d, ok := dtypeOf(raw.of(w.b))
	if !ok {
		return 0, ErrDType
	}
	return d, nil
}

// shape takes a list of dimensions and returns their product.
func (w *walker) shape(e *entry) (values int64, why string, err error) {
	w.space()
	e.shape = uint32(w.i)
	if !w.take('[') {
		return 0, "it is not a list", ErrShape
	}
	values = 1
	for n := 0; ; n++ {
		more, ok := w.more(n == 0, ']')
		if !ok {
			return 0, "", ErrHeaderJSON
		}
		if !more {
			e.rank = uint8(n)
			return values, "", nil
		}
		if n == maxRank {
			return 0, fmt.Sprintf("want at most %d", maxRank), ErrRank
		}
		d, over, bad := w.integer()
		switch {
		case bad:
			return 0, fmt.Sprintf("dimension %d is not a plain non-negative integer", n), ErrShape
		case over || d > 0 && values > math.MaxInt64/d:
			return 0, "product of the dimensions", ErrOverflow
		}
		values *= d
	}
}

// offsets takes [begin, end].
func (w *walker) offsets(e *entry) (why string, err error) {
	if !w.take('[') {
		return "it is not a list", ErrOffset
	}
	for i, to := range []*int64{&e.begin, &e.end} {
		if i == 1 && !w.take(',') {
			return "want two integers", ErrOffset
		}
		v, over, bad := w.integer()
		if bad || over {
			return "want two plain non-negative integers", ErrOffset
		}
		*to = v
	}
	if !w.take(']') {
		return "want two integers", ErrOffset
	}
	if e.begin > e.end {
		return fmt.Sprintf("begin %d is after end %d", e.begin, e.end), ErrOffset
	}
	return "", nil
}

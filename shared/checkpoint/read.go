package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
)

// buffers holds the 64 KiB pieces that Read works through.
var buffers = sync.Pool{New: func() any { return new([chunk]byte) }}

// Read reads the tensor called name into dst, widened to float32, row-major. It returns ErrMissingTensor,
// ErrShape if dst has another length than the tensor, ErrDTypeUnsupported, ErrTruncated, or ErrNonFinite;
// dst is then partly written.
func (f *File) Read(name string, dst []float32) error {
	fail := func(err error, format string, args ...any) error {
		return &Error{File: f.name, Tensor: name, Err: err, Detail: fmt.Sprintf(format, args...)}
	}
	e := f.head.find(name)
	switch {
	case e == nil:
		return fail(ErrMissingTensor, "")
	case !e.dtype.readable():
		return fail(ErrDTypeUnsupported, "got %v, want F32, F16 or BF16", e.dtype)
	case e.values() != int64(len(dst)):
		return fail(ErrShape, "%v holds %d values, want %d", f.head.shape(e), e.values(), len(dst))
	}
	buf := buffers.Get().(*[chunk]byte)
	defer buffers.Put(buf)
	width := int(dtypes[e.dtype].bits / 8)
	at := f.data + e.begin
	for done := 0; done < len(dst); {
		n := min(len(dst)-done, chunk/width)
		if err := f.readAt(buf[:n*width], at); err != nil {
			return err
		}
		if !widen(dst[done:done+n], buf[:n*width], e.dtype) && !f.allowNaNInf {
			return fail(ErrNonFinite, "")
		}
		done, at = done+n, at+int64(n*width)
	}
	return nil
}

// ReadAll reads every tensor, in the order of the data. DType is how each was stored.
func (f *File) ReadAll() ([]Tensor, error) {
	tensors := make([]Tensor, len(f.head.entries))
	for i := range tensors {
		e := &f.head.entries[i]
		t := Tensor{Name: string(f.head.name(e)), DType: e.dtype, Shape: f.head.shape(e)}
		if e.dtype.readable() {
			t.Data = make([]float32, e.values())
		}
		if err := f.Read(t.Name, t.Data); err != nil {
			return nil, err
		}
		tensors[i] = t
	}
	return tensors, nil
}

// ReadFile opens the file at path and reads every tensor and the metadata.
func ReadFile(path string, opts ...Option) ([]Tensor, map[string]string, error) {
	f, err := Open(path, opts...)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	tensors, err := f.ReadAll()
	return tensors, f.Metadata(), err
}

// widen converts the little-endian values of raw to float32 and reports whether all are finite.
func widen(dst []float32, raw []byte, d DType) bool {
	var carry uint32 // the top bit is set by an exponent of all ones
	switch d {
	case F32:
		raw = raw[:4*len(dst)]
		for i := range dst {
			bits := binary.LittleEndian.Uint32(raw[4*i : 4*i+4])
			carry |= bits&exponent + exponent&-exponent
			dst[i] = math.Float32frombits(bits)
		}
	case F16:
		for i := range dst {
			dst[i] = fromF16(binary.LittleEndian.Uint16(raw[2*i:]))
			carry |= math.Float32bits(dst[i])&exponent + exponent&-exponent
		}
	default:
		for i := range dst {
			dst[i] = fromBF16(binary.LittleEndian.Uint16(raw[2*i:]))
			carry |= math.Float32bits(dst[i])&exponent + exponent&-exponent
		}
	}
	return carry>>31 == 0
}

// exponent has the bits of a float32's exponent.
const exponent = 0x7f800000

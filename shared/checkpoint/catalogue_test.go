package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// rawFile joins a header and data to a file.
func rawFile(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	return append(b, make([]byte, data)...)
}

// headerLength is a file whose first 8 bytes are n, followed by a few more.
func headerLength(n uint64) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, n), `{"a":{}}`...)
}

// f32 is a header entry of a float32 tensor of n values at byte begin.
func f32(name string, begin, n int) string {
	return fmt.Sprintf(`"%s":{"dtype":"F32","shape":[%d],"data_offsets":[%d,%d]}`, name, n, begin, begin+4*n)
}

// field is a file with one tensor of 16 bytes, with the given dtype, shape and offsets.
func field(dtype, shape, offsets string) []byte {
	return rawFile(fmt.Sprintf(`{"a":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets), 16)
}

func many(n int, entry func(i int) string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(entry(i))
	}
	b.WriteByte('}')
	return b.String()
}

// catalogue holds broken and odd files and what each must answer. nil: it opens.
var catalogue = []struct {
	id, about string
	file      []byte
	want      error
}{
	{"B01", "no bytes", nil, ErrHeaderTooSmall},
	{"B02", "7 bytes", make([]byte, 7), ErrHeaderTooSmall},
	{"B03", "length 2^63", headerLength(1 << 63), ErrHeaderTooLarge},
	{"B03", "length 2^64-1", headerLength(math.MaxUint64), ErrHeaderTooLarge},
	{"B04", "length 100,000,001", headerLength(100_000_001), ErrHeaderTooLarge},
	{"B05", "length past the end", headerLength(9), ErrInvalidHeaderLength},
	{"B06", "length 0", rawFile("", 0), ErrInvalidHeader},
	{"B07", "not UTF-8", rawFile("{\"\xff\":{}}", 0), ErrInvalidHeader},
	{"B08", "open brace", rawFile("{", 0), ErrHeaderJSON},
	{"B09", "list", rawFile("[]", 0), ErrHeaderJSON},
	{"B09", "null", rawFile("null", 0), ErrHeaderJSON},
	{"B09", "string", rawFile(`"x"`, 0), ErrHeaderJSON},
	{"B10", "empty object and spaces", rawFile("{}      ", 0), nil},
	{"B11", "white space first", rawFile("\t\n{}", 0), ErrInvalidHeaderStart},
	{"B12", "two values", rawFile("{}{}", 0), ErrHeaderJSON},
	{"B12", "two values with tensors", rawFile("{"+f32("a", 0, 1)+"}{"+f32("b", 0, 1)+"}", 4), ErrHeaderJSON},
	{"B13", "duplicate tensor", rawFile("{"+f32("a", 0, 4)+","+f32("a", 0, 4)+"}", 16), ErrDuplicateName},
	{"B13", "duplicate tensor in other spelling", rawFile("{"+f32("a", 0, 4)+","+f32(`\u0061`, 16, 4)+"}", 32), ErrDuplicateName},
	{"B13", "duplicate metadata object", rawFile(`{"__metadata__":{},"__metadata__":{}}`, 0), ErrDuplicateName},
	{"B13", "duplicate metadata object in other spelling", rawFile(`{"__metadata__":{},"\u005f_metadata__":{}}`, 0), ErrDuplicateName},
	{"B13", "duplicate metadata key", rawFile(`{"__metadata__":{"k":"1","\u006b":"2"}}`, 0), ErrDuplicateName},
	{"B14", "duplicate dtype", rawFile(`{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}`, 16), ErrDuplicateName},
	{"B15", "DTYPE", rawFile(`{"a":{"DTYPE":"F32","shape":[4],"data_offsets":[0,16]}}`, 16), ErrTensorInfo},
	{"B15", "Shape", rawFile(`{"a":{"dtype":"F32","Shape":[4],"data_offsets":[0,16]}}`, 16), ErrTensorInfo},
	{"B15", "unknown field besides", rawFile(`{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"x":1}}`, 16), ErrTensorInfo},
	{"B15", "missing field", rawFile(`{"a":{"dtype":"F32","shape":[4]}}`, 16), ErrTensorInfo},
	{"B15", "not an object", rawFile(`{"a":[1]}`, 16), ErrTensorInfo},
	{"B16", "dtype X9", field(`"X9"`, "[4]", "[0,16]"), ErrDType},
	{"B16", "dtype f32", field(`"f32"`, "[4]", "[0,16]"), ErrDType},
	{"B16", "dtype 4", field(`4`, "[4]", "[0,16]"), ErrDType},
	{"B17", "negative dimensions", field(`"F32"`, "[-2,-2]", "[0,16]"), ErrShape},
	{"B18", "dimension 2.0", field(`"F32"`, "[2.0,2]", "[0,16]"), ErrShape},
	{"B18", "dimension 1e3", field(`"F32"`, "[1e3]", "[0,16]"), ErrShape},
	{"B18", `dimension "2"`, field(`"F32"`, `["2",2]`, "[0,16]"), ErrShape},
	{"B18", "dimension 04", field(`"F32"`, "[04]", "[0,16]"), ErrShape},
	{"B18", "dimension true", field(`"F32"`, "[true]", "[0,16]"), ErrShape},
	{"B18", "shape 4", field(`"F32"`, "4", "[0,16]"), ErrShape},
	{"B18", "shape null", field(`"F32"`, "null", "[0,16]"), ErrShape},
	{"B19", "dimension 2^64-2", field(`"F32"`, "[2,18446744073709551614]", "[0,16]"), ErrOverflow},
	{"B19", "dimension of 40 digits", field(`"F32"`, "["+strings.Repeat("9", 40)+"]", "[0,16]"), ErrOverflow},
	{"B20", "product wraps to 4", field(`"F32"`, "[4194305,4194305,211106198978564]", "[0,16]"), ErrOverflow},
	{"B20", "bytes wrap to 16", field(`"F32"`, "[4611686018427387908]", "[0,16]"), ErrOverflow},
	{"B21", "9 dimensions", field(`"F32"`, "[1,1,1,1,1,1,1,1,4]", "[0,16]"), ErrRank},
	{"B21", "10,000 dimensions", field(`"F32"`, "["+strings.Repeat("1,", 9999)+"4]", "[0,16]"), ErrRank},
	{"B21", "8 dimensions", field(`"F32"`, "[1,1,1,1,1,1,1,4]", "[0,16]"), nil},
	{"B22", "offsets [16,0]", field(`"F32"`, "[4]", "[16,0]"), ErrOffset},
	{"B22", "offsets [-16,0]", field(`"F32"`, "[4]", "[-16,0]"), ErrOffset},
	{"B22", "offsets [0]", field(`"F32"`, "[4]", "[0]"), ErrOffset},
	{"B22", "offsets [0,16,16]", field(`"F32"`, "[4]", "[0,16,16]"), ErrOffset},
	{"B22", "offsets {}", field(`"F32"`, "[4]", "{}"), ErrOffset},
	{"B22", "offsets [0,2^64+16]", field(`"F32"`, "[4]", "[0,18446744073709551632]"), ErrOffset},
	{"B23", "ten tensors on one spot", rawFile(many(10, func(i int) string { return f32(fmt.Sprint("t", i), 0, 4) }), 16), ErrOffset},
	{"B24", "hole between", rawFile("{"+f32("a", 0, 4)+","+f32("b", 20, 4)+"}", 36), ErrOffset},
	{"B24", "hole at the start", rawFile("{"+f32("a", 4, 4)+"}", 20), ErrOffset},
	{"B25", "size is not shape", field(`"F32"`, "[3]", "[0,16]"), ErrTensorInfo},
	{"B25", "half a byte", field(`"F4"`, "[3]", "[0,16]"), ErrTensorInfo},
	{"B26", "2 bytes missing", rawFile("{"+f32("a", 0, 4)+"}", 14), ErrTruncated},
	{"B27", "34 bytes after", rawFile("{"+f32("a", 0, 4)+"}", 50), ErrTrailingData},
	{"B27", "bytes but no tensors", rawFile("{}", 1), ErrTrailingData},
	{"B28", "shape [2,0]", rawFile(`{"a":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]}}`, 0), nil},
	{"B29", "empty tensor at the start of another", rawFile("{"+f32("a", 0, 4)+","+f32("e", 0, 0)+"}", 16), nil},
	{"B29", "empty tensor at the end of another", rawFile("{"+f32("a", 0, 4)+","+f32("e", 16, 0)+"}", 16), nil},
	{"B29", "empty tensor inside another", rawFile("{"+f32("a", 0, 4)+","+f32("e", 8, 0)+"}", 16), ErrOffset},
	{"B30", "metadata number", rawFile(`{"__metadata__":{"k":1}}`, 0), ErrMetadata},
	{"B30", "metadata object", rawFile(`{"__metadata__":{"k":{}}}`, 0), ErrMetadata},
	{"B30", "metadata null", rawFile(`{"__metadata__":null}`, 0), ErrMetadata},
	{"B30", "metadata list", rawFile(`{"__metadata__":["k"]}`, 0), ErrMetadata},
	{"B31", "65,537 tensors", rawFile(many(65537, func(i int) string { return f32(fmt.Sprint(i), 0, 0) }), 0), ErrTooManyTensors},
	{"B31", "65,536 tensors", rawFile(many(65536, func(i int) string { return f32(fmt.Sprint(i), 0, 0) }), 0), nil},
	{"B32", "name of 1 MB", rawFile("{"+f32(strings.Repeat("n", 1<<20), 0, 4)+"}", 16), ErrName},
	{"B32", "name of 513 bytes", rawFile("{"+f32(strings.Repeat("n", 513), 0, 4)+"}", 16), ErrName},
	{"B32", "name of 512 bytes", rawFile("{"+f32(strings.Repeat("n", 512), 0, 4)+"}", 16), nil},
	{"B32", "name with NUL", rawFile("{"+f32(`a\u0000b`, 0, 4)+"}", 16), ErrName},
	{"B32", "name ../x", rawFile("{"+f32("../x", 0, 4)+"}", 16), ErrName},
	{"B32", `name a\..\x`, rawFile("{"+f32(`a\\..\\x`, 0, 4)+"}", 16), ErrName},
	{"B32", "empty name", rawFile("{"+f32("", 0, 4)+"}", 16), ErrName},
	{"B32", "name a..b", rawFile("{"+f32("a..b", 0, 4)+"}", 16), nil},
	{"JSON", "trailing comma", rawFile("{"+f32("a", 0, 4)+",}", 16), ErrHeaderJSON},
	{"JSON", "missing colon", rawFile(`{"a"}`, 0), ErrHeaderJSON},
	{"JSON", "raw newline in a name", rawFile("{"+f32("a\nb", 0, 4)+"}", 16), ErrHeaderJSON},
	{"JSON", "lone surrogate", rawFile("{"+f32(`\ud800`, 0, 4)+"}", 16), ErrHeaderJSON},
	{"JSON", "low surrogate first", rawFile("{"+f32(`\udc00\ud800`, 0, 4)+"}", 16), ErrHeaderJSON},
	{"JSON", "unknown escape", rawFile("{"+f32(`\x41`, 0, 4)+"}", 16), ErrHeaderJSON},
	{"JSON", "NUL after the object", rawFile("{}\x00", 0), ErrHeaderJSON},
	{"B37", "zip", append([]byte("PK\x03\x04"), make([]byte, 60)...), ErrFormat},
	{"B37", "pickle", append([]byte("\x80\x04\x95\x00\x00\x00\x00\x01"), make([]byte, 60)...), ErrFormat},
	{"B37", "GGUF", append([]byte("GGUF\x03\x00\x00\x00"), 1, 2, 3), ErrFormat},
	{"B37", "git-lfs", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"), ErrFormat},
	{"B37", "HTML", []byte("<!DOCTYPE html><html></html>"), ErrFormat},
}

func TestCatalogue(t *testing.T) {
	dir := t.TempDir()
	for _, c := range catalogue {
		path := filepath.Join(dir, "model.safetensors")
		if err := os.WriteFile(path, c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%s %s: got %v, want %v", c.id, c.about, err, c.want)
		}
		if err == nil {
			f.Close()
			continue
		}
		var e *Error
		switch {
		case !errors.As(err, &e) || e.File != "model.safetensors":
			t.Errorf("%s %s: %v is not an *Error with the file's name", c.id, c.about, err)
		case strings.Contains(err.Error(), dir):
			t.Errorf("%s %s: %v tells the folder", c.id, c.about, err)
		case len(err.Error()) > 300:
			t.Errorf("%s %s: message of %d bytes", c.id, c.about, len(err.Error()))
		}
		for _, other := range sentinels {
			if other != c.want && errors.Is(err, other) {
				t.Errorf("%s %s: is also %v", c.id, c.about, other)
			}
		}
	}
}

var sentinels = []error{
	ErrHeaderTooSmall, ErrHeaderTooLarge, ErrInvalidHeaderLength, ErrInvalidHeader, ErrInvalidHeaderStart, ErrHeaderJSON,
	ErrDuplicateName, ErrTensorInfo, ErrDType, ErrDTypeUnsupported, ErrShape, ErrOverflow, ErrRank, ErrOffset, ErrTruncated,
	ErrTrailingData, ErrMetadata, ErrTooManyTensors, ErrName, ErrNonFinite, ErrNotRegular, ErrFormat, ErrMissingTensor,
	ErrPath, ErrIndex,
}

// TestMillionEntries is B31 as large as the hard limit lets it be: refused while counting, with no table built.
func TestMillionEntries(t *testing.T) {
	big := many(1_000_000, func(i int) string { return f32(fmt.Sprint(i), 0, 0) })
	file := rawFile(big, 0)
	if _, err := Parse(bytes.NewReader(file), int64(len(file))); !errors.Is(err, ErrHeaderTooLarge) {
		t.Fatalf("default limit: got %v, want %v", err, ErrHeaderTooLarge)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Parse(bytes.NewReader(file), int64(len(file)), MaxHeader(math.MaxInt64))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTooManyTensors) {
		t.Fatalf("got %v, want %v", err, ErrTooManyTensors)
	}
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(len(big)+64<<10); got > most {
		t.Errorf("allocated %d bytes, want at most the header and 64 KiB, %d", got, most)
	}
}

// shrinking is a file that has become shorter since its size was taken.
type shrinking struct {
	*bytes.Reader
	left int64
}

func (s *shrinking) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.Reader.ReadAt(b[:min(int64(len(b)), max(0, s.left-off))], off)
	if n < len(b) {
		err = io.EOF
	}
	return n, err
}

// TestShrinks is B33, with a reader that stops anywhere and with a real file.
func TestShrinks(t *testing.T) {
	file := rawFile("{"+f32("a", 0, 1000)+"}", 4000)
	for left := range int64(len(file)) {
		s := &shrinking{bytes.NewReader(file), int64(len(file))}
		if left < 100 { // shrinks before the header is read
			s.left = left
		}
		f, err := Parse(s, int64(len(file)))
		if err == nil {
			s.left = left
			err = f.Read("a", make([]float32, 1000))
		}
		if !errors.Is(err, ErrTruncated) {
			t.Fatalf("%d bytes left: got %v, want %v", left, err, ErrTruncated)
		}
	}
	path := filepath.Join(t.TempDir(), "a.safetensors")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 2000); err != nil {
		t.Fatal(err)
	}
	if err := f.Read("a", make([]float32, 1000)); !errors.Is(err, ErrTruncated) {
		t.Fatalf("got %v, want %v", err, ErrTruncated)
	}
}

// TestNonFinite is B34.
func TestNonFinite(t *testing.T) {
	values := map[string][]byte{
		`"F32"`:  {0, 0, 0xc0, 0x7f, 0, 0, 0x80, 0xff},
		`"F16"`:  {0, 0x7c, 1, 0xfe},
		`"BF16"`: {0x80, 0x7f, 0xc0, 0xff},
	}
	for dtype, v := range values {
		file := rawFile(fmt.Sprintf(`{"a":{"dtype":%s,"shape":[2],"data_offsets":[0,%d]}}`, dtype, len(v)), 0)
		file = append(file, v...)
		f, err := Parse(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, 2)
		if err := f.Read("a", got); !errors.Is(err, ErrNonFinite) || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: got %v, want %v that names the tensor", dtype, err, ErrNonFinite)
		}
		f, err = Parse(bytes.NewReader(file), int64(len(file)), AllowNonFinite())
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Read("a", got); err != nil {
			t.Errorf("%s allowed: %v", dtype, err)
		}
		for _, v := range got {
			if v-v == 0 {
				t.Errorf("%s: got %v, want NaN or infinity", dtype, v)
			}
		}
	}
}

// TestUnsupported is B35: types can be listed but not read.
func TestUnsupported(t *testing.T) {
	for d := F64; d <= C64; d++ {
		n := 192 / dtypes[d].bits
		file := rawFile(fmt.Sprintf(`{"a":{"dtype":"%v","shape":[%d],"data_offsets":[0,24]}}`, d, n), 24)
		f, err := Parse(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatalf("%v: %v", d, err)
		}
		info, err := f.Info("a")
		if err != nil || info.DType != d || info.Count != int(n) {
			t.Errorf("%v: got %v, %v", d, info, err)
		}
		err = f.Read("a", make([]float32, n))
		if !errors.Is(err, ErrDTypeUnsupported) || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%v: got %v, want %v that names the tensor", d, err, ErrDTypeUnsupported)
		}
		if _, err := f.ReadAll(); !errors.Is(err, ErrDTypeUnsupported) {
			t.Errorf("%v: ReadAll: got %v", d, err)
		}
	}
}

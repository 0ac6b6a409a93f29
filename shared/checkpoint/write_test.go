package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	peer "github.com/nlpodyssey/safetensors"
)

// randomModel makes up to 12 tensors of up to 4 dimensions, and metadata half of the time.
func randomModel(r *rand.Rand) ([]Tensor, map[string]string) {
	pieces := []string{"a", "weight", "b.c", "/", "ä", "\"", "\\", "<b>", "layer.0", " ", "日本", "\u2028", "😀"}
	word := func() string {
		var b strings.Builder
		for range 1 + r.IntN(4) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	tensors := make([]Tensor, r.IntN(12))
	for i := range tensors {
		t := Tensor{Name: fmt.Sprint(word(), i), DType: DType(r.IntN(2)), Shape: make([]int, r.IntN(5))}
		n := 1
		for j := range t.Shape {
			t.Shape[j] = r.IntN(6)
			n *= t.Shape[j]
		}
		t.Data = make([]float32, n)
		for j := range t.Data {
			t.Data[j] = fromF16(uint16(r.IntN(0x7c00)) | uint16(r.IntN(2))<<15)
			if t.DType == F32 && r.IntN(2) == 0 {
				t.Data[j] *= float32(r.NormFloat64())
			}
		}
		tensors[i] = t
	}
	if r.IntN(2) == 0 {
		return tensors, nil
	}
	meta := map[string]string{}
	for range r.IntN(4) {
		meta[word()] = word()
	}
	return tensors, meta
}

// TestRoundTrip writes random models, reads them back and writes them again to the same bytes. Every model is also
// read by an independent reader, which must find the same names, types, shapes and bytes.
func TestRoundTrip(t *testing.T) {
	models := 10_000
	if testing.Short() {
		models = 1_000
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range models {
		tensors, meta := randomModel(r)
		var file bytes.Buffer
		if err := Write(&file, tensors, meta); err != nil {
			t.Fatal(err)
		}
		if n := binary.LittleEndian.Uint64(file.Bytes()); n%8 != 0 {
			t.Fatalf("header of %d bytes, want a multiple of 8", n)
		}
		f, err := Parse(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatalf("model %d: %v\n%q", i, err, file.Bytes())
		}
		back, err := f.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(meta, f.Metadata()); d != "" {
			t.Fatalf("metadata: %s", d)
		}
		if got, want := Digest(back), Digest(tensors); got != want {
			t.Fatalf("model %d: digest differs", i)
		}
		r.Shuffle(len(back), func(i, j int) { back[i], back[j] = back[j], back[i] })
		var again bytes.Buffer
		if err := Write(&again, back, f.Metadata()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Fatalf("model %d: written again it differs", i)
		}
		samePeer(t, f, file.Bytes())
	}
}

// samePeer compares f with what the independent reader makes of file.
func samePeer(t *testing.T, f *File, file []byte) {
	t.Helper()
	st, err := peer.Deserialize(file)
	if err != nil {
		t.Fatalf("peer: %v\n%q", err, file)
	}
	if got, want := len(f.Names()), st.Len(); got != want {
		t.Fatalf("got %d tensors, peer has %d", got, want)
	}
	for _, name := range f.Names() {
		view, ok := st.Tensor(name)
		if !ok {
			t.Fatalf("peer has no %q", name)
		}
		info, err := f.Info(name)
		if err != nil {
			t.Fatal(err)
		}
		shape := make([]int, len(view.Shape()))
		for i, d := range view.Shape() {
			shape[i] = int(d)
		}
		if !cmp.Equal(info.Shape, shape) || fmt.Sprint(view.DType()) != info.DType.String() {
			t.Fatalf("%q: got %v %v, peer has %v %v", name, info.DType, info.Shape, view.DType(), shape)
		}
		e := f.head.find(name)
		if !bytes.Equal(file[f.data+e.begin:f.data+e.end], view.Data()) {
			t.Fatalf("%q: bytes differ from the peer's", name)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := func() Tensor { return Tensor{Name: "a", Shape: []int{2}, Data: []float32{1, 2}} }
	for _, c := range []struct {
		about string
		edit  func(t *Tensor)
		want  error
	}{
		{"empty name", func(t *Tensor) { t.Name = "" }, ErrName},
		{"long name", func(t *Tensor) { t.Name = strings.Repeat("n", 513) }, ErrName},
		{"control character", func(t *Tensor) { t.Name = "a\n" }, ErrName},
		{"parent segment", func(t *Tensor) { t.Name = "a/../b" }, ErrName},
		{"not UTF-8", func(t *Tensor) { t.Name = "\xff" }, ErrName},
		{"reserved name", func(t *Tensor) { t.Name = "__metadata__" }, ErrName},
		{"duplicate", func(t *Tensor) { t.Name = "b" }, ErrDuplicateName},
		{"BF16", func(t *Tensor) { t.DType = BF16 }, ErrDTypeUnsupported},
		{"unknown type", func(t *Tensor) { t.DType = 99 }, ErrDTypeUnsupported},
		{"9 dimensions", func(t *Tensor) { t.Shape = []int{2, 1, 1, 1, 1, 1, 1, 1, 1} }, ErrRank},
		{"negative", func(t *Tensor) { t.Shape = []int{-1, -2} }, ErrShape},
		{"too few values", func(t *Tensor) { t.Shape = []int{3} }, ErrShape},
		{"wrapping product", func(t *Tensor) { t.Shape = []int{1 << 62, 4, 2} }, ErrShape},
		{"NaN", func(t *Tensor) { t.Data[1] = float32(math.NaN()) }, ErrNonFinite},
		{"infinity", func(t *Tensor) { t.Data[1] = float32(math.Inf(-1)) }, ErrNonFinite},
		{"infinity as F16", func(t *Tensor) { t.DType, t.Data[1] = F16, float32(math.Inf(-1)) }, ErrNonFinite},
		{"beyond F16", func(t *Tensor) { t.DType, t.Data[1] = F16, 65520 }, ErrOverflow},
	} {
		bad := ok()
		c.edit(&bad)
		other := ok()
		other.Name = "b"
		err := Write(&bytes.Buffer{}, []Tensor{other, bad}, nil)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.about, err, c.want)
		}
	}
	if err := Write(&bytes.Buffer{}, nil, map[string]string{"k": "\xff"}); !errors.Is(err, ErrMetadata) {
		t.Errorf("metadata: got %v, want %v", err, ErrMetadata)
	}
	if err := Write(&bytes.Buffer{}, make([]Tensor, maxTensors+1), nil); !errors.Is(err, ErrTooManyTensors) {
		t.Errorf("count: got %v, want %v", err, ErrTooManyTensors)
	}
}

// TestReadLengths reads tensors around the size of the buffer that values pass through.
func TestReadLengths(t *testing.T) {
	for _, n := range []int{0, 1, chunk/4 - 1, chunk / 4, chunk/4 + 1, chunk / 2, chunk/2 + 1, chunk + 3} {
		want := make([]float32, n)
		for i := range want {
			want[i] = float32(i % 2048)
		}
		path := filepath.Join(t.TempDir(), "a.safetensors")
		err := WriteFile(path, fileOf(t, Tensor{Name: "a", Shape: []int{n}, Data: want}, Tensor{Name: "h", DType: F16, Shape: []int{n}, Data: want}))
		if err != nil {
			t.Fatal(err)
		}
		tensors, _, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range tensors {
			if !cmp.Equal(got.Data, want) {
				t.Errorf("%d values of %v differ", n, got.DType)
			}
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Read("a", make([]float32, n+1)); !errors.Is(err, ErrShape) {
			t.Errorf("wrong length: got %v, want %v", err, ErrShape)
		}
		if err := f.Read("b", nil); !errors.Is(err, ErrMissingTensor) {
			t.Errorf("wrong name: got %v, want %v", err, ErrMissingTensor)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func fileOf(t testing.TB, tensors ...Tensor) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDigest: names, shapes and every bit of every value count; order and stored type do not.
func TestDigest(t *testing.T) {
	base := func() []Tensor {
		return []Tensor{
			{Name: "a", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 0}},
			{Name: "b", Shape: []int{}, Data: []float32{7}},
		}
	}
	want := Digest(base())
	if !strings.HasPrefix(want, "sha256:") || len(want) != 71 {
		t.Fatalf("got %q", want)
	}
	same := base()
	same[0], same[1] = same[1], same[0]
	same[0].DType = F16
	if Digest(same) != want {
		t.Error("order or type changes the digest")
	}
	for about, edit := range map[string]func(t []Tensor){
		"name":        func(t []Tensor) { t[0].Name = "c" },
		"shape":       func(t []Tensor) { t[0].Shape = []int{3, 2} },
		"rank":        func(t []Tensor) { t[1].Shape = []int{1} },
		"last bit":    func(t []Tensor) { t[0].Data[2] = math.Nextafter32(3, 4) },
		"sign of 0":   func(t []Tensor) { t[0].Data[5] = float32(math.Copysign(0, -1)) },
		"swap values": func(t []Tensor) { t[0].Data[0], t[0].Data[1] = 2, 1 },
	} {
		other := base()
		edit(other)
		if Digest(other) == want {
			t.Errorf("%s does not change the digest", about)
		}
	}
}

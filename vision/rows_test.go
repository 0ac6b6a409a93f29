package vision_test

import (
	"errors"
	"image"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// levels are records in memory.
type levels [][]byte

func (l levels) Len() int { return len(l) }

func (l levels) Read(dst []byte, i int) error {
	if l[i] == nil {
		return errors.New("damaged")
	}
	copy(dst, l[i])
	return nil
}

// noise is a picture of random pixels.
func noise(seed uint64) *image.NRGBA {
	r, p := random.New(seed), image.NewNRGBA(image.Rect(0, 0, 19, 14))
	for i := range p.Pix {
		p.Pix[i] = uint8(r.IntN(256))
	}
	return p
}

// records are those of n pictures of noise.
func records(t testing.TB, m *vision.Model, n int) levels {
	t.Helper()
	all := make(levels, n)
	for i := range all {
		all[i] = make([]byte, m.Config.Channels*m.Config.ImageSize*m.Config.ImageSize)
		if err := m.Processor.Levels(all[i], noise(uint64(i))); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestRows: pictures that pass through records get the vectors of Process and Encode, in both forms, whatever is beside them.
func TestRows(t *testing.T) {
	m, _ := load(t)
	rows, err := m.TuningRows(records(t, m, 5), &picture.Augment{FlipH: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if got := rows.Lengths(); !slices.Equal(got, []int32{10, 10, 10, 10, 10}) {
		t.Errorf("lengths %v, want 10 each", got)
	}
	s := m.Snapshot()
	encoder := rows.Encoder(m)
	layers, feed := rows.Chain(m)
	for _, chosen := range [][]int32{{3, 1}, {4, 0, 2}} {
		l := nn.Batch{B: len(chosen)}
		b, err := rows.Lay(&l, chosen)
		if err != nil {
			t.Fatal(err)
		}
		size := l.T * s.Width()
		y := make([]float32, l.B*size)
		if err := encoder(y, b, &l); err != nil {
			t.Fatal(err)
		}
		for i, r := range chosen {
			pixels := make([]float32, 3*12*12)
			if err := m.Processor.Process(pixels, noise(uint64(r))); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(y[i*size:(i+1)*size], encode(t, s, pixels, 1)) {
				t.Errorf("picture %d has other vectors", r)
			}
		}
		feed(b)
		var x []float32
		for _, layer := range layers {
			z := make([]float32, len(y))
			if err := layer.Forward(z, x, &l); err != nil {
				t.Fatal(err)
			}
			x = z
		}
		if !slices.Equal(x, y) {
			t.Error("the chain and the encoder differ")
		}
	}
	if _, err := rows.Lay(&nn.Batch{B: 1}, []int32{1}); err != nil {
		t.Fatal(err)
	}
	broken, err := m.TuningRows(levels{nil}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Lay(&nn.Batch{B: 1}, []int32{0}); err == nil {
		t.Error("a damaged record is accepted")
	}
	if _, err := m.TuningRows(levels{}, &picture.Augment{FlipH: 2}); err == nil {
		t.Error("an augmentation out of range is accepted")
	}
}

// TestRowsAugment: in training a picture is varied by its key alone, whatever the company and the workers, and crops have the model's size.
func TestRowsAugment(t *testing.T) {
	m, _ := load(t)
	rows, err := m.TuningRows(records(t, m, 6), &picture.Augment{Crop: &picture.RandomCrop{Filter: picture.Bilinear}, FlipH: 0.5, Rotate: 10})
	if err != nil {
		t.Fatal(err)
	}
	encoder := rows.Encoder(m)
	vectors := func(train bool, keys []uint64, chosen ...int32) []float32 {
		l := nn.Batch{B: len(chosen), Train: train, Keys: keys}
		b, err := rows.Lay(&l, chosen)
		if err != nil {
			t.Fatal(err)
		}
		l.Train, l.Keys = false, nil
		y := make([]float32, l.B*l.T*16)
		if err := encoder(y, b, &l); err != nil {
			t.Fatal(err)
		}
		return y
	}
	defer kernels.SetWorkers(kernels.Workers())
	kernels.SetWorkers(1)
	alone := vectors(true, []uint64{7}, 2)
	kernels.SetWorkers(5)
	size := len(alone)
	if among := vectors(true, []uint64{1, 7, 3, 4}, 5, 2, 0, 1); !slices.Equal(among[size:2*size], alone) {
		t.Error("a picture is varied by what is beside it")
	}
	for name, other := range map[string][]float32{"another key": vectors(true, []uint64{8}, 2), "none": vectors(false, []uint64{7}, 2)} {
		if slices.Equal(other, alone) {
			t.Errorf("%s: the same picture", name)
		}
	}
}

// TestFresh: a model from scratch has the base's form and its own weights, by seed.
func TestFresh(t *testing.T) {
	m, _ := load(t)
	a, err := m.Fresh(5)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Fresh(6)
	if err != nil {
		t.Fatal(err)
	}
	if a.Name != m.Name || a.Fingerprint() == m.Fingerprint() || a.Fingerprint() == b.Fingerprint() {
		t.Error("fresh weights are those of the base, or of another seed")
	}
	id := m.Identity()
	if id.Fingerprint != m.Fingerprint() || id.Name != m.Name || id.Tokenizer != a.Identity().Tokenizer {
		t.Errorf("identity %+v", id)
	}
	other := *m
	other.Processor.Mean = []float64{0.1, 0.5, 0.5}
	if other.Identity().Tokenizer == id.Tokenizer {
		t.Error("another processor has the same sum")
	}
}

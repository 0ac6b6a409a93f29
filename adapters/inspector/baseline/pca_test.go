package baseline

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// stripes is a weave of waves with noise, keyed.
func stripes(side int, key uint64) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, side, side))
	s := random.New(key)
	phase, light := 8*s.Float64(), 0.5+s.Float64()
	for y := range side {
		for x := range side {
			v := 128 + light*40*math.Sin(float64(x)/3+phase) + light*20*math.Cos(float64(y)/5+phase) + 3*s.Normal()
			m.Pix[y*m.Stride+x] = uint8(max(0, min(255, v)))
		}
	}
	return m
}

func good(n int) (all []*image.Gray) {
	for i := range n {
		all = append(all, stripes(64, uint64(i)))
	}
	return all
}

func TestPCAFindsDefects(t *testing.T) {
	p, err := FitPCA(good(10), Options{})
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i := range 10 {
		s, _, err := p.Score(stripes(64, uint64(100+i)))
		if err != nil {
			t.Fatal(err)
		}
		worst = max(worst, s)
	}
	bad := stripes(64, 100)
	for y := 30; y < 36; y++ {
		for x := 40; x < 46; x++ {
			bad.Pix[y*bad.Stride+x] = 20
		}
	}
	s, m, err := p.Score(bad)
	if err != nil || s <= 2*worst {
		t.Errorf("a defect: got %g, %v, want far above %g", s, err, worst)
	}
	at := slices.Index(m.Values, slices.Max(m.Values))
	if x, y := at%m.Width*4, at/m.Width*4; x < 40-16 || x > 46 || y < 30-16 || y > 36 {
		t.Errorf("the worst patch is at %d, %d", x, y)
	}
}

func TestPCABasis(t *testing.T) {
	p, err := FitPCA(good(6), Options{Patch: 8, Components: 5})
	if err != nil {
		t.Fatal(err)
	}
	basis, mean := p.Basis()
	if len(mean) != 64 || len(basis) != 5*64 {
		t.Fatalf("got %d and %d values", len(mean), len(basis))
	}
	for i := range 5 {
		for j := range 5 {
			var dot, want float64
			for k := range 64 {
				dot += float64(basis[i*64+k]) * float64(basis[j*64+k])
			}
			if i == j {
				want = 1
			}
			if math.Abs(dot-want) > 1e-6 {
				t.Errorf("components %d and %d: product %g, want %g", i, j, dot, want)
			}
		}
	}
	if o := p.Options(); o.Stride != 4 {
		t.Errorf("got %+v", o)
	}
}

func TestPCASameForAnyWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	var want []float32
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		p, err := FitPCA(good(4), Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, m, err := p.Score(stripes(64, 9))
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Concat(p.basis, p.mean, m.Values)
		if want == nil {
			want = got
		} else if !slices.Equal(got, want) {
			t.Errorf("%d workers: other bits", workers)
		}
	}
}

func TestPCAErrors(t *testing.T) {
	small := image.NewGray(image.Rect(0, 0, 8, 64))
	for name, c := range map[string]struct {
		pictures []*image.Gray
		o        Options
	}{
		"nothing":         {nil, Options{}},
		"small":           {[]*image.Gray{small}, Options{}},
		"empty":           {[]*image.Gray{{}}, Options{}},
		"patch":           {good(1), Options{Patch: 33}},
		"stride":          {good(1), Options{Stride: -1}},
		"many components": {good(1), Options{Patch: 2, Components: 5}},
		"components":      {good(1), Options{Components: -1}},
	} {
		if _, err := FitPCA(c.pictures, c.o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p, err := FitPCA([]*image.Gray{image.NewGray(image.Rect(0, 0, 32, 32))}, Options{})
	if err != nil {
		t.Fatalf("a black picture: %v", err)
	}
	if s, _, err := p.Score(image.NewGray(image.Rect(0, 0, 32, 32))); err != nil || s != 0 {
		t.Errorf("a black picture: got %g, %v, want 0", s, err)
	}
	if _, _, err := p.Score(small); err == nil {
		t.Error("small: no error")
	}
}

func TestSymmetricEigen(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 40} {
		s := random.New(uint64(n))
		a := make([]float64, n*n)
		for i := range n {
			for j := range i + 1 {
				a[i*n+j] = s.Normal()
				a[j*n+i] = a[i*n+j]
			}
		}
		values, v, err := symmetricEigen(slices.Clone(a), n)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(values, func(x, y float64) int { return int(math.Copysign(1, y-x)) }) {
			t.Errorf("%d: values %v don't fall", n, values)
		}
		for k := range n {
			for i := range n {
				var got, dot float64
				for j := range n {
					got += a[i*n+j] * v[k*n+j]
					dot += v[k*n+j] * v[i*n+j]
				}
				if want := values[k] * v[k*n+i]; math.Abs(got-want) > 1e-10 {
					t.Fatalf("%d: vector %d: a v is %g, want %g", n, k, got, want)
				}
				if i == k {
					dot--
				}
				if math.Abs(dot) > 1e-12 {
					t.Fatalf("%d: vectors %d and %d: %g off orthonormal", n, k, i, dot)
				}
			}
		}
	}
	if _, _, err := symmetricEigen([]float64{math.NaN()}, 1); err == nil {
		t.Error("NaN: no error")
	}
	values, _, err := symmetricEigen([]float64{2, 1, 1, 2}, 2)
	if err != nil || math.Abs(values[0]-3) > 1e-15 || math.Abs(values[1]-1) > 1e-15 {
		t.Errorf("got %v, %v, want 3 and 1", values, err)
	}
}

func BenchmarkPCAScore(b *testing.B) {
	p, err := FitPCA(good(2), Options{})
	if err != nil {
		b.Fatal(err)
	}
	m := stripes(250, 1)
	for b.Loop() {
		if _, _, err := p.Score(m); err != nil {
			b.Fatal(err)
		}
	}
}

package nn_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels/kerneltest"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// A patchCase is a patch embedding over a 2 x 3 grid of two pictures, with weights of a linear loss.
type patchCase struct {
	e       *nn.PatchEmbed
	b       *nn.Batch
	weights []float32 // [B, T, D] of the loss
}

const (
	patchD       = 8
	patchRows    = 2
	patchCols    = 3
	patchSide    = 2
	patchChannel = 3
	patchIn      = patchChannel * patchSide * patchSide
	patchN       = patchRows * patchCols
)

func newPatchCase(t testing.TB, kind string, keep []int32) *patchCase {
	t.Helper()
	e, err := nn.NewPatchEmbed("vit.", nn.PatchConfig{Rows: patchRows, Cols: patchCols, Patch: patchSide, Channels: patchChannel, D: patchD, Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	c := &patchCase{e: e, b: &nn.Batch{B: 2, T: 1 + patchN}}
	if keep != nil {
		c.b.T = 1 + len(keep)/c.b.B
	}
	for _, p := range e.Params() {
		if !p.Frozen {
			copy(p.Value, drawn(p.Name, len(p.Value)))
		}
	}
	e.Patches, e.Keep = drawn("patches", c.b.B*patchN*patchIn), keep
	c.weights = drawn("weights", c.b.B*c.b.T*patchD)
	return c
}

// drawn are normal numbers by name.
func drawn(name string, n int) []float32 {
	v, stream := make([]float32, n), random.New(random.Key(5, name))
	for i := range v {
		v[i] = float32(stream.Normal())
	}
	return v
}

func (c *patchCase) kept(i, k int) int {
	if c.e.Keep == nil {
		return k
	}
	return int(c.e.Keep[i*(c.b.T-1)+k])
}

// outputs is the reference, in float64.
func (c *patchCase) outputs(v map[string][]float64) []float64 {
	var y []float64
	for i := range c.b.B {
		for t := range c.b.T {
			for d := range patchD {
				if t == 0 {
					y = append(y, v["cls_token"][d]+v["position_embeddings"][d])
					continue
				}
				p := c.kept(i, t-1)
				sum := v["projection.bias"][d] + v["position_embeddings"][(1+p)*patchD+d]
				for j := range patchIn {
					sum += v["projection.weight"][d*patchIn+j] * float64(c.e.Patches[(i*patchN+p)*patchIn+j])
				}
				y = append(y, sum)
			}
		}
	}
	return y
}

// patchName is a parameter's name without what all have before it.
func patchName(p *nn.Param) string {
	return strings.TrimPrefix(strings.TrimPrefix(p.Name, "vit.embeddings."), "patch_embeddings.")
}

// checkPatchGradients compares outputs and gradients of e, for a loss with the given weights of its outputs, with a reference in float64 and its central differences.
func checkPatchGradients(t *testing.T, e *nn.PatchEmbed, b *nn.Batch, weights []float32, reference func(v map[string][]float64) []float64) {
	t.Helper()
	const tolerance = 1e-5 // of sums of a dozen float32 products near 1
	y := make([]float32, len(weights))
	if err := e.Forward(y, nil, b); err != nil {
		t.Fatal(err)
	}
	v := map[string][]float64{}
	for _, p := range e.Params() {
		for _, x := range p.Value {
			v[patchName(p)] = append(v[patchName(p)], float64(x))
		}
	}
	for i, want := range reference(v) {
		if math.Abs(float64(y[i])-want) > tolerance {
			t.Fatalf("output %d: got %g, want %g", i, y[i], want)
		}
	}
	if err := e.Backward(nil, slices.Clone(weights), nil, y, b); err != nil {
		t.Fatal(err)
	}
	loss := func() float64 {
		var sum float64
		for i, y := range reference(v) {
			sum += y * float64(weights[i])
		}
		return sum
	}
	for _, p := range e.Params() {
		if p.Frozen {
			if p.Grad != nil {
				t.Errorf("%s is frozen with a gradient of %d values", p.Name, len(p.Grad))
			}
			continue
		}
		kerneltest.CheckGradient(t, p.Name, p.Grad, v[patchName(p)], loss, 1e-3, 1e-4)
	}
}

// someKept are two of six patches of the first picture, two others of the second.
func someKept() []int32 { return []int32{1, 4, 0, 5} }

// TestPatchGradients: outputs and gradients are those of the float64 reference and its central differences.
func TestPatchGradients(t *testing.T) {
	for _, kind := range []string{"absolute", "sinusoidal"} {
		for about, keep := range map[string][]int32{"all": nil, "kept": someKept()} {
			t.Run(kind+"/"+about, func(t *testing.T) {
				c := newPatchCase(t, kind, keep)
				for _, p := range c.e.Params() {
					if p.Frozen != (kind == "sinusoidal" && patchName(p) == "position_embeddings") {
						t.Errorf("%s: frozen: %t", p.Name, p.Frozen)
					}
				}
				checkPatchGradients(t, c.e, c.b, c.weights, c.outputs)
			})
		}
	}
}

// TestPatchInfer: without dropout Infer is Forward to the bit, for each picture alone as for both, from many goroutines at once; a clone is apart.
func TestPatchInfer(t *testing.T) {
	for about, keep := range map[string][]int32{"all": nil, "kept": someKept()} {
		c := newPatchCase(t, "", keep)
		size, k := c.b.T*patchD, c.b.T-1
		want := make([]float32, 2*size)
		if err := c.e.Forward(want, nil, c.b); err != nil {
			t.Fatal(err)
		}
		clone := c.e.Clone()
		for _, p := range c.e.Params() {
			clear(p.Value)
		}
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				i := n % 2
				one, b := make([]float32, size), &nn.Batch{B: 1, T: c.b.T}
				var picked []int32
				if keep != nil {
					picked = keep[i*k : (i+1)*k]
				}
				if err := clone.Infer(one, c.e.Patches[i*patchN*patchIn:(i+1)*patchN*patchIn], picked, b); err != nil {
					t.Error(err)
				}
				if !slices.Equal(one, want[i*size:(i+1)*size]) {
					t.Errorf("%s: picture %d alone differs", about, i)
				}
			})
		}
		all.Wait()
		both := make([]float32, 2*size)
		if err := clone.Infer(both, c.e.Patches, keep, c.b); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(both, want) {
			t.Errorf("%s: Infer differs from Forward", about)
		}
	}
}

// TestPatchDropout: dropout depends on the keys and drops something.
func TestPatchDropout(t *testing.T) {
	run := func(key uint64) []float32 {
		c := newPatchCase(t, "", nil)
		c.e.Dropout, c.b.Train, c.b.Keys = 0.5, true, []uint64{key, key + 1}
		y := make([]float32, 2*c.b.T*patchD)
		if err := c.e.Forward(y, nil, c.b); err != nil {
			t.Fatal(err)
		}
		return y
	}
	a := run(1)
	if !slices.Equal(a, run(1)) || slices.Equal(a, run(2)) || !slices.Contains(a, 0) {
		t.Error("dropout isn't a function of the keys")
	}
}

func TestPatchErrors(t *testing.T) {
	for want, change := range map[string]func(c *patchCase){
		"kept patch 1 of sample 1: got 6, want 5 to 5": func(c *patchCase) { c.e.Keep = []int32{1, 4, 4, 6} },
		"in rising order":        func(c *patchCase) { c.e.Keep = []int32{4, 1, 0, 5} },
		"kept patch 0 of sample": func(c *patchCase) { c.e.Keep = []int32{-1, 1, 0, 5} },
		"values of patches":      func(c *patchCase) { c.e.Patches = c.e.Patches[1:] },
		"kept ones":              func(c *patchCase) { c.e.Keep = c.e.Keep[1:] },
		"where none are picked":  func(c *patchCase) { c.e.Keep = nil },
		"length of sample 1":     func(c *patchCase) { c.b.Lengths = []int32{3, 2} },
	} {
		c := newPatchCase(t, "", someKept())
		change(c)
		y := make([]float32, c.b.B*c.b.T*patchD)
		forward, infer := c.e.Forward(y, nil, c.b), c.e.Infer(y, c.e.Patches, c.e.Keep, c.b)
		for _, err := range []error{forward, infer} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	}
	for _, c := range []nn.PatchConfig{{}, {Rows: 1, Cols: 1, Patch: 1, Channels: 1, D: 6, Kind: "sinusoidal"}, {Rows: 1, Cols: 1, Patch: 1, Channels: 1, D: 4, Kind: "rotary"}} {
		if _, err := nn.NewPatchEmbed("", c); err == nil {
			t.Errorf("%+v: got no error", c)
		}
	}
}

// TestSinusoid2D holds the table against its formula, and against Init, which must leave it alone.
func TestSinusoid2D(t *testing.T) {
	const rows, cols, d = 5, 7, 12
	table := nn.Sinusoid2D(rows, cols, d)
	for i, v := range table[:d] {
		if v != 0 {
			t.Errorf("class token, value %d: got %g, want 0", i, v)
		}
	}
	for p := range rows * cols {
		for j := range d {
			at := float64(p % cols)
			if j >= d/2 {
				at = float64(p / cols)
			}
			s, c := math.Sincos(at / math.Pow(10000, float64(j%(d/4))/(d/4)))
			want := s
			if j%(d/2) >= d/4 {
				want = c
			}
			if got := table[(1+p)*d+j]; math.Abs(float64(got)-want) > tableTolerance {
				t.Fatalf("patch %d, value %d: got %.9g, want %.9g", p, j, got, want)
			}
		}
	}
	c := newPatchCase(t, "sinusoidal", nil)
	c.e.Position.Init(7)
	if !slices.Equal(c.e.Position.Value, nn.Sinusoid2D(patchRows, patchCols, patchD)) || !c.e.Position.Frozen || !c.e.Clone().Position.Frozen {
		t.Error("the fixed table has changed, or isn't frozen")
	}
}

// TestInterpolate: the same grid gives the same bits, a flat table stays flat.
func TestInterpolate(t *testing.T) {
	c := newPatchCase(t, "", nil)
	same, err := c.e.Interpolate(patchRows, patchCols)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(same, c.e.Position.Value) {
		t.Error("the same grid gives another table")
	}
	for i := range c.e.Position.Value {
		c.e.Position.Value[i] = 3
	}
	flat, err := c.e.Interpolate(9, 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(flat) != (1+9*4)*patchD {
		t.Fatalf("got %d values", len(flat))
	}
	for i, v := range flat {
		if math.Abs(float64(v)-3) > 1e-6 {
			t.Fatalf("value %d of a flat table: got %g, want 3", i, v)
		}
	}
	if _, err := c.e.Interpolate(0, 4); err == nil {
		t.Error("a grid of 0 rows: got no error")
	}
}

func TestPatchify(t *testing.T) {
	const c, h, w, p = 3, 4, 6, 2
	pixels, got := make([]float32, c*h*w), make([]float32, c*h*w)
	for i := range pixels {
		pixels[i] = float32(i)
	}
	nn.Patchify(got, pixels, c, h, w, p)
	var want []float32
	for patch := range (h / p) * (w / p) {
		for i := range c * p * p {
			y, x := patch/(w/p)*p+i/p%p, patch%(w/p)*p+i%p
			want = append(want, pixels[(i/(p*p)*h+y)*w+x])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func BenchmarkPatchEmbed(b *testing.B) {
	for _, keep := range []int{64, 16} {
		b.Run(fmt.Sprintf("keep=%d", keep), func(b *testing.B) {
			e, err := nn.NewPatchEmbed("", nn.PatchConfig{Rows: 8, Cols: 8, Patch: 8, Channels: 3, D: 128})
			if err != nil {
				b.Fatal(err)
			}
			batch := &nn.Batch{B: 32, T: 1 + keep}
			e.Patches, e.Keep = make([]float32, 32*64*192), make([]int32, 32*keep)
			for i := range e.Keep {
				e.Keep[i] = int32(i % keep)
			}
			y := make([]float32, 32*batch.T*128)
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Forward(y, nil, batch); err != nil {
					b.Fatal(err)
				}
				if err := e.Backward(nil, y, nil, y, batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

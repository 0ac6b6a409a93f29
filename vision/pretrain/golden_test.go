package pretrain

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestGolden compares loss and gradients with those of testdata/golden.py, which computes them in float64.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Keep      [][]int32
		X, Pixels []float32
		Weights   map[string][]float32
		Cases     []struct {
			NormPixels bool `json:"norm_pixels"`
			Loss       float64
			X          []float32
			Gradients  map[string][]float32
		}
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	for _, want := range g.Cases {
		c := tinyConfig(t, 3)
		c.NormPixels = want.NormPixels
		d, b, _ := tinyDecoder(t, c)
		size := len(g.Pixels) / 2
		for i := range 2 {
			nn.Patchify(d.patches[i*size:], g.Pixels[i*size:(i+1)*size], 3, 6, 6, 2)
		}
		d.keep = slices.Concat(g.Keep...)
		for _, p := range d.Params() {
			if !p.Frozen && copy(p.Value, g.Weights[p.Name]) != len(p.Value) {
				t.Fatalf("%s: %d weights, want %d", p.Name, len(g.Weights[p.Name]), len(p.Value))
			}
		}
		y, dx := make([]float32, 1), make([]float32, len(g.X))
		if err := d.Forward(y, g.X, b); err != nil {
			t.Fatal(err)
		}
		if err := d.Backward(dx, []float32{1}, g.X, y, b); err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(y[0])-want.Loss) > 1e-6*want.Loss {
			t.Errorf("loss: got %g, want %g", y[0], want.Loss)
		}
		compare := func(name string, got, want []float32) {
			largest := 1e-2
			for _, v := range want {
				largest = max(largest, math.Abs(float64(v)))
			}
			for i := range want {
				if e := math.Abs(float64(got[i]) - float64(want[i])); !(e <= 2e-5*largest) {
					t.Errorf("%s: gradient %d: got %g, want %g", name, i, got[i], want[i])
					return
				}
			}
		}
		compare("x", dx, want.X)
		for _, p := range d.Params() {
			if !p.Frozen {
				compare(p.Name, p.Grad, want.Gradients[p.Name])
			}
		}
	}
}

package nn_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A stemCase is a patch embedding with a stem of two stages over a 2 x 3 grid of two pictures of 3 channels, with weights of a linear loss.
type stemCase struct {
	e       *nn.PatchEmbed
	b       *nn.Batch
	weights []float32 // [B, T, D] of the loss
}

const (
	stemRows, stemCols, stemN = 2, 3, 6
	stemSide                  = 4
	stemIn                    = 3
	stemD                     = 8
	stemSize                  = stemIn * stemSide * stemSide // of a patch
)

var stemChannels = []int{4, 5}

func newStemCase(t testing.TB, keep []int32) *stemCase {
	t.Helper()
	e, err := nn.NewPatchEmbed("vit.", nn.PatchConfig{Rows: stemRows, Cols: stemCols, Patch: stemSide, Channels: stemIn, D: stemD, Stem: stemChannels})
	if err != nil {
		t.Fatal(err)
	}
	c := &stemCase{e: e, b: &nn.Batch{B: 2, T: 1 + stemN}}
	if keep != nil {
		c.b.T = 1 + len(keep)/2
	}
	for _, p := range e.Params() {
		p.Init(3)
		if !strings.Contains(p.Name, "stem") {
			copy(p.Value, drawn(p.Name, len(p.Value)))
		}
	}
	e.Patches, e.Keep = drawn("patches", 2*stemN*stemSize), keep
	c.weights = drawn("weights", 2*c.b.T*stemD)
	return c
}

// picture is the i-th one [C, H, W] without the patches that aren't kept.
func (c *stemCase) picture(i int) (x [][][]float64) {
	for channel := range stemIn {
		x = append(x, nil)
		for y := range stemRows * stemSide {
			x[channel] = append(x[channel], make([]float64, stemCols*stemSide))
			for col := range x[channel][y] {
				patch := y/stemSide*stemCols + col/stemSide
				kept := c.e.Keep == nil || slices.Contains(c.e.Keep[i*(c.b.T-1):(i+1)*(c.b.T-1)], int32(patch))
				if kept {
					x[channel][y][col] = float64(c.e.Patches[(i*stemN+patch)*stemSize+(channel*stemSide+y%stemSide)*stemSide+col%stemSide])
				}
			}
		}
	}
	return x
}

// convolve is a 3x3 convolution of stride 2 with zeros beyond the edges, then GELU.
func convolve(x [][][]float64, kernel, bias []float64) (y [][][]float64) {
	in := len(x)
	for o := range bias {
		y = append(y, nil)
		for r := range len(x[0]) / 2 {
			y[o] = append(y[o], nil)
			for q := range len(x[0][0]) / 2 {
				sum := bias[o]
				for i := range in {
					for ky := range 3 {
						for kx := range 3 {
							row, col := 2*r+ky-1, 2*q+kx-1
							if row >= 0 && col >= 0 && row < len(x[0]) && col < len(x[0][0]) {
								sum += kernel[((o*in+i)*3+ky)*3+kx] * x[i][row][col]
							}
						}
					}
				}
				y[o][r] = append(y[o][r], sum*(1+math.Erf(sum/math.Sqrt2))/2)
			}
		}
	}
	return y
}

// outputs is the reference, in float64.
func (c *stemCase) outputs(v map[string][]float64) (y []float64) {
	for i := range 2 {
		x := c.picture(i)
		for _, stage := range []string{"0", "1"} {
			x = convolve(x, v["stem."+stage+".weight"], v["stem."+stage+".bias"])
		}
		for t := range c.b.T {
			for d := range stemD {
				if t == 0 {
					y = append(y, v["cls_token"][d]+v["position_embeddings"][d])
					continue
				}
				p := t - 1
				if c.e.Keep != nil {
					p = int(c.e.Keep[i*(c.b.T-1)+p])
				}
				sum := v["projection.bias"][d] + v["position_embeddings"][(1+p)*stemD+d]
				for j := range x {
					sum += v["projection.weight"][d*len(x)+j] * x[j][p/stemCols][p%stemCols]
				}
				y = append(y, sum)
			}
		}
	}
	return y
}

// TestStemGradients: outputs and gradients are those of the float64 reference and its central differences.
func TestStemGradients(t *testing.T) {
	for about, keep := range map[string][]int32{"all": nil, "kept": {1, 4, 0, 5}} {
		t.Run(about, func(t *testing.T) {
			c := newStemCase(t, keep)
			checkPatchGradients(t, c.e, c.b, c.weights, c.outputs)
		})
	}
}

// TestStemInfer: Infer of a clone is Forward to the bit, for a picture alone as for both, and gradients have the same bits with any number of workers.
func TestStemInfer(t *testing.T) {
	for about, keep := range map[string][]int32{"all": nil, "kept": {1, 4, 0, 5}} {
		c := newStemCase(t, keep)
		size, k := c.b.T*stemD, c.b.T-1
		want := make([]float32, 2*size)
		if err := c.e.Forward(want, nil, c.b); err != nil {
			t.Fatal(err)
		}
		clone := c.e.Clone()
		for i := range 2 {
			one, b := make([]float32, size), &nn.Batch{B: 1, T: c.b.T}
			var picked []int32
			if keep != nil {
				picked = keep[i*k : (i+1)*k]
			}
			if err := clone.Infer(one, c.e.Patches[i*stemN*stemSize:(i+1)*stemN*stemSize], picked, b); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(one, want[i*size:(i+1)*size]) {
				t.Errorf("%s: picture %d alone differs", about, i)
			}
		}
		for _, p := range clone.Params() {
			clear(p.Value)
		}
		if err := c.e.Forward(want, nil, c.b); err != nil || slices.Max(want) == 0 {
			t.Errorf("%s: a clone is not apart: %v", about, err)
		}
	}
	grads := func(workers int) (all []float32) {
		before := kernels.Workers()
		kernels.SetWorkers(workers)
		defer kernels.SetWorkers(before)
		c := newStemCase(t, nil)
		y := make([]float32, 2*c.b.T*stemD)
		for range 2 { // the second run finds memory in use
			if err := c.e.Forward(y, nil, c.b); err != nil {
				t.Fatal(err)
			}
			if err := c.e.Backward(nil, slices.Clone(c.weights), nil, y, c.b); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range c.e.Params() {
			all = append(all, p.Grad...)
		}
		return all
	}
	want := grads(1)
	for _, workers := range []int{2, 5} {
		if !slices.Equal(grads(workers), want) {
			t.Errorf("%d workers give other gradients", workers)
		}
	}
}

func TestStemErrors(t *testing.T) {
	for want, stem := range map[string][]int{"got 1 stages for patches of 4": {8}, "stage 1: got 0 channels": {8, 0}} {
		_, err := nn.NewPatchEmbed("", nn.PatchConfig{Rows: 2, Cols: 2, Patch: 4, Channels: 1, D: 8, Stem: stem})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

package pretrain

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// tinyConfig is for pictures of 9 patches of 2 x 2 pixels, of which the encoder sees 3.
func tinyConfig(t testing.TB, channels int) Config {
	t.Helper()
	c, err := Default("tiny", 6, 2, channels)
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Hidden, c.Model.Heads, c.Model.Layers, c.Model.Intermediate = 8, 2, 1, 16
	c.Model.Eps, c.Mask = 1e-5, 0.7
	c.DecoderHidden, c.DecoderHeads, c.DecoderLayers = 8, 2, 1
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func normals(n int, key uint64) []float32 {
	s, x := random.New(key), make([]float32, n)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	return x
}

// tinyDecoder returns a decoder with larger weights than initial ones, so that every gradient is well above rounding, and a batch of two pictures.
func tinyDecoder(t testing.TB, c Config) (*decoder, *nn.Batch, []float32) {
	t.Helper()
	d, err := newDecoder(c)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range d.Params() {
		if !p.Frozen {
			for j, v := range normals(len(p.Value), uint64(i)) {
				p.Value[j] += 0.2 * v
			}
		}
	}
	b := &nn.Batch{B: 2, T: 1 + c.kept(), Train: true}
	d.patches, d.keep = normals(2*9*4*c.Model.Channels, 100), []int32{0, 4, 7, 1, 2, 8}
	return d, b, normals(2*b.T*c.Model.Hidden, 101)
}

// loss runs the float32 forward pass and sums its squares in float64.
func loss(t testing.TB, d *decoder, b *nn.Batch, x []float32) float64 {
	t.Helper()
	var y [1]float32
	if err := d.Forward(y[:], x, b); err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range d.diff {
		sum += float64(v) * float64(v)
	}
	mean := sum / float64(len(d.diff))
	if math.Abs(mean-float64(y[0])) > 1e-6*mean {
		t.Fatalf("loss: got %g, want %g", y[0], mean)
	}
	return mean
}

// TestDecoderGradients compares every gradient with central differences of the float32 forward pass, in the direction of the gradient itself and in a random
// one: fourth-order differences with large steps, whose rounding stays below a thousandth.
func TestDecoderGradients(t *testing.T) {
	for _, channels := range []int{1, 3} {
		d, b, x := tinyDecoder(t, tinyConfig(t, channels))
		var y [1]float32
		if err := d.Forward(y[:], x, b); err != nil {
			t.Fatal(err)
		}
		dx := make([]float32, len(x))
		if err := d.Backward(dx, []float32{1}, x, y[:], b); err != nil {
			t.Fatal(err)
		}
		check := func(name string, value, grad []float32, key uint64) {
			was := slices.Clone(value)
			norm := 0.0
			for _, g := range grad {
				norm += float64(g) * float64(g)
			}
			norm = math.Sqrt(norm)
			if norm == 0 {
				t.Errorf("%d channels: %s: no gradient", channels, name)
				return
			}
			noise := normals(len(value), key)
			length := 0.0
			for _, v := range noise {
				length += float64(v) * float64(v)
			}
			for about, direction := range map[string]func(i int) float64{
				"along":  func(i int) float64 { return float64(grad[i]) / norm },
				"random": func(i int) float64 { return float64(noise[i]) / math.Sqrt(length) },
			} {
				want := 0.0
				at := func(h float64) float64 {
					for i := range value {
						value[i] = float32(float64(was[i]) + h*direction(i))
					}
					return loss(t, d, b, x)
				}
				for i := range grad {
					want += float64(grad[i]) * direction(i)
				}
				const h = 0.02
				got := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
				copy(value, was)
				if math.Abs(got-want) > 2e-3*norm+1e-5 {
					t.Errorf("%d channels: %s, %s: differences give %g, Backward %g", channels, name, about, got, want)
				}
			}
		}
		for i, p := range d.Params() {
			// Softmax doesn't see what all keys share, so the bias of the keys has no gradient.
			if !p.Frozen && !strings.HasSuffix(p.Name, "key.bias") {
				check(p.Name, p.Value, p.Grad, uint64(200+i))
			}
		}
		check("x", x, dx, 300)
	}
}

// TestTargets: with weights of zero the predictions are the bias, and the loss follows from the pixels of the hidden patches alone.
func TestTargets(t *testing.T) {
	for _, channels := range []int{1, 3} {
		for _, norm := range []bool{true, false} {
			c := tinyConfig(t, channels)
			c.NormPixels = norm
			d, b, x := tinyDecoder(t, c)
			clear(d.pred.W.Value)
			bias := d.pred.B.Value
			size, want, n := 4*channels, 0.0, 0
			for picture, kept := range [][]int32{{0, 4, 7}, {1, 2, 8}} {
				for patch := range int32(9) {
					if slices.Contains(kept, patch) {
						continue
					}
					p := d.patches[(picture*9+int(patch))*size:][:size]
					mean, variance := 0.0, 0.0
					for _, v := range p {
						mean += float64(v) / float64(size)
					}
					for _, v := range p {
						variance += (float64(v) - mean) * (float64(v) - mean) / float64(size-1)
					}
					for pixel := range 4 {
						for channel := range channels {
							target := float64(p[channel*4+pixel])
							if norm {
								target = (target - mean) / math.Sqrt(variance+1e-6)
							}
							e := float64(bias[pixel*channels+channel]) - target
							want += e * e
							n++
						}
					}
				}
			}
			want /= float64(n)
			if got := loss(t, d, b, x); math.Abs(got-want) > 1e-5*want {
				t.Errorf("%d channels, normalised %v: got %g, want %g", channels, norm, got, want)
			}
		}
	}
}

// TestNames: the tensors are those of transformers' ViTMAEForPreTraining.
func TestNames(t *testing.T) {
	d, _, _ := tinyDecoder(t, tinyConfig(t, 3))
	var got []string
	for _, x := range d.tensors() {
		got = append(got, x.Name)
	}
	want := []string{"decoder.decoder_pos_embed", "decoder.mask_token"}
	for _, name := range []string{
		"embed", "norm", "pred", "layers.0.attention.attention.query", "layers.0.attention.attention.key", "layers.0.attention.attention.value",
		"layers.0.attention.output.dense", "layers.0.layernorm_before", "layers.0.layernorm_after", "layers.0.intermediate.dense", "layers.0.output.dense",
	} {
		want = append(want, "decoder.decoder_"+name+".weight", "decoder.decoder_"+name+".bias")
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMask: as many patches as the rate says, in rising order, the same for the same key; all patches get their turn.
func TestMask(t *testing.T) {
	c := tinyConfig(t, 1)
	seen := map[int32]int{}
	for key := range uint64(500) {
		a, b := make([]int32, c.kept()), make([]int32, c.kept())
		keepPatches(a, 9, key)
		keepPatches(b, 9, key)
		if !slices.Equal(a, b) || !slices.IsSorted(a) || len(slices.Compact(a)) != 3 {
			t.Fatalf("key %d: got %v and %v", key, a, b)
		}
		for _, p := range a {
			seen[p]++
		}
	}
	for p := range int32(9) {
		if seen[p] < 120 || seen[p] > 215 {
			t.Errorf("patch %d was kept %d times in 500, want about 167", p, seen[p])
		}
	}
}

package vision_test

import (
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
)

// forward runs the sublayers of a model one after the other, as training does.
func forward(t testing.TB, m *vision.Model, pixels []float32, n int) []float32 {
	t.Helper()
	c, size := &m.Config, len(pixels)/n
	m.Embedding.Patches = make([]float32, len(pixels))
	for i := range n {
		nn.Patchify(m.Embedding.Patches[i*size:], pixels[i*size:(i+1)*size], c.Channels, c.ImageSize, c.ImageSize, c.PatchSize)
	}
	b := &nn.Batch{B: n, T: c.MaxPositions}
	var x []float32
	for _, l := range append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...) {
		y := make([]float32, b.B*b.T*c.Hidden)
		if err := l.Forward(y, x, b); err != nil {
			t.Fatal(err)
		}
		x = y
	}
	return x
}

package vision_test

import (
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// TestFreeze holds that a frozen model has one snapshot, and that changes beside its weights leave it as it is and give what the layers give.
func TestFreeze(t *testing.T) {
	c, err := vision.Preset("tiny", 16, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate = 32, 2, 2, 64
	m, err := vision.New(c, picture.NewProcessor(16, 16, 3), 1)
	if err != nil {
		t.Fatal(err)
	}
	sum := m.Fingerprint()
	if one, two := m.Snapshot(), m.Snapshot(); one == two || m.Frozen() {
		t.Error("a model that may change has one snapshot")
	}
	m.Freeze()
	if one, two := m.Snapshot(), m.Snapshot(); one != two || !m.Frozen() || m.Fingerprint() != sum {
		t.Error("freezing made another model")
	}
	own, err := m.Clone()
	if err != nil || own.Frozen() {
		t.Fatalf("a clone is frozen too, %v", err)
	}
	vectors := func(m *vision.Model) []float32 {
		s := m.Snapshot()
		y, x := make([]float32, s.Tokens()*s.Width()), make([]float32, 3*16*16)
		for i := range x {
			x[i] = float32(i%7) / 7
		}
		if err := s.Encode(y, x, 1); err != nil {
			t.Fatal(err)
		}
		return y
	}
	before := vectors(m)
	shared := m.Share()
	for _, x := range []*vision.Model{shared, own} {
		changes, err := peft.Attach(x.Encoder, peft.Config{LoRA: &peft.LoRAConfig{Rank: 2, Alpha: 4, Targets: []string{peft.AllLinear}}}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range changes.Params() {
			nn.InitNormal(p, uint64(i))
			for j := range p.Value {
				p.Value[j] *= 10
			}
		}
	}
	beside, merged := vectors(shared), vectors(own)
	if !slices.Equal(vectors(m), before) || slices.Equal(beside, before) || m.Fingerprint() != sum {
		t.Error("a change beside the weights changed the base, or nothing")
	}
	for i := range beside {
		if d := beside[i] - merged[i]; d > 1e-4 || d < -1e-4 {
			t.Fatalf("value %d: got %g, merged %g", i, beside[i], merged[i])
		}
	}
}

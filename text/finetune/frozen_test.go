package finetune

import (
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestFrozenKeeps holds that kept vectors are the bits of encoded ones, in other batches and paddings too.
func TestFrozenKeeps(t *testing.T) {
	m, err := texttest.Model(1, "cat", "sleeps", "pump")
	if err != nil {
		t.Fatal(err)
	}
	rows := []text.Row{m.Row("cat", 16), m.Row("the cat sleeps in it", 16), m.Row("pump sleeps", 16)}
	d := m.Width()
	layOut := func(length int, chosen ...int32) *batch {
		b := &batch{rows: chosen, nn: nn.Batch{B: len(chosen), T: length}}
		for _, r := range chosen {
			b.nn.Lengths = append(b.nn.Lengths, int32(len(rows[r].IDs)))
		}
		b.ids, b.types = text.Pad(nil, nil, rows, chosen, length, m.Pad())
		return b
	}
	encode := func(f *frozen, b *batch) []float32 {
		f.batch = b
		y := make([]float32, b.nn.B*b.nn.T*d)
		if err := f.Forward(y, nil, &b.nn); err != nil {
			t.Fatal(err)
		}
		var valid []float32
		for i := range b.nn.B {
			valid = append(valid, y[i*b.nn.T*d:][:b.nn.Length(i)*d]...)
		}
		return valid
	}
	keeps, small := newFrozen(m), newFrozen(m)
	small.room = 0
	encode(keeps, layOut(32, 0, 1, 2))
	for _, b := range []*batch{layOut(32, 2, 1), layOut(32, 0), layOut(16, 2, 0)} {
		if !slices.Equal(encode(keeps, b), encode(small, b)) {
			t.Errorf("rows %v: kept vectors differ", b.rows)
		}
	}
	if len(keeps.kept) != 3 || len(small.kept) != 0 {
		t.Errorf("kept %d rows, and %d without room, want 3 and 0", len(keeps.kept), len(small.kept))
	}
}

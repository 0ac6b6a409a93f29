package text_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestFreeze holds that a frozen model has one snapshot, which changes beside its weights share, and that rows in company get what they get alone.
func TestFreeze(t *testing.T) {
	m, err := texttest.Model(1, "cat", "dog", "sleeps")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := m.Snapshot(), m.Snapshot(); a == b || m.Frozen() {
		t.Error("a model that may change has one snapshot")
	}
	sum := m.Fingerprint()
	m.Freeze()
	m.Freeze()
	base := m.Snapshot()
	if base != m.Snapshot() || base.Base() != base || !m.Frozen() || m.Fingerprint() != sum {
		t.Error("freezing made another model")
	}
	c, err := m.Clone()
	if err != nil || c.Frozen() || c.Snapshot() == base || c.Fingerprint() != sum {
		t.Errorf("a clone is frozen too, or another model, %v", err)
	}
	s := m.Share()
	changes, err := peft.Attach(s.Encoder, peft.Config{LoRA: &peft.LoRAConfig{Rank: 2, Alpha: 4, Targets: []string{"query", "value"}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range changes.Params() {
		nn.InitNormal(p, uint64(i))
	}
	beside := s.Snapshot()
	if beside.Base() != base || m.Fingerprint() != sum || m.Encoder.Blocks[0].Attention.Query.Delta != nil {
		t.Error("a change beside the weights changed the base, or took a copy")
	}

	of := []*text.Inference{base, beside, base, beside}
	rows := []text.Row{m.Row("cat sleeps", 64), m.Row("cat sleeps", 64), m.Row("dog", 64), m.Row("dog dog dog cat sleeps", 64)}
	seen := 0
	err = text.EncodeMixed(t.Context(), of, rows, func(i int, x []float32, b *nn.Batch) {
		seen++
		n := len(rows[i].IDs)
		one := nn.Batch{B: 1, T: n}
		want := make([]float32, n*base.Width())
		if err := of[i].Encode(want, rows[i].IDs, make([]int32, n), &one); err != nil {
			t.Error(err)
		}
		if b.Length(0) != n || !slices.Equal(x[:len(want)], want) {
			t.Errorf("row %d differs from the row alone", i)
		}
	})
	if err != nil || seen != len(rows) {
		t.Errorf("%d rows, %v", seen, err)
	}
	nothing := func(int, []float32, *nn.Batch) { t.Error("a row was handed over") }
	for name, call := range map[string]func(ctx context.Context) error{
		"another base": func(ctx context.Context) error {
			return text.EncodeMixed(ctx, []*text.Inference{base, c.Snapshot()}, rows[:2], nothing)
		},
		"too few":      func(ctx context.Context) error { return text.EncodeMixed(ctx, of[:1], rows, nothing) },
		"none":         func(ctx context.Context) error { return text.EncodeMixed(ctx, nil, nil, nothing) },
		"an empty row": func(ctx context.Context) error { return text.EncodeMixed(ctx, of[:1], []text.Row{{}}, nothing) },
	} {
		if err := call(t.Context()); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := text.EncodeMixed(ended, of, rows, nothing); err == nil {
		t.Error("an ended context: got no error")
	}
}

// Whoever embeds and classifies on one base packs its weights once.
func ExampleModel_Freeze() {
	m, err := texttest.Model(1, "cat")
	if err != nil {
		fmt.Println(err)
		return
	}
	m.Freeze()
	one, two := m.Snapshot(), m.Snapshot()
	fmt.Println(one == two)
	// Output:
	// true
}

package backbone

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/nn"
)

// States sets y[i] [B, T, D] to what the first after[i] blocks make of x [B, T, D], which one of y may be, without the final norm: what Forward of First(after[i]) gives, to the
// bit, in one pass. The numbers rise from 0 at least to all blocks at most.
func (s *Inference) States(y [][]float32, after []int, x []float32, b *nn.Batch) error {
	if len(y) != len(after) || len(y) == 0 {
		return fmt.Errorf("backbone: inference: states: got %d outputs for %d states, want as many and at least 1", len(y), len(after))
	}
	for i, k := range after {
		if k < 0 || k > len(s.blocks) || i > 0 && k <= after[i-1] {
			return fmt.Errorf("backbone: inference: states: got %d, want rising numbers from 0 to %d", after, len(s.blocks))
		}
		if err := s.sizes(y[i], x, b); err != nil {
			return err
		}
	}
	w := s.get()
	err := w.states(s, y, after, x, b)
	s.put(w)
	if err != nil {
		return fmt.Errorf("backbone: inference: %w", err)
	}
	return nil
}

// states is States of numbers that rise.
func (w *workspace) states(s *Inference, y [][]float32, after []int, x []float32, b *nn.Batch) error {
	h, err := w.begin(s, x, b, nil)
	if err != nil {
		return err
	}
	done := 0
	for i, k := range after {
		for ; done < k; done++ {
			w.step(s, done, h)
		}
		w.rows.Unpack(y[i], h, s.config.Hidden)
	}
	return nil
}

package nn

import "fmt"

// A Batch is the layout of one batch of activations [B, T, D].
type Batch struct {
	B, T      int
	Lengths   []int32  // [B] valid positions of each sample, from 0 on; nil: all T
	Positions []int32  // [B*T] position of each token for position embeddings and rotation; nil: t
	Causal    bool     // in every attention a token sees itself and what stands before it, whatever the layer says
	Train     bool     // dropout is on
	Keys      []uint64 // [B] random key of each sample (seed, step and sample mixed), for dropout
}

// Length returns the valid positions of sample i.
func (b *Batch) Length(i int) int {
	if b.Lengths == nil {
		return b.T
	}
	return int(b.Lengths[i])
}

// Validate checks the sizes.
func (b *Batch) Validate() error {
	switch {
	case b.B <= 0 || b.T <= 0:
		return fmt.Errorf("nn: batch: got %d samples of length %d, want at least one of each", b.B, b.T)
	case b.Lengths != nil && len(b.Lengths) != b.B:
		return fmt.Errorf("nn: batch: got %d lengths, want %d", len(b.Lengths), b.B)
	case b.Positions != nil && len(b.Positions) != b.B*b.T:
		return fmt.Errorf("nn: batch: got %d positions, want %d", len(b.Positions), b.B*b.T)
	case b.Keys != nil && len(b.Keys) != b.B:
		return fmt.Errorf("nn: batch: got %d keys, want %d", len(b.Keys), b.B)
	}
	for i, n := range b.Lengths {
		if n < 0 || int(n) > b.T {
			return fmt.Errorf("nn: batch: length of sample %d: got %d, want 0 to %d", i, n, b.T)
		}
	}
	return nil
}

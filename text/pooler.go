package text

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Pooler is the dense layer and hyperbolic tangent that BERT and RoBERTa were pretrained with, over the first token's vector. Checkpoints
// of the encoder often have it; nothing here trains it, and Save keeps it.
type Pooler struct{ dense *nn.Linear }

// Forward sets y [B, D] from the encoder's output x [B, T, D]. It is safe for concurrent use.
func (p *Pooler) Forward(y, x []float32, b *nn.Batch) error {
	d := p.dense.In()
	cls := make([]float32, b.B*d)
	nn.PoolCLS.Forward(cls, x, b, d)
	if err := p.dense.Forward(y, cls, b.B, b); err != nil {
		return fmt.Errorf("text: pooler: %w", err)
	}
	kernels.TanhForward(y[:b.B*d], y)
	return nil
}

// pooler reads the pooler, if the file has one.
func (w *weights) pooler(d int) (*Pooler, error) {
	name := w.family.pooler
	if _, ok := w.names[name+".weight"]; name == "" || !ok {
		return nil, nil
	}
	p := &Pooler{nn.NewLinear(name, d, d)}
	return p, w.only(p.dense.Params())
}

func (p *Pooler) tensors() []checkpoint.Tensor {
	if p == nil {
		return nil
	}
	return tensors(p.dense.Params())
}

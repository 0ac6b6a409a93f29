package backbone

import (
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// bottleneck is an nn.Bottleneck with its weights in panels.
type bottleneck struct {
	down, up linear // [R, D], [D, R]
	act      nn.Activation
}

func packBottleneck(b *nn.Bottleneck) *bottleneck {
	if b == nil {
		return nil
	}
	return &bottleneck{pack(b.Down), pack(b.Up), b.Act}
}

// bottleneck changes y [N, D]; nil changes nothing.
func (w *workspace) bottleneck(l *bottleneck, y []float32) {
	if l == nil {
		return
	}
	n := w.rows.N
	narrow, made := kernels.Grow(&w.narrow, n*len(l.down.bias)), kernels.Grow(&w.made, n*len(l.up.bias))
	l.down.forward(narrow, y, n)
	l.act.Forward(narrow, narrow)
	l.up.forward(made, narrow, n)
	kernels.Add(y, made)
}

package train

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A patchLoss is a linear head over the patches of x [B, 1+N, D] and its weighted cross-entropy with soft targets t [B, N, 1+C]:
//
//	w_i = t_i0 + weight (1 - t_i0)
//	loss = -sum_i w_i sum_c t_ic log softmax(head(x_i))_c / sum_i w_i
//
// The class token has no part in it. Set targets before a run.
type patchLoss struct {
	head    *nn.Linear // [1+C, D]
	weight  float32    // of a patch wholly of a defect
	targets []float32  // [B, N, 1+C], each row sums to 1

	in      []float32 // [B N, D]
	logits  []float32 // [B N, 1+C], then their gradient
	din     []float32
	scratch nn.Scratch
}

// Name implements nn.Sublayer.
func (l *patchLoss) Name() string { return "patch_loss" }

// Params implements nn.Sublayer.
func (l *patchLoss) Params() []*nn.Param { return l.head.Params() }

// Shape implements nn.Sublayer: one loss.
func (l *patchLoss) Shape(*nn.Batch) []int { return []int{1} }

// Forward implements nn.Sublayer.
func (l *patchLoss) Forward(y, x []float32, b *nn.Batch) error {
	n, d, k := b.T-1, l.head.In(), l.head.Out()
	if len(l.targets) != b.B*n*k {
		return fmt.Errorf("inspector: patch loss: got %d targets, want %d for %d pictures of %d patches", len(l.targets), b.B*n*k, b.B, n)
	}
	in, logits := kernels.Grow(&l.in, b.B*n*d), kernels.Grow(&l.logits, b.B*n*k)
	for i := range b.B {
		copy(in[i*n*d:(i+1)*n*d], x[(i*b.T+1)*d:])
	}
	if err := l.head.Forward(logits, in, b.B*n, b); err != nil {
		return fmt.Errorf("inspector: patch loss: %w", err)
	}
	var total, weights float64
	for i := range b.B * n {
		row, t := logits[i*k:(i+1)*k], l.targets[i*k:(i+1)*k]
		w := t[0] + float32(l.weight*(1-t[0]))
		total += float64(float64(w) * float64(crossEntropy(row, t)))
		weights += float64(w)
		kernels.Scale(row, w)
	}
	kernels.Scale(logits, float32(1/weights))
	y[0] = float32(total / weights)
	return nil
}

// crossEntropy gives -sum t log softmax(z) and turns the logits z into softmax(z) - t. t sums to 1.
func crossEntropy(z, t []float32) float32 {
	most := z[0]
	for _, v := range z {
		most = max(most, v)
	}
	var sum, dot float32
	for i, v := range z {
		z[i] = kernels.Exp(v - most)
		sum += z[i]
		dot += float32(t[i] * (v - most))
	}
	for i := range z {
		z[i] = z[i]/sum - t[i]
	}
	return kernels.Log(sum) - dot
}

// Backward implements nn.Sublayer.
func (l *patchLoss) Backward(dx, dy, _, _ []float32, b *nn.Batch) error {
	n, d := b.T-1, l.head.In()
	if dy[0] != 1 {
		kernels.Scale(l.logits, dy[0])
	}
	var din []float32
	if dx != nil {
		din = kernels.Grow(&l.din, b.B*n*d)
	}
	if err := l.head.Backward(din, l.logits, l.in, b.B*n, false, b, &l.scratch); err != nil {
		return fmt.Errorf("inspector: patch loss: %w", err)
	}
	if dx == nil {
		return nil
	}
	for i := range b.B {
		clear(dx[i*b.T*d : (i*b.T+1)*d])
		copy(dx[(i*b.T+1)*d:(i+1)*b.T*d], din[i*n*d:])
	}
	return nil
}

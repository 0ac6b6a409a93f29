package train

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A patchLoss is a linear head over the class token and the patches of x [B, 1+N, D] and its weighted cross-entropy with soft targets t [B, 1+N, 1+C]:
//
//	w_i = t_i0 + weight (1 - t_i0), of class tokens times whole; 0 where all of t_i are 0
//	loss = -sum_i w_i sum_c t_ic log softmax(head(x_i))_c / sum_i w_i
//
// Set targets before a run.
type patchLoss struct {
	head    *nn.Linear // [1+C, D]
	weight  float32    // of what is wholly of a defect
	whole   float32    // of a class token, which stands for what is in the middle of its window
	targets []float32  // [B, 1+N, 1+C], each row sums to 1, or to 0 where it doesn't count

	logits  []float32 // [B (1+N), 1+C], then their gradient
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
	rows, k := b.B*b.T, l.head.Out()
	if len(l.targets) != rows*k {
		return fmt.Errorf("inspector: patch loss: got %d targets, want %d for %d windows of %d tokens", len(l.targets), rows*k, b.B, b.T)
	}
	logits := kernels.Grow(&l.logits, rows*k)
	if err := l.head.Forward(logits, x, rows, b); err != nil {
		return fmt.Errorf("inspector: patch loss: %w", err)
	}
	var total, weights float64
	for i := range rows {
		row, t := logits[i*k:(i+1)*k], l.targets[i*k:(i+1)*k]
		w := l.rowWeight(t, i%b.T == 0)
		if w == 0 {
			clear(row)
			continue
		}
		total += float64(float64(w) * float64(crossEntropy(row, t)))
		weights += float64(w)
		kernels.Scale(row, w)
	}
	if weights > 0 {
		kernels.Scale(logits, float32(1/weights))
		total /= weights
	}
	y[0] = float32(total)
	return nil
}

// rowWeight is w of a row of targets.
func (l *patchLoss) rowWeight(t []float32, class bool) float32 {
	var defect float32
	for _, v := range t[1:] {
		defect += v
	}
	if t[0]+defect == 0 {
		return 0
	}
	w := t[0] + float32(l.weight*(1-t[0]))
	if class {
		w *= l.whole
	}
	return w
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
func (l *patchLoss) Backward(dx, dy, x, _ []float32, b *nn.Batch) error {
	if dy[0] != 1 {
		kernels.Scale(l.logits, dy[0])
	}
	if err := l.head.Backward(dx, l.logits, x, b.B*b.T, false, b, &l.scratch); err != nil {
		return fmt.Errorf("inspector: patch loss: %w", err)
	}
	return nil
}

package summarizer

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Span is a sentence in a row of tokens: positions Start to End-1.
type Span struct{ Start, End int32 }

// headName is the name of the head's parameters.
const headName = "sentence_outputs"

// A SentenceLoss scores every sentence of a document by one number and compares it with 1 for the sentences of an ideal
// extract and 0 for the others, as BertSum does (Liu, 2019), but on the mean of a sentence's token vectors. It is the last
// sublayer of a training graph.
//
//	v_s = mean of x over the positions of sentence s        [S, D], S sentences in all rows
//	z_s = v_s·w + b
//	loss = mean over s of  max(z, 0) - z*label + log(1 + exp(-|z|))
type SentenceLoss struct {
	Outputs *nn.Linear // [1, D]

	Spans  [][]Span    // [B], set before a run
	Labels [][]float32 // [B], beside Spans, in [0, 1]

	vectors  []float32 // [S, D]
	logits   []float32 // [S]
	grad     []float32 // [S] gradient of the mean loss with respect to logits
	dvectors []float32 // [S, D]
	scratch  nn.Scratch
}

// NewSentenceLoss makes the head for width d, with initial values by seed.
func NewSentenceLoss(d int, seed uint64) *SentenceLoss {
	l := &SentenceLoss{Outputs: nn.NewLinear(headName, d, 1)}
	for _, p := range l.Params() {
		p.Init(seed)
	}
	return l
}

// Name implements nn.Sublayer.
func (l *SentenceLoss) Name() string { return headName }

// Params implements nn.Sublayer.
func (l *SentenceLoss) Params() []*nn.Param { return l.Outputs.Params() }

// Shape implements nn.Sublayer: one loss.
func (l *SentenceLoss) Shape(*nn.Batch) []int { return []int{1} }

// pool sets v [S, D] to the means of x [B, T, D] over spans.
func pool(v, x []float32, spans [][]Span, t, d int) {
	clear(v)
	for i, row := range spans {
		for _, s := range row {
			at := x[(i*t+int(s.Start))*d : (i*t+int(s.End))*d]
			kernels.ColumnSum(v[:d], at, int(s.End-s.Start), d)
			kernels.Scale(v[:d], 1/float32(s.End-s.Start))
			v = v[d:]
		}
	}
}

// Forward sets y [1] to the mean loss over the sentences of x [B, T, D].
func (l *SentenceLoss) Forward(y, x []float32, b *nn.Batch) error {
	n, err := l.check(b)
	if err != nil {
		return err
	}
	d := l.Outputs.In()
	l.vectors, l.logits, l.grad = slices.Grow(l.vectors[:0], n*d)[:n*d], slices.Grow(l.logits[:0], n)[:n], slices.Grow(l.grad[:0], n)[:n]
	pool(l.vectors, x, l.Spans, b.T, d)
	if err := l.Outputs.Forward(l.logits, l.vectors, n, b); err != nil {
		return err
	}
	scale := 1 / float32(n)
	var sum float32
	at := 0
	for _, row := range l.Labels {
		for _, label := range row {
			loss, grad := binaryCrossEntropy(l.logits[at], label)
			sum += loss
			l.grad[at] = grad * scale
			at++
		}
	}
	y[0] = sum * scale
	return nil
}

// binaryCrossEntropy returns the loss of logit z against label and its derivative.
func binaryCrossEntropy(z, label float32) (loss, grad float32) {
	loss = max(z, 0) - float32(z*label)
	loss += kernels.Log(1 + kernels.Exp(-max(z, -z)))
	return loss, float32(sigmoid(z)) - label
}

// sigmoid is 1 / (1 + exp(-z)), a float32.
func sigmoid(z float32) float64 {
	e := kernels.Exp(-max(z, -z))
	if z < 0 {
		return float64(e / (1 + e))
	}
	return float64(1 / (1 + e))
}

func (l *SentenceLoss) check(b *nn.Batch) (int, error) {
	if len(l.Spans) != b.B || len(l.Labels) != b.B {
		return 0, fmt.Errorf("summarizer: sentence loss: got %d rows of spans and %d of labels, want %d", len(l.Spans), len(l.Labels), b.B)
	}
	n := 0
	for i, row := range l.Spans {
		if len(row) != len(l.Labels[i]) {
			return 0, fmt.Errorf("summarizer: sentence loss: row %d: got %d labels, want %d", i, len(l.Labels[i]), len(row))
		}
		for _, s := range row {
			if s.Start < 0 || s.End <= s.Start || int(s.End) > b.T {
				return 0, fmt.Errorf("summarizer: sentence loss: row %d: span %d to %d is not in a row of %d", i, s.Start, s.End, b.T)
			}
		}
		n += len(row)
	}
	if n == 0 {
		return 0, fmt.Errorf("summarizer: sentence loss: no sentences in %d rows", b.B)
	}
	return n, nil
}

// Backward sets dx [B, T, D] unless nil and adds to the gradients of the head, given dy [1].
func (l *SentenceLoss) Backward(dx, dy, _, _ []float32, b *nn.Batch) error {
	n, d := len(l.grad), l.Outputs.In()
	if dy[0] != 1 {
		kernels.Scale(l.grad, dy[0])
	}
	var dv []float32
	if dx != nil {
		l.dvectors = slices.Grow(l.dvectors[:0], n*d)[:n*d]
		dv = l.dvectors
	}
	if err := l.Outputs.Backward(dv, l.grad, l.vectors, n, false, b, &l.scratch); err != nil {
		return err
	}
	if dx == nil {
		return nil
	}
	clear(dx[:b.B*b.T*d])
	for i, row := range l.Spans {
		for _, s := range row {
			kernels.Scale(dv[:d], 1/float32(s.End-s.Start))
			for t := s.Start; t < s.End; t++ {
				kernels.Add(dx[(i*b.T+int(t))*d:(i*b.T+int(t)+1)*d], dv[:d])
			}
			dv = dv[d:]
		}
	}
	return nil
}

package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// A ConvStem makes features of pictures by 3x3 convolutions of stride 2 with zeros beyond the edges, each followed by GELU (Xiao et al., "Early Convolutions Help
// Transformers See Better", 2021, without their normalisation): a stage halves rows and columns, and as many stages as halve a patch to one place stand before a
// PatchEmbed's projection.
type ConvStem struct {
	Convs []*Linear // of each stage [C', C 3 3]: a convolution's kernel [C', C, 3, 3]

	rows, cols, patch int // of the grid, and a patch's side in pixels
}

// newConvStem returns a stem whose stages have the given numbers of output channels. Its parameters are called name.stage.weight and name.stage.bias.
func newConvStem(name string, c *PatchConfig) (*ConvStem, error) {
	s := &ConvStem{rows: c.Rows, cols: c.Cols, patch: c.Patch}
	if c.Patch != 1<<len(c.Stem) {
		return nil, fmt.Errorf("nn: patch embedding: stem: got %d stages for patches of %d, want as many as halve a patch to one pixel", len(c.Stem), c.Patch)
	}
	in := c.Channels
	for i, out := range c.Stem {
		if out < 1 {
			return nil, fmt.Errorf("nn: patch embedding: stem: stage %d: got %d channels, want at least 1", i, out)
		}
		l := NewLinear(fmt.Sprintf("%s.%d", name, i), kernelArea*in, out)
		l.W.init = initHe
		s.Convs, in = append(s.Convs, l), out
	}
	return s, nil
}

const (
	kernelSide = 3
	kernelArea = kernelSide * kernelSide
)

// Params returns the kernels and biases, stage by stage.
func (s *ConvStem) Params() []*Param {
	var all []*Param
	for _, l := range s.Convs {
		all = append(all, l.Params()...)
	}
	return all
}

// trainable says whether any of the parameters is not frozen.
func (s *ConvStem) trainable() bool {
	for _, l := range s.Convs {
		if !l.W.Frozen || !l.B.Frozen {
			return true
		}
	}
	return false
}

// Kernel gives the shape [C', C, 3, 3] that w has as a convolution's kernel; nil where it is none of s.
func (s *ConvStem) Kernel(w *Param) []int {
	for _, l := range s.Convs {
		if w == l.W {
			return []int{l.Out(), l.In() / kernelArea, kernelSide, kernelSide}
		}
	}
	return nil
}

// clone copies what s holds.
func (s *ConvStem) clone() *ConvStem {
	c := *s
	c.Convs = make([]*Linear, len(s.Convs))
	for i, l := range s.Convs {
		c.Convs[i] = &Linear{W: l.W.clone(), B: l.B.clone()}
	}
	return &c
}

// stemWork is what one run of a stem needs, and what its backward run needs of the forward one.
type stemWork struct {
	stages []stemStage
	pixels []float32 // [B, H, W, C], zeros where a patch isn't kept
	grad   [2][]float32
	task   stemTask
}

// A stemStage is one of a run.
type stemStage struct {
	columns   []float32 // [B h w, C 3 3] what the kernel lies on at every place
	pre, post []float32 // [B h w, C'] before and after GELU
}

// forward gives the features [B, N, C'] of patches [B, N, C P P], of which those not in keep [B, K] count as zeros; nil: all are kept.
func (w *stemWork) forward(s *ConvStem, patches []float32, keep []int32, b *Batch) ([]float32, error) {
	channels := s.Convs[0].In() / kernelArea
	h, wide := s.rows*s.patch, s.cols*s.patch
	x := kernels.Grow(&w.pixels, b.B*h*wide*channels)
	if len(w.stages) < len(s.Convs) {
		w.stages = make([]stemStage, len(s.Convs))
	}
	w.run(stemTask{what: unpatch, picture: x, h: h, w: wide, channels: channels, patches: patches, keep: keep, kept: b.T - 1, patch: s.patch}, b.B)
	for i, l := range s.Convs {
		stage, in, out := &w.stages[i], l.In()/kernelArea, l.Out()
		n := b.B * h / 2 * wide / 2
		columns := kernels.Grow(&stage.columns, n*l.In())
		w.run(stemTask{what: spread, picture: x, columns: columns, h: h, w: wide, channels: in}, b.B)
		h, wide = h/2, wide/2
		pre, post := kernels.Grow(&stage.pre, n*out), kernels.Grow(&stage.post, n*out)
		if err := l.Forward(pre, columns, n, b); err != nil {
			return nil, err
		}
		kernels.GELU(post, pre)
		x = post
	}
	return x, nil
}

// backward adds to the gradients of s, from that of its features [B, N, C'], which it uses up, after a forward run of the same batch.
func (w *stemWork) backward(s *ConvStem, dy []float32, b *Batch, scratch *Scratch) error {
	h, wide := s.rows, s.cols
	for i := len(s.Convs) - 1; i >= 0; i-- {
		l, stage := s.Convs[i], &w.stages[i]
		n := b.B * h * wide
		kernels.GELUBackward(dy, dy, stage.pre)
		if i == 0 {
			return l.Backward(nil, dy, stage.columns, n, false, b, scratch)
		}
		columns := kernels.Grow(&w.grad[0], n*l.In())
		if err := l.Backward(columns, dy, stage.columns, n, false, b, scratch); err != nil {
			return err
		}
		h, wide = 2*h, 2*wide
		dy = kernels.Grow(&w.grad[1], b.B*h*wide*l.In()/kernelArea)
		w.run(stemTask{what: collect, picture: dy, columns: columns, h: h, w: wide, channels: l.In() / kernelArea}, b.B)
	}
	return nil
}

func (w *stemWork) run(t stemTask, pictures int) {
	w.task = t
	kernels.Parallel(pictures, &w.task)
	w.task = stemTask{}
}

package pretrain

import (
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A decoder predicts the pixels of the patches that the encoder hasn't seen, from x [B, 1+K, D]: the class token and the K patches that it has. Its output
// is a loss, the mean squared error over the hidden patches. Set patches and keep before a run.
type decoder struct {
	embed    *nn.Linear // [E, D]
	mask     *nn.Param  // [E] stands in place of a hidden patch
	position *nn.Param  // [1+N, E] fixed
	encoder  *backbone.Encoder
	chain    []nn.Sublayer
	pred     *nn.Linear // [P P C, E], a patch's values in the order row, column, channel

	patches []float32 // [B, N, C P P], as nn.Patchify gives them
	keep    []int32   // [B, K] in rising order

	channels, area int // C and P P
	norm           bool

	n       int         // N
	batch   nn.Batch    // [B, 1+N]
	seen    []int32     // [B (1+K)] rows of [B, 1+N] that x has
	hidden  []int32     // [B M] rows that are predicted
	in      []float32   // [B (1+K), E], then its gradient
	acts    [][]float32 // [B, 1+N, E] into each sublayer of chain, and out of the last
	out     []float32   // [B M, E] the hidden ones of the last
	diff    []float32   // [B M, P P C] prediction minus target
	grads   [2][]float32
	dout    []float32
	dmask   []float32
	scratch nn.Scratch
}

// decoderNames turns BERT's names, which the encoder has, into those of transformers' ViTMAE.
var decoderNames = strings.NewReplacer(
	"decoder.encoder.LayerNorm.", "decoder.decoder_norm.", "decoder.encoder.layer.", "decoder.decoder_layers.",
)

// branchNames does it inside a block.
var branchNames = strings.NewReplacer(
	".attention.self.", ".attention.attention.", ".attention.output.LayerNorm.", ".layernorm_before.", ".output.LayerNorm.", ".layernorm_after.",
)

// newDecoder returns a decoder with initial weights by the recipe's seed.
func newDecoder(c Config) (*decoder, error) {
	e, n, area := c.DecoderHidden, c.patches(), c.Model.PatchSize*c.Model.PatchSize
	d := &decoder{
		embed: nn.NewLinear("decoder.decoder_embed", c.Model.Hidden, e), mask: nn.NewParam("decoder.mask_token", e),
		position: nn.NewParam("decoder.decoder_pos_embed", 1+n, e), pred: nn.NewLinear("decoder.decoder_pred", e, area*c.Model.Channels),
		channels: c.Model.Channels, area: area, norm: c.NormPixels, n: n,
	}
	var err error
	if d.encoder, err = backbone.New(c.decoder(), "decoder."); err != nil {
		return nil, fmt.Errorf("pretrain: decoder: %w", err)
	}
	for _, b := range d.encoder.Blocks {
		if !c.Model.QKVBias {
			b.Attention.Query.B, b.Attention.Key.B, b.Attention.Value.B = nil, nil, nil
		}
	}
	d.chain = d.encoder.Sublayers()
	d.acts = make([][]float32, len(d.chain)+1)
	for _, p := range d.encoder.Params() {
		p.Name = branchNames.Replace(decoderNames.Replace(p.Name))
	}
	for _, p := range d.Params() {
		p.Init(c.Train.Seed)
	}
	nn.InitNormal(d.mask, c.Train.Seed)
	copy(d.position.Value, nn.Sinusoid2D(c.Model.Grid(), c.Model.Grid(), e))
	d.position.Frozen = true
	return d, nil
}

// Name implements nn.Sublayer.
func (d *decoder) Name() string { return "decoder" }

// Params implements nn.Sublayer.
func (d *decoder) Params() []*nn.Param {
	all := append(d.embed.Params(), d.mask, d.position)
	return append(append(all, d.encoder.Params()...), d.pred.Params()...)
}

// tensors returns the parameters as the tensors of a file, which share their values. Like the encoder's, mask and positions are for one picture of a batch.
func (d *decoder) tensors() []checkpoint.Tensor {
	var all []checkpoint.Tensor
	for _, p := range d.Params() {
		shape := p.Shape
		switch p {
		case d.mask:
			shape = []int{1, 1, p.Shape[0]}
		case d.position:
			shape = []int{1, p.Shape[0], p.Shape[1]}
		}
		all = append(all, checkpoint.Tensor{Name: p.Name, Shape: shape, Data: p.Value})
	}
	return all
}

// Shape implements nn.Sublayer: one loss.
func (d *decoder) Shape(*nn.Batch) []int { return []int{1} }

// Forward implements nn.Sublayer.
func (d *decoder) Forward(y, x []float32, b *nn.Batch) error {
	k, e := b.T-1, d.embed.Out()
	if k < 1 || k >= d.n || len(d.keep) != b.B*k || len(d.patches) != b.B*d.n*d.area*d.channels {
		return fmt.Errorf("pretrain: decoder: got %d kept patches in %d pictures, a list of %d and %d values of patches, want %d a picture and %d values",
			k, b.B, len(d.keep), len(d.patches), k, b.B*d.n*d.area*d.channels)
	}
	d.batch = nn.Batch{B: b.B, T: 1 + d.n, Train: b.Train, Keys: b.Keys}
	d.place(b.B, k)
	in := kernels.Grow(&d.in, b.B*b.T*e)
	if err := d.embed.Forward(in, x, b.B*b.T, b); err != nil {
		return fmt.Errorf("pretrain: decoder: %w", err)
	}
	for i := range d.acts {
		kernels.Grow(&d.acts[i], b.B*d.batch.T*e)
	}
	at := d.acts[0]
	for i := range b.B {
		copy(at[i*len(d.position.Value):], d.position.Value)
	}
	kernels.ScatterAdd(at, in, d.seen, e)
	for _, row := range d.hidden {
		kernels.Add(at[int(row)*e:(int(row)+1)*e], d.mask.Value)
	}
	for i, l := range d.chain {
		if err := l.Forward(d.acts[i+1], d.acts[i], &d.batch); err != nil {
			return fmt.Errorf("pretrain: decoder: %w", err)
		}
	}
	m := len(d.hidden)
	out, diff := kernels.Grow(&d.out, m*e), kernels.Grow(&d.diff, m*d.pred.Out())
	kernels.Gather(out, d.acts[len(d.chain)], d.hidden, e)
	if err := d.pred.Forward(diff, out, m, b); err != nil {
		return fmt.Errorf("pretrain: decoder: %w", err)
	}
	kernels.Parallel(m, (*subtraction)(d))
	y[0] = float32(kernels.SumSquares(diff) / float64(len(diff)))
	return nil
}

// place lists the rows of [B, 1+N] that the encoder has seen and those that it hasn't.
func (d *decoder) place(b, k int) {
	seen, hidden := kernels.Grow(&d.seen, b*(1+k))[:0], kernels.Grow(&d.hidden, b*(d.n-k))[:0]
	for i := range b {
		first, kept := int32(i*(1+d.n)), d.keep[i*k:(i+1)*k]
		seen = append(seen, first)
		for p := range int32(d.n) {
			if len(kept) > 0 && kept[0] == p {
				seen, kept = append(seen, first+1+p), kept[1:]
			} else {
				hidden = append(hidden, first+1+p)
			}
		}
	}
	d.seen, d.hidden = seen, hidden
}

// Backward implements nn.Sublayer.
func (d *decoder) Backward(dx, dy, x, _ []float32, b *nn.Batch) error {
	e, m, size := d.embed.Out(), len(d.hidden), len(d.acts[0])
	kernels.Scale(d.diff, float32(2*float64(dy[0])/float64(len(d.diff))))
	dout := kernels.Grow(&d.dout, m*e)
	if err := d.pred.Backward(dout, d.diff, d.out, m, false, b, &d.scratch); err != nil {
		return fmt.Errorf("pretrain: decoder: %w", err)
	}
	grad, next := kernels.Grow(&d.grads[0], size), kernels.Grow(&d.grads[1], size)
	clear(grad)
	kernels.ScatterAdd(grad, dout, d.hidden, e)
	for i := len(d.chain) - 1; i >= 0; i-- {
		if err := d.chain[i].Backward(next, grad, d.acts[i], d.acts[i+1], &d.batch); err != nil {
			return fmt.Errorf("pretrain: decoder: %w", err)
		}
		grad, next = next, grad
	}
	if !d.mask.Frozen {
		d.mask.NeedGrad()
		dmask := kernels.Grow(&d.dmask, m*e)
		kernels.Gather(dmask, grad, d.hidden, e)
		kernels.ColumnSum(d.mask.Grad, dmask, m, e)
	}
	kernels.Gather(d.in, grad, d.seen, e)
	if err := d.embed.Backward(dx, d.in, x, len(d.seen), false, b, &d.scratch); err != nil {
		return fmt.Errorf("pretrain: decoder: %w", err)
	}
	return nil
}

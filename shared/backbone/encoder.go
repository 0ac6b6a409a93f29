package backbone

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/nn"
)

// An Encoder is a stack of blocks in training form.
type Encoder struct {
	Config Config
	Blocks []Block
	Final  *nn.Norm // pre-norm only, else nil
}

// A Block is an attention and a feed-forward layer, each with its residual path and norm.
type Block struct {
	Attention   *nn.Attention
	FeedForward *nn.FeedForward

	Attend, Feed *nn.Residual // around them
}

// New returns an encoder of zero weights; prefix stands before every parameter's Hugging Face name, as in
// prefix + "encoder.layer.0.attention.self.query.weight".
func New(c Config, prefix string) (*Encoder, error) {
	c = c.Defaults()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	act, err := nn.ParseActivation(c.Activation)
	if err != nil {
		return nil, fmt.Errorf("backbone: %w", err)
	}
	e := &Encoder{Config: c, Blocks: make([]Block, c.Layers)}
	everywhere, nearby := c.rotaries()
	scratch, pre := new(nn.Scratch), c.Norm == "pre"
	for i := range e.Blocks {
		b, name := &e.Blocks[i], fmt.Sprintf("%sencoder.layer.%d", prefix, i)
		b.Attention = nn.NewAttention(name+".attention.self", name+".attention.output.dense", c.Hidden, c.Heads)
		b.Attention.Causal, b.Attention.Dropout, b.Attention.Rotary = c.Causal, c.AttentionDropout, everywhere
		if !c.global(i) {
			b.Attention.Rotary, b.Attention.Window = nearby, c.Local.Window
		}
		b.FeedForward = nn.NewFeedForward(name+".intermediate.dense", name+".output.dense", c.Hidden, c.Intermediate, act)
		if c.Gated {
			b.FeedForward.Gate = nn.NewLinear(name+".intermediate.gate", c.Hidden, c.Intermediate)
		}
		b.Attend = nn.NewResidual(name+".attention", b.Attention, nn.NewLayerNorm(name+".attention.output.LayerNorm", c.Hidden, c.Eps), pre, c.Dropout)
		b.Feed = nn.NewResidual(name+".output", b.FeedForward, nn.NewLayerNorm(name+".output.LayerNorm", c.Hidden, c.Eps), pre, c.Dropout)
		b.Attend.Scratch, b.Feed.Scratch = scratch, scratch
		b.omit(c.Omit, i == 0)
		for _, p := range append(b.Attend.Params(), b.Feed.Params()...) {
			p.Hidden = len(p.Shape) == 2
		}
	}
	if pre {
		e.Final = nn.NewNorm(prefix+"encoder.LayerNorm", c.Hidden, c.Eps)
		if c.Omit.NormBias {
			e.Final.Beta = nil
		}
	}
	return e, nil
}

// omit takes out the parameters that the architecture has none of.
func (b *Block) omit(o Omit, first bool) {
	if o.AttentionBias {
		for _, l := range []*nn.Linear{b.Attention.Query, b.Attention.Key, b.Attention.Value, b.Attention.Output} {
			l.B = nil
		}
	}
	if o.FeedForwardBias {
		b.FeedForward.Up.B, b.FeedForward.Down.B = nil, nil
		if b.FeedForward.Gate != nil {
			b.FeedForward.Gate.B = nil
		}
	}
	if o.NormBias {
		b.Attend.Norm.Beta, b.Feed.Norm.Beta = nil, nil
	}
	if o.FirstNorm && first {
		b.Attend.Norm = nil
	}
}

// rotaryBase is the usual theta of rotary positions (Su et al., 2021).
const rotaryBase = 10000

// rotaries gives the tables of the layers that see the whole sequence and of those that see a neighbourhood; nil: none.
func (c Config) rotaries() (everywhere, nearby *nn.Rotary) {
	if c.PositionKind != "rotary" {
		return nil, nil
	}
	theta := c.Theta
	if theta == 0 {
		theta = rotaryBase
	}
	everywhere = nn.NewRotary(c.MaxPositions, c.Hidden/c.Heads, theta)
	if c.Local.Theta == 0 || c.Local.Theta == theta || c.Local.Window == 0 {
		return everywhere, everywhere
	}
	return everywhere, nn.NewRotary(c.MaxPositions, c.Hidden/c.Heads, c.Local.Theta)
}

// Init draws every parameter's initial value by seed and the parameter's name.
func (e *Encoder) Init(seed uint64) {
	for _, p := range e.Params() {
		p.Init(seed)
	}
}

// Unchanged returns an error where a block has something that its weights don't show: a change of a layer, a prefix, a bottleneck. Copies and files have only weights.
func (e *Encoder) Unchanged() error {
	for i := range e.Blocks {
		b := &e.Blocks[i]
		changed := b.Attention.External != nil || b.Attend.Adapter != nil || b.Feed.Adapter != nil
		for _, l := range []*nn.Linear{b.Attention.Query, b.Attention.Key, b.Attention.Value, b.Attention.Output, b.FeedForward.Up, b.FeedForward.Gate, b.FeedForward.Down} {
			changed = changed || l != nil && (l.Delta != nil || l.Input != nil)
		}
		if changed {
			return fmt.Errorf("backbone: layer %d has a change that isn't in its weights (an adapter)", i)
		}
	}
	return nil
}

// Params returns the parameters in the order of the blocks.
func (e *Encoder) Params() []*nn.Param {
	var params []*nn.Param
	for _, l := range e.Sublayers() {
		params = append(params, l.Params()...)
	}
	return params
}

// Sublayers returns the chain from embedded tokens to the output: two sublayers to a block, then the final norm of a
// pre-norm encoder.
func (e *Encoder) Sublayers() []nn.Sublayer {
	var chain []nn.Sublayer
	for i := range e.Blocks {
		chain = append(chain, e.Blocks[i].Attend, e.Blocks[i].Feed)
	}
	if e.Final != nil {
		chain = append(chain, e.Final)
	}
	return chain
}

package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// Contrastive makes the mean vectors of two texts that belong together alike, and unlike those of the other pairs of a micro-batch (ConveRT, Henderson et
// al., 2019; SimCSE, Gao et al., 2021). The pairs of a micro-batch are of one kind.
type Contrastive struct {
	Share       float64            `json:"share"`           // of the micro-batches
	Batch       int                `json:"batch"`           // pairs of a micro-batch
	Length      int                `json:"length"`          // most tokens of a text
	Temperature float32            `json:"temperature"`     // cosines are divided by it
	Kinds       map[string]float64 `json:"kinds,omitempty"` // share of each kind of pair; none: by their numbers. Besides those of the pair files: crop (two parts of a window) and twin (a text with itself, under two dropouts)
}

func (c *Contrastive) validate() error {
	switch {
	case c.Batch < 2:
		return fmt.Errorf("contrastive.batch: got %d, want 2 or more", c.Batch)
	case c.Length < 8:
		return fmt.Errorf("contrastive.length: got %d, want 8 or more", c.Length)
	case !(c.Temperature > 0 && c.Temperature <= 10):
		return fmt.Errorf("contrastive.temperature: got %g, want more than 0 and at most 10", c.Temperature)
	}
	for kind, share := range c.Kinds {
		if !(share >= 0 && share <= 1e6) {
			return fmt.Errorf("contrastive.kinds.%s: got %g, want 0 or more", kind, share)
		}
	}
	return nil
}

type contrastive struct {
	Contrastive
	source *source
	kinds  []pairKind
	turns  turns
	loss   *nn.ContrastiveLoss
	graph  *graph.Graph
	held   []*batch
}

func newContrastive(s *source) (objective, float64, error) {
	c := s.config.Contrastive
	if c == nil {
		return nil, 0, nil
	}
	o := &contrastive{Contrastive: *c, source: s, turns: turns{key: random.Key(s.config.Train.Seed, "pretrain.kinds")}}
	o.Length = min(o.Length, s.model.Config.MaxPositions)
	if err := o.open(); err != nil {
		return nil, 0, err
	}
	d := s.model.Config.Hidden
	o.loss = &nn.ContrastiveLoss{D: d, Temperature: c.Temperature}
	o.graph = graph.New(append(s.sublayers(), &nn.Pool{Pooling: nn.PoolMean, D: d}, o.loss)...)
	return o, c.Share, o.hold()
}

// open finds the pairs of every kind that has a share.
func (o *contrastive) open() error {
	all, err := o.source.pairs(o.Length)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, k := range append(all, &crops{windowTexts{o.source.windows(), o.Length}}, &twins{windowTexts{o.source.windows(), o.Length}}) {
		share, chosen := o.Kinds[k.name()]
		if len(o.Kinds) == 0 {
			share = float64(k.size())
			_, free := k.(*pairTexts)
			chosen = free
		}
		known[k.name()] = true
		if chosen && share > 0 {
			o.kinds, o.turns.shares = append(o.kinds, k), append(o.turns.shares, share)
		}
	}
	for kind := range o.Kinds {
		if !known[kind] {
			return fmt.Errorf("%w: contrastive.kinds: no pairs of kind %q", ErrConfig, kind)
		}
	}
	if len(o.kinds) == 0 {
		return fmt.Errorf("%w: contrastive: no pairs: name a file of them, or the kinds crop or twin", ErrConfig)
	}
	return nil
}

func (o *contrastive) name() string        { return "contrastive" }
func (o *contrastive) params() []*nn.Param { return nil }

func (o *contrastive) batch(at place) (*batch, error) {
	k := o.kinds[o.turns.draw(at.micro)]
	var first, second [][]int32
	for i := range int64(o.Batch) {
		a, b, err := k.pair(at.micro*int64(o.Batch) + i)
		if err != nil {
			return nil, err
		}
		first, second = append(first, a), append(second, b)
	}
	return o.lay(first, second, uint64(at.micro)*uint64(2*o.Batch)), nil
}

// lay puts first texts and then their partners into a batch whose keys are numbered from number on.
func (o *contrastive) lay(first, second [][]int32, number uint64) *batch {
	texts := append(first, second...)
	b := newBatch(len(texts), longest(texts, o.source.model.Config.MaxPositions))
	for i, t := range texts {
		b.add(t, o.source.model.Pad(), random.Mix(o.source.key, number+uint64(i)))
	}
	return b
}

// hold lays out the first held-back pairs of every kind.
func (o *contrastive) hold() error {
	for _, k := range o.kinds {
		var first, second [][]int32
		for i := range min(k.held(), o.Batch) {
			a, b, err := k.heldPair(i)
			if err != nil {
				return err
			}
			first, second = append(first, a), append(second, b)
		}
		if len(first) > 1 {
			o.held = append(o.held, o.lay(first, second, 0))
		}
	}
	return nil
}

func (o *contrastive) step(b *batch) (float64, error) {
	o.source.model.Embedding.IDs, o.source.model.Embedding.TypeIDs = b.ids, nil
	loss, err := o.graph.Step(&b.nn)
	return float64(loss), err
}

// evaluate gives the mean loss over the kinds, and how often the right partner is the nearest of a micro-batch.
func (o *contrastive) evaluate(ctx context.Context) (map[string]float64, error) {
	if len(o.held) == 0 {
		return nil, nil
	}
	var loss float64
	correct, n := 0, 0
	for _, b := range o.held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.source.model.Embedding.IDs, o.source.model.Embedding.TypeIDs = b.ids, nil
		mean, err := o.graph.Loss(&b.nn)
		if err != nil {
			return nil, err
		}
		loss += float64(mean)
		correct += o.loss.Correct
		n += b.nn.B / 2
	}
	return map[string]float64{"loss": loss / float64(len(o.held)), "accuracy": float64(correct) / float64(n)}, nil
}

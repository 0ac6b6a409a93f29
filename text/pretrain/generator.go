package pretrain

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// Generator is the size of the small masked-language model that proposes tokens: a fraction of the encoder's width, heads and feed-forward
// layers, 1/4 to 1/2 in the paper, or sizes of its own.
type Generator struct {
	Fraction float64 `json:"fraction,omitempty"`            // of the encoder's sizes; 0: those below
	Hidden   int     `json:"hidden_size,omitempty"`         // width
	Heads    int     `json:"num_attention_heads,omitempty"` // of attention
	Layers   int     `json:"num_hidden_layers,omitempty"`   // blocks; 0: as many as the encoder
}

// backbone gives the configuration of the generator beside an encoder c.
func (g Generator) backbone(c backbone.Config) (backbone.Config, error) {
	switch {
	case g.Fraction == 0:
		c.Hidden, c.Heads, c.Intermediate = g.Hidden, g.Heads, 4*g.Hidden
	case g.Hidden != 0 || g.Heads != 0:
		return c, fmt.Errorf("got a fraction of %g beside hidden_size %d and num_attention_heads %d, want one or the other", g.Fraction, g.Hidden, g.Heads)
	case !(g.Fraction > 0 && g.Fraction <= 1):
		return c, fmt.Errorf("fraction: got %g, want more than 0 and at most 1", g.Fraction)
	default:
		part := func(n int) int { return max(1, int(math.Round(g.Fraction*float64(n)))) }
		heads := part(c.Heads)
		pairs := max(1, int(math.Round(g.Fraction*float64(c.Hidden)/float64(2*heads)))) // of a head: rotary positions turn pairs
		c.Hidden, c.Heads, c.Intermediate = 2*pairs*heads, heads, part(c.Intermediate)
	}
	if g.Layers != 0 {
		c.Layers = g.Layers
	}
	return c, c.Validate()
}

// A generator is a small encoder over the model's own embeddings, with a masked-language head.
type generator struct {
	embedding *nn.Embedding
	encoder   *backbone.Encoder
	head      *nn.LMHead
	graph     *graph.Graph
	draws     []uint64 // [P]
}

// generatorName begins the names of its parameters.
const generatorName = "generator."

func newGenerator(s *source, g Generator) (*generator, error) {
	c, err := g.backbone(s.model.Config.Config)
	if err != nil {
		return nil, fmt.Errorf("%w: replaced.generator: %w", ErrConfig, err)
	}
	o := &generator{embedding: s.model.Embedding.Share(generatorName+"embeddings", c.Hidden)}
	if o.encoder, err = backbone.New(c, generatorName); err != nil {
		return nil, fmt.Errorf("pretrain: generator: %w", err)
	}
	o.head = nn.NewLMHead(generatorName+"predictions", o.embedding.Word, c.Hidden, c.Eps)
	o.graph = graph.New(append(append([]nn.Sublayer{o.embedding}, o.encoder.Sublayers()...), o.head)...)
	return o, nil
}

// params are those that the model doesn't have.
func (g *generator) params() []*nn.Param {
	var own []*nn.Param
	if g.embedding.Project != nil {
		own = g.embedding.Project.Params()
	}
	return append(append(own, g.encoder.Params()...), g.head.Params()...)
}

// run predicts the masked tokens of b, for training or not, and proposes others in their places: Drawn of the head. What is proposed depends on the sample's
// key and the token's place in it.
func (g *generator) run(b *batch) (loss float32, err error) {
	site := random.Key(0, generatorName+"draws")
	g.draws = g.draws[:0]
	for _, p := range b.positions {
		sample, at := int(p)/b.nn.T, int(p)%b.nn.T
		g.draws = append(g.draws, random.Mix(random.Mix(b.nn.Keys[sample], site), uint64(at)))
	}
	g.embedding.IDs, g.embedding.TypeIDs = b.ids, nil
	g.head.Positions, g.head.Targets, g.head.Draws = b.positions, b.targets, g.draws
	if b.nn.Train {
		return g.graph.Step(&b.nn)
	}
	return g.graph.Loss(&b.nn)
}

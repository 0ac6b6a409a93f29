package rl

import "github.com/fmkit/fmkit/shared/nn"

// sharedEmbedding is what all environments share of a model's embedding.
type sharedEmbedding struct {
	kinds *nn.Param // [6, D]: of a return, an observation, an action; then of hidden ones
	norm  *nn.LayerNorm
}

func newSharedEmbedding(c *Config) *sharedEmbedding {
	return &sharedEmbedding{kinds: nn.NewParam("embed_type.weight", 2*len(parts), c.Hidden), norm: nn.NewLayerNorm("embed_ln", c.Hidden, c.Eps)}
}

func (s *sharedEmbedding) params() []*nn.Param {
	return append([]*nn.Param{s.kinds}, s.norm.Params()...)
}

// clone copies the values.
func (s *sharedEmbedding) clone() *sharedEmbedding {
	c := &sharedEmbedding{kinds: nn.NewParam(s.kinds.Name, s.kinds.Shape...), norm: s.norm.Clone()}
	copy(c.kinds.Value, s.kinds.Value)
	return c
}

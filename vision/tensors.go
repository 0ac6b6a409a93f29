package vision

import (
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// prefix stands before every parameter's name, as in transformers' ViT models with a head.
const prefix = "vit."

// names turns the encoder's names, which are BERT's, into ViT's.
var names = strings.NewReplacer(
	".attention.self.", ".attention.attention.", ".attention.output.LayerNorm.", ".layernorm_before.", ".output.LayerNorm.", ".layernorm_after.",
	"encoder.LayerNorm.", "layernorm.",
)

// A tensor is what a weight file must hold.
type tensor struct {
	name  string
	shape []int
}

// tensors lists them without making any.
func (c *Config) tensors() []tensor {
	d, f := c.Hidden, c.Intermediate
	all := []tensor{
		{prefix + "embeddings.cls_token", []int{1, 1, d}},
		{prefix + "embeddings.position_embeddings", []int{1, c.MaxPositions, d}},
	}
	both := func(name string, bias bool, shape ...int) {
		all = append(all, tensor{name + ".weight", shape})
		if bias {
			all = append(all, tensor{name + ".bias", shape[:1]})
		}
	}
	in, side := c.Channels, c.PatchSize
	for i, out := range c.Stem {
		both(fmt.Sprintf("%sembeddings.patch_embeddings.stem.%d", prefix, i), true, out, in, 3, 3)
		in, side = out, 1
	}
	both(prefix+"embeddings.patch_embeddings.projection", true, d, in, side, side)
	for i := range c.Layers {
		layer := fmt.Sprintf("%sencoder.layer.%d.", prefix, i)
		for _, name := range []string{"query", "key", "value"} {
			both(layer+"attention.attention."+name, c.QKVBias, d, d)
		}
		both(layer+"attention.output.dense", true, d, d)
		both(layer+"layernorm_before", true, d)
		both(layer+"intermediate.dense", true, f, d)
		both(layer+"output.dense", true, d, f)
		both(layer+"layernorm_after", true, d)
	}
	both(prefix+"layernorm", true, d)
	return all
}

// Tensors returns the parameters as the tensors of a file, which share their values.
func (m *Model) Tensors() []checkpoint.Tensor {
	params := m.Params()
	all := make([]checkpoint.Tensor, len(params))
	for i, p := range params {
		all[i] = checkpoint.Tensor{Name: p.Name, Shape: m.shape(p), Data: p.Value}
	}
	return all
}

// shape is that of the tensor that holds p: transformers has the class token and the positions for one picture of a batch, and the projection
// as a convolution, as are a stem's stages.
func (m *Model) shape(p *nn.Param) []int {
	c := &m.Config
	switch p {
	case m.Embedding.CLS:
		return []int{1, 1, c.Hidden}
	case m.Embedding.Position:
		return []int{1, c.MaxPositions, c.Hidden}
	case m.Embedding.Projection.W:
		if m.Embedding.Stem != nil {
			return []int{c.Hidden, p.Shape[1], 1, 1}
		}
		return []int{c.Hidden, c.Channels, c.PatchSize, c.PatchSize}
	}
	if m.Embedding.Stem != nil {
		if kernel := m.Embedding.Stem.Kernel(p); kernel != nil {
			return kernel
		}
	}
	return p.Shape
}

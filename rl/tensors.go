package rl

import "fmt"

// A tensor is what a weight file must hold.
type tensor struct {
	name  string
	shape []int
}

// tensors lists them without making any.
func (c *Config) tensors() []tensor {
	d, f := c.Hidden, c.Intermediate
	all := []tensor{{"embed_type.weight", []int{2 * len(parts), d}}}
	both := func(name string, shape ...int) {
		all = append(all, tensor{name + ".weight", shape}, tensor{name + ".bias", shape[:1]})
	}
	both("embed_ln", d)
	for i := range c.Layers {
		layer := fmt.Sprintf("encoder.layer.%d.", i)
		for _, name := range []string{"query", "key", "value"} {
			both(layer+"attention.self."+name, d, d)
		}
		both(layer+"attention.output.dense", d, d)
		both(layer+"attention.output.LayerNorm", d)
		both(layer+"intermediate.dense", f, d)
		both(layer+"output.dense", d, f)
		both(layer+"output.LayerNorm", d)
	}
	both("encoder.LayerNorm", d)
	for i := range c.Environments {
		e := &c.Environments[i]
		prefix := environmentPrefix(e.ID)
		both(prefix+"embed_return", d, 1)
		if e.Patch != 0 {
			both(prefix+"embed_patch", patchWidth, e.patchSize())
		}
		both(prefix+"embed_state", d, e.inputs())
		both(prefix+"embed_action", d, e.ActionInputs())
		both(prefix+"predict_return", 1, d)
		both(prefix+"predict_state", e.Targets(), d)
		both(prefix+"predict_action", e.ActionInputs(), d)
	}
	return all
}

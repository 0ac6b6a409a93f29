package peft

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// A PrefixConfig is PEFT's PrefixTuningConfig without projection: the attention of every layer sees learnt keys and values of so many tokens before those of the
// sequence (Li and Liang, "Prefix-Tuning: Optimizing Continuous Prompts for Generation", 2021).
//
// The sequence's own positions begin at 0 all the same. PEFT on a model of transformers moves them up by the prefix, unless it is told position_ids that are as much lower;
// nn.Batch.Positions does so here.
type PrefixConfig struct {
	Tokens int `json:"num_virtual_tokens"`
}

// maxTokens bounds a prefix.
const maxTokens = 1024

// promptName is PEFT's name for a prefix.
const promptName = "prompt_embeddings"

// validate implements method.
func (c *PrefixConfig) validate() error {
	if c.Tokens < 1 || c.Tokens > maxTokens {
		return fmt.Errorf("%w: num_virtual_tokens: got %d, want 1 to %d", ErrConfig, c.Tokens, maxTokens)
	}
	return nil
}

// plan implements method.
func (c *PrefixConfig) plan(e *backbone.Encoder, seed uint64) (*Change, error) {
	s, d, layers := c.Tokens, e.Config.Hidden, len(e.Blocks)
	own := *c
	change := &Change{Config: Config{Prefix: &own}}
	for i := range e.Blocks {
		a := e.Blocks[i].Attention
		if a.Window > 0 {
			return nil, fmt.Errorf("%w: prefix: layer %d sees a neighbourhood only, want layers that see everything", ErrConfig, i)
		}
		for _, l := range []*nn.Linear{a.Key, a.Value} {
			p := nn.NewParam(moduleName(l)+".prefix", s, d)
			nn.InitNormal(p, seed)
			change.params = append(change.params, p)
		}
	}
	change.ready = func() error {
		for i := range e.Blocks {
			if e.Blocks[i].Attention.External != nil {
				return fmt.Errorf("peft: layer %d has a prefix already", i)
			}
		}
		return nil
	}
	change.put = func() {
		for i := range e.Blocks {
			e.Blocks[i].Attention.External = &nn.External{Key: change.params[2*i], Value: change.params[2*i+1]}
		}
	}
	change.take = func() {
		for i := range e.Blocks {
			e.Blocks[i].Attention.External = nil
		}
	}
	// Files have one table [S, 2 L D]: a row is the keys and values of the layers, in turn.
	change.stored = func() []*nn.Param {
		table := nn.NewParam(promptName, s, 2*layers*d)
		for i, p := range change.params {
			for t := range s {
				copy(table.Value[(t*2*layers+i)*d:][:d], p.Value[t*d:])
			}
		}
		return []*nn.Param{table}
	}
	change.restore = func(stored []*nn.Param) {
		for i, p := range change.params {
			for t := range s {
				copy(p.Value[t*d:(t+1)*d], stored[0].Value[(t*2*layers+i)*d:])
			}
		}
	}
	return change, nil
}

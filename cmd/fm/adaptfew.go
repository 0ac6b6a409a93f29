package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/peft"
)

// fewFlags are the settings of methods that tune few parameters. They count only where they are set.
type fewFlags struct {
	rank, tokens, size, layers int
	alpha                      float64
	targets, feedForward       []string
	attention                  bool
}

func (f *fewFlags) add(s *pflag.FlagSet) {
	s.IntVar(&f.rank, "rank", 0, "of low-rank changes (lora; default 8)")
	s.Float64Var(&f.alpha, "alpha", 0, "low-rank changes are scaled by alpha/rank (lora; default twice the rank)")
	s.StringSliceVar(&f.targets, "targets", nil, "ends of the names of the layers to change, such as query,value (lora, default all-linear; ia3, default key,value,output.dense)")
	s.StringSliceVar(&f.feedForward, "feed-forward", nil, "those of --targets whose input is scaled, not the output (ia3; default output.dense, or none where --targets is set)")
	s.IntVar(&f.tokens, "tokens", 0, "learnt keys and values before those of every row (prefix; default 16)")
	s.IntVar(&f.size, "size", 0, "values between the layers of a bottleneck (bottleneck; default 32)")
	s.BoolVar(&f.attention, "attention", false, "a bottleneck behind the attention too (bottleneck)")
	s.IntVar(&f.layers, "layers", 0, "blocks to tune, from the last one down (last-k; default 2)")
}

// apply puts the flags into the recipe c, whose method is decided.
func (f *fewFlags) apply(s *pflag.FlagSet, c *finetune.Config) error {
	goes := map[string][]string{ // with which methods
		"rank": {peft.MethodLoRA}, "alpha": {peft.MethodLoRA}, "targets": {peft.MethodLoRA, peft.MethodIA3}, "feed-forward": {peft.MethodIA3},
		"tokens": {peft.MethodPrefix}, "size": {peft.MethodBottleneck}, "attention": {peft.MethodBottleneck}, "layers": {peft.MethodLastK},
	}
	given := false
	for _, name := range []string{"rank", "alpha", "targets", "feed-forward", "tokens", "size", "attention", "layers"} {
		if !s.Changed(name) {
			continue
		}
		if !slices.Contains(goes[name], c.Method) {
			return usagef("--%s goes with --method %s", name, strings.Join(goes[name], " or "))
		}
		given = true
	}
	if s.Changed("method") && c.Config.Method() != c.Method {
		c.Config = peft.Config{} // of a recipe with another method
	}
	if !given {
		return nil
	}
	if c.Config == (peft.Config{}) {
		c.Config, _ = peft.Default(c.Method)
	}
	switch m := &c.Config; c.Method {
	case peft.MethodLoRA:
		f.lora(s, m.LoRA)
	case peft.MethodIA3:
		if s.Changed("targets") {
			m.IA3.Targets, m.IA3.FeedForward = f.targets, nil
		}
		if s.Changed("feed-forward") {
			m.IA3.FeedForward = f.feedForward
		}
	case peft.MethodPrefix:
		m.Prefix.Tokens = f.tokens
	case peft.MethodBottleneck:
		if s.Changed("size") {
			m.Bottleneck.Size = f.size
		}
		if s.Changed("attention") {
			m.Bottleneck.Attention = f.attention
		}
	case peft.MethodLastK:
		m.LastK.Layers = f.layers
	}
	return nil
}

func (f *fewFlags) lora(s *pflag.FlagSet, c *peft.LoRAConfig) {
	if s.Changed("rank") {
		c.Rank, c.Alpha = f.rank, 2*float64(f.rank)
	}
	if s.Changed("alpha") {
		c.Alpha = f.alpha
	}
	if s.Changed("targets") {
		c.Targets = f.targets
	}
}

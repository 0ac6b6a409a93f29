package pretrain_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text/pretrain"
)

// TestConfigNamesTheField: every field out of range is an error that names it.
func TestConfigNamesTheField(t *testing.T) {
	nan := math.NaN()
	contrastive := func(change func(o *pretrain.Contrastive)) func(c *pretrain.Config) {
		return func(c *pretrain.Config) {
			c.Contrastive = &pretrain.Contrastive{Share: 1, Batch: 8, Length: 32, Temperature: 0.05}
			change(c.Contrastive)
		}
	}
	detecting := func(change func(o *pretrain.Replaced)) func(c *pretrain.Config) {
		return func(c *pretrain.Config) {
			c.Replaced = &pretrain.Replaced{Share: 1, Rate: 0.15, Weight: 50, Generator: pretrain.Generator{Fraction: 0.25}}
			change(c.Replaced)
		}
	}
	distilled := func(change func(o *pretrain.Distilled)) func(c *pretrain.Config) {
		return func(c *pretrain.Config) {
			c.Distilled = &pretrain.Distilled{Share: 1, Batch: 8, Length: 32, Teacher: "teacher"}
			change(c.Distilled)
		}
	}
	counted := func(change func(o *pretrain.CoOccurrence)) func(c *pretrain.Config) {
		return func(c *pretrain.Config) {
			c.CoOccurrence = &pretrain.CoOccurrence{Window: 5, Smooth: 0.75, Power: 0.5, Std: 0.02}
			change(c.CoOccurrence)
		}
	}
	for _, tt := range []struct {
		want   string // "": valid
		change func(c *pretrain.Config)
	}{
		{"", func(*pretrain.Config) {}},
		{"", contrastive(func(*pretrain.Contrastive) {})},
		{"", detecting(func(*pretrain.Replaced) {})},
		{"", detecting(func(o *pretrain.Replaced) { o.Generator = pretrain.Generator{Hidden: 64, Heads: 2, Layers: 1} })},
		{"", distilled(func(*pretrain.Distilled) {})},
		{"", counted(func(*pretrain.CoOccurrence) {})},
		{"model: ", func(c *pretrain.Config) { c.Model.Hidden = 0 }},
		{"train: ", func(c *pretrain.Config) { c.Train.Steps = 0 }},
		{"tokenizer", func(c *pretrain.Config) { c.Tokenizer = "unigram" }},
		{"length", func(c *pretrain.Config) { c.Length = 7 }},
		{"length", func(c *pretrain.Config) { c.Length = c.Model.MaxPositions + 1 }},
		{"short", func(c *pretrain.Config) { c.Short = -0.1 }},
		{"short", func(c *pretrain.Config) { c.Short = nan }},
		{"batch", func(c *pretrain.Config) { c.Batch = 0 }},
		{"held", func(c *pretrain.Config) { c.Held = 0 }},
		{"held", func(c *pretrain.Config) { c.Held = 0.6 }},
		{"eval_max", func(c *pretrain.Config) { c.EvalMax = 0 }},
		{"objectives", func(c *pretrain.Config) { c.Masked = nil }},
		{"masked.share", func(c *pretrain.Config) { c.Masked.Share = 0 }},
		{"masked.share", func(c *pretrain.Config) { c.Masked.Share = math.Inf(1) }},
		{"masked.rate", func(c *pretrain.Config) { c.Masked.Rate = 0 }},
		{"masked.rate", func(c *pretrain.Config) { c.Masked.Rate = nan }},
		{"masked.final", func(c *pretrain.Config) { c.Masked.Final = 0.95 }},
		{"causal.share", func(c *pretrain.Config) { c.Causal = &pretrain.Causal{} }},
		{"contrastive.share", contrastive(func(o *pretrain.Contrastive) { o.Share = nan })},
		{"contrastive.batch", contrastive(func(o *pretrain.Contrastive) { o.Batch = 1 })},
		{"contrastive.length", contrastive(func(o *pretrain.Contrastive) { o.Length = 7 })},
		{"contrastive.temperature", contrastive(func(o *pretrain.Contrastive) { o.Temperature = 0 })},
		{"contrastive.kinds.title", contrastive(func(o *pretrain.Contrastive) { o.Kinds = map[string]float64{"title": -1} })},
		{"replaced.share", detecting(func(o *pretrain.Replaced) { o.Share = -1 })},
		{"replaced.rate", detecting(func(o *pretrain.Replaced) { o.Rate = 1 })},
		{"replaced.weight", detecting(func(o *pretrain.Replaced) { o.Weight = 0 })},
		{"replaced.weight", detecting(func(o *pretrain.Replaced) { o.Weight = nan })},
		{"replaced.generator: fraction", detecting(func(o *pretrain.Replaced) { o.Generator.Fraction = 1.5 })},
		{"replaced.generator: fraction", detecting(func(o *pretrain.Replaced) { o.Generator.Fraction = nan })},
		{"replaced.generator: got a fraction", detecting(func(o *pretrain.Replaced) { o.Generator.Hidden = 64 })},
		{"replaced.generator: backbone: config: num_attention_heads", detecting(func(o *pretrain.Replaced) { o.Generator = pretrain.Generator{Hidden: 64} })},
		{"replaced.generator: backbone: config: num_hidden_layers", detecting(func(o *pretrain.Replaced) { o.Generator.Layers = -1 })},
		{"distilled.share", distilled(func(o *pretrain.Distilled) { o.Share = 0 })},
		{"distilled.batch", distilled(func(o *pretrain.Distilled) { o.Batch = 0 })},
		{"distilled.length", distilled(func(o *pretrain.Distilled) { o.Length = 0 })},
		{"distilled.teacher", distilled(func(o *pretrain.Distilled) { o.Teacher = "" })},
		{"cooccurrence.window", counted(func(o *pretrain.CoOccurrence) { o.Window = 0 })},
		{"cooccurrence.smooth", counted(func(o *pretrain.CoOccurrence) { o.Smooth = 1.1 })},
		{"cooccurrence.power", counted(func(o *pretrain.CoOccurrence) { o.Power = -0.1 })},
		{"cooccurrence.std", counted(func(o *pretrain.CoOccurrence) { o.Std = nan })},
		{"cooccurrence.letters", counted(func(o *pretrain.CoOccurrence) { o.Letters = -1 })},
		{"cooccurrence.whiten", func(c *pretrain.Config) {
			counted(func(o *pretrain.CoOccurrence) { o.Whiten = 0.5 })(c)
			c.Replaced = &pretrain.Replaced{Share: 1}
		}},
		{"cooccurrence.whiten", counted(func(o *pretrain.CoOccurrence) { o.Whiten = 1.5 })},
	} {
		c, err := pretrain.Default("tiny")
		if err != nil {
			t.Fatal(err)
		}
		tt.change(&c)
		err = c.Validate()
		if tt.want == "" {
			if err != nil {
				t.Errorf("got %v, want a valid recipe", err)
			}
			continue
		}
		if !errors.Is(err, pretrain.ErrConfig) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want an error that names %s", err, tt.want)
		}
	}
}

// TestParseConfig: a recipe in JSON is read over the defaults; null takes an objective away, and unknown keys are refused inside one too.
func TestParseConfig(t *testing.T) {
	c, err := pretrain.ParseConfig([]byte(`{"masked": null, "replaced": {"share": 1, "rate": 0.2, "weight": 50, "generator": {"num_hidden_layers": 1, "hidden_size": 32, "num_attention_heads": 2}}}`), "tiny")
	if err != nil || c.Masked != nil || c.Replaced == nil || c.Replaced.Rate != 0.2 || c.Replaced.Generator.Hidden != 32 {
		t.Errorf("got %+v, %v", c.Replaced, err)
	}
	if _, err := pretrain.ParseConfig([]byte(`{"replaced": {"share": 1, "rate": 0.2, "weight": 50, "generator": {"layers": 1}}}`), "tiny"); !errors.Is(err, pretrain.ErrConfig) {
		t.Errorf("an unknown key: got %v", err)
	}
}

package finetune

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/peft"
)

func TestValidateNamesTheField(t *testing.T) {
	for field, change := range map[string]func(c *Config){
		"method": func(c *Config) { c.Method = "adalora" },
		"lora":   func(c *Config) { c.Method, c.LoRA = adapter.LoRA, &peft.LoRAConfig{Rank: -1} },
		"ia3":    func(c *Config) { c.IA3 = &peft.IA3Config{Targets: []string{"key"}} }, // beside method full
		"last-k": func(c *Config) { c.Method, c.LastK = adapter.LastK, &peft.LastKConfig{} },
		"methods": func(c *Config) {
			c.Method, c.BitFit, c.LastK = adapter.LastK, &peft.BitFitConfig{}, &peft.LastKConfig{Layers: 1}
		},
		"layer_decay": func(c *Config) { c.LayerDecay = 1.5 },
		"optimizer":   func(c *Config) { c.Optimizer = "sgd" },
		"muon":        func(c *Config) { c.Method, c.Optimizer = adapter.LoRA, "muon" },
		"epochs":      func(c *Config) { c.Epochs = -1 },
		"batch":       func(c *Config) { c.Batch = 0 },
		"lr":          func(c *Config) { c.LR = math.NaN() },
		"warmup":      func(c *Config) { c.Warmup = 1.5 },
		"clip_norm":   func(c *Config) { c.ClipNorm = math.Inf(1) },
		"held":        func(c *Config) { c.Held = 1 },
		"shots":       func(c *Config) { c.Shots = -1 },
		"logistic":    func(c *Config) { c.Logistic = -1 },
		"probe":       func(c *Config) { c.Probe = Choice{LR: 1e-2} },
		"grid[1]":     func(c *Config) { c.Grid = []Choice{{1e-3, 1}, {0, 1}} },
		"dev":         func(c *Config) { c.Grid, c.Dev = []Choice{{1e-3, 1}}, 0 },
	} {
		c := Defaults()
		change(&c)
		if err := c.Validate(); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
	c := Defaults()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSteps(t *testing.T) {
	for _, tt := range []struct {
		epochs                float64
		steps, batch, n, want int
	}{
		{1, 0, 32, 64, 2},
		{1, 0, 32, 65, 3},
		{0.1, 0, 32, 10, 1},
		{2.5, 0, 10, 100, 25},
		{3, 7, 10, 100, 7},
		{0, 0, 32, 770, 500},
		{0, 0, 32, 9000, 846},
		{0, 9, 32, 9000, 9},
	} {
		c := Config{Epochs: tt.epochs, Steps: tt.steps, Batch: tt.batch}
		if got := c.steps(tt.n); got != tt.want {
			t.Errorf("%+v: got %d", tt, got)
		}
	}
}

func TestChooseStopsAtAnError(t *testing.T) {
	c := Defaults()
	c.Grid = []Choice{{1e-3, 1}, {2e-3, 1}}
	failed := errors.New("failed")
	n := 0
	_, err := Choose(c, func(int, Config) (float64, error) { n++; return 0, failed })
	if !errors.Is(err, failed) || n != 1 {
		t.Errorf("got %v after %d trials", err, n)
	}
}

func ExampleChoose() {
	c := Defaults()
	c.Grid = []Choice{{LR: 1e-4, Epochs: 1}, {LR: 1e-3, Epochs: 3}, {LR: 1e-2, Epochs: 3}}
	c, err := Choose(c, func(i int, at Config) (float64, error) {
		return []float64{0.5, 0.7, 0.7}[i], nil // accuracy on a development split
	})
	fmt.Println(c.LR, c.Epochs, len(c.Trials), err)
	// Output:
	// 0.001 3 3 <nil>
}

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// An encoderInfo is what inspect-model says of a model of pictures or trajectories.
type encoderInfo struct {
	ModelType   string   `json:"model_type"`
	Parameters  int      `json:"parameters"`
	Layers      int      `json:"num_hidden_layers"`
	Hidden      int      `json:"hidden_size"`
	Heads       int      `json:"num_attention_heads"`
	Input       string   `json:"input"`
	Supports    []string `json:"supports"`
	Fingerprint string   `json:"fingerprint"`
}

// inspectOther looks at a base that doesn't read texts; nil is one that does.
func inspectOther(b *base) (*encoderInfo, error) {
	var i *encoderInfo
	describe := func(kind string, c *backbone.Config, params []*nn.Param, print string) {
		i = &encoderInfo{ModelType: kind, Layers: c.Layers, Hidden: c.Hidden, Heads: c.Heads, Fingerprint: print}
		for _, p := range params {
			i.Parameters += len(p.Value)
		}
	}
	switch {
	case b.vision():
		m, err := b.loadVision()
		if err != nil {
			return nil, err
		}
		describe(m.Config.ModelType, &m.Config.Config, m.Params(), m.Fingerprint())
		i.Input = fmt.Sprintf("pictures of %d pixels a side and %d channels in patches of %d", m.Config.ImageSize, m.Config.Channels, m.Config.PatchSize)
		if stem := m.Config.Stem; len(stem) > 0 {
			i.Input += fmt.Sprintf(" behind convolutions of %v channels", stem)
		}
		i.Supports = []string{"adapt classify", "adapt inspect", "embed"}
	case rl.IsModel(b.fsys):
		m, err := b.loadTrajectories()
		if err != nil {
			return nil, err
		}
		describe("trajectories", &m.Config.Config, m.Params(), m.Fingerprint())
		var ids []string
		for _, e := range m.Config.Environments {
			ids = append(ids, e.ID)
		}
		i.Input = fmt.Sprintf("up to %d steps of %s", m.Config.Context, strings.Join(ids, ", "))
		i.Supports = []string{"adapt policy"}
	}
	return i, nil
}

func (i *encoderInfo) write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"architecture", i.ModelType},
		{"size", fmt.Sprintf("%d layers, %d wide, %d heads, %.1f million parameters", i.Layers, i.Hidden, i.Heads, float64(i.Parameters)/1e6)},
		{"input", i.Input},
		{"supports", strings.Join(i.Supports, ", ")},
		{"fingerprint", i.Fingerprint},
	} {
		fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
	}
	return t.Flush()
}

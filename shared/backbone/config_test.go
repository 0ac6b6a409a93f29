package backbone_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

func TestReadConfig(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}`, ""},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 3}`, "hidden_size 8 can't be split into 3 heads"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 8, "position_embedding_type": "rotary"}`, "head size: got 1"},
		{`{"hidden_size": 8, "num_hidden_layers": 0, "num_attention_heads": 2}`, "num_hidden_layers: got 0"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "hidden_act": "mish"}`, "hidden_act"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "norm": "middle"}`, "norm: got"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "hidden_dropout_prob": 1}`, "hidden_dropout_prob"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "layer_norm_eps": -1}`, "layer_norm_eps"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 99999999}`, "max_position_embeddings"},
		{`{"hidden_size": 4096, "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 1000000}`, "max_position_embeddings * hidden_size"},
		{`{"hidden_size": 8, "hiden_size": 9}`, "unknown field"},
		{`{"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2} {}`, "after the object"},
		{`{"hidden_size": "8"}`, "hidden_size"},
		{``, "EOF"},
	} {
		got, err := backbone.ReadConfig(strings.NewReader(c.in))
		if c.want == "" {
			if err != nil || got.Intermediate != 32 || got.Norm != "post" || got.MaxPositions != 512 {
				t.Errorf("%s: got %+v, %v", c.in, got, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one about %q", c.in, err, c.want)
		}
	}
}

// TestTablesRefused: positions whose table would exceed a gigabyte are refused before anything is allocated, by the names of the fields, whichever
// table it would be: learnt, of sinusoids, or the sines and cosines of rotation.
func TestTablesRefused(t *testing.T) {
	for _, kind := range []string{"absolute", "sinusoidal", "rotary"} {
		for _, size := range []struct{ positions, hidden, heads int }{{1 << 20, 514, 1}, {1 << 20, 1 << 16, 1}} {
			c := backbone.Config{Hidden: size.hidden, Layers: 1, Heads: size.heads, Intermediate: 1, MaxPositions: size.positions, PositionKind: kind}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := backbone.New(c, "")
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), "max_position_embeddings * hidden_size: got ") {
				t.Errorf("%s %v: got %v, want an error with the names of the fields", kind, size, err)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > 64<<10 {
				t.Errorf("%s %v: allocated %d bytes, want at most 64 KiB", kind, size, got)
			}
		}
		c := backbone.Config{Hidden: 1 << 8, Layers: 1, Heads: 2, MaxPositions: 1 << 20, PositionKind: kind}.Defaults()
		if err := c.Validate(); err != nil {
			t.Errorf("%s of a gigabyte: %v", kind, err)
		}
	}
}

func TestPresets(t *testing.T) {
	for _, name := range []string{"tiny", "mini", "small"} {
		c, err := backbone.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := backbone.ReadConfig(strings.NewReader(string(raw))); err != nil || back != c {
			t.Errorf("%s: read back %+v, %v, want %+v", name, back, err, c)
		}
		if _, err := backbone.New(c, ""); err != nil {
			t.Error(err)
		}
	}
	if _, err := backbone.Preset("huge"); err == nil {
		t.Error("an unknown preset passed")
	}
}

// TestHidden: an encoder's hidden matrices are those of its blocks, its vectors and an embedding's tables are none.
func TestHidden(t *testing.T) {
	c := backbone.Config{Hidden: 8, Layers: 2, Heads: 2, MaxPositions: 4, Types: 2, Gated: true, EmbeddingSize: 4}.Defaults()
	e, err := backbone.New(c, "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range e.Params() {
		if p.Hidden != (len(p.Shape) == 2) {
			t.Errorf("%s %v: hidden %t", p.Name, p.Shape, p.Hidden)
		}
		if p.Hidden {
			n++
		}
	}
	if n != 2*7 {
		t.Errorf("got %d hidden matrices, want 7 a block", n)
	}
	embedding, err := nn.NewEmbedding("", c.Embedding(10))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range embedding.Params() {
		if p.Hidden {
			t.Errorf("%s is hidden", p.Name)
		}
	}
}

package vision_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/vision"
)

func TestParseConfig(t *testing.T) {
	c, err := vision.ParseConfig([]byte(`{"model_type": "vit"}`))
	if err != nil {
		t.Fatal(err)
	}
	if c.Hidden != 768 || c.Layers != 12 || c.Heads != 12 || c.Intermediate != 3072 || c.MaxPositions != 197 || c.Norm != "pre" || !c.QKVBias || c.PositionKind != "absolute" {
		t.Errorf("an empty config isn't ViT-Base: %+v", c)
	}
	if c, err = vision.ParseConfig([]byte(`{"model_type": "vit_mae", "mask_ratio": 0.75, "decoder_hidden_size": 512, "qkv_bias": false}`)); err != nil {
		t.Fatal(err)
	}
	if c.PositionKind != "sinusoidal" || c.QKVBias {
		t.Errorf("a masked autoencoder has fixed positions, this one no biases: %+v", c)
	}
}

// TestBadConfig: each value that can't be is an error that names its field.
func TestBadConfig(t *testing.T) {
	for _, bad := range []struct {
		field string
		value any
		want  error
	}{
		{"model_type", "bert", vision.ErrUnsupportedModel},
		{"model_type", 3, vision.ErrConfig},
		{"auto_map", map[string]string{"AutoModel": "m.M"}, vision.ErrUnsupportedModel},
		{"hidden_size", 0, vision.ErrConfig},
		{"hidden_size", 15, vision.ErrConfig}, // in 2 heads
		{"hidden_size", 1 << 20, vision.ErrConfigLimit},
		{"hidden_size", "16", vision.ErrConfig},
		{"num_hidden_layers", 0, vision.ErrConfig},
		{"num_hidden_layers", 1 << 11, vision.ErrConfigLimit},
		{"num_attention_heads", -1, vision.ErrConfig},
		{"num_attention_heads", 1 << 17, vision.ErrConfigLimit},
		{"intermediate_size", 0, vision.ErrConfig},
		{"intermediate_size", 1 << 17, vision.ErrConfigLimit},
		{"hidden_act", "swish7", vision.ErrConfig},
		{"hidden_act", "", vision.ErrConfig},
		{"layer_norm_eps", 0, vision.ErrConfig},
		{"layer_norm_eps", 1, vision.ErrConfig},
		{"layer_norm_eps", 1e99, vision.ErrConfig},
		{"hidden_dropout_prob", 1, vision.ErrConfig},
		{"attention_probs_dropout_prob", -0.1, vision.ErrConfig},
		{"image_size", 0, vision.ErrConfig},
		{"image_size", 13, vision.ErrConfig},
		{"image_size", 1 << 14, vision.ErrConfigLimit},
		{"image_size", []int{12, 12}, vision.ErrConfig},
		{"image_size", 4096, vision.ErrConfig}, // a million patches
		{"patch_size", 0, vision.ErrConfig},
		{"patch_size", 5, vision.ErrConfig},
		{"patch_size", 1 << 11, vision.ErrConfigLimit},
		{"num_channels", 0, vision.ErrConfig},
		{"num_channels", 4, vision.ErrConfig},
		{"qkv_bias", "yes", vision.ErrConfig},
		{"position_embedding_type", "rotary", vision.ErrConfig},
		{"position_embedding_type", "", vision.ErrConfig},
		{"stem_channels", 4, vision.ErrConfig},
		{"stem_channels", []int{4}, vision.ErrConfig},
		{"stem_channels", []int{4, 0}, vision.ErrConfig},
		{"stem_channels", []int{1 << 17, 4}, vision.ErrConfig},
		{"stem_channels", []int{1 << 16, 1 << 16}, vision.ErrConfig},
	} {
		raw, err := os.ReadFile(folder + "/config.json")
		if err != nil {
			t.Fatal(err)
		}
		var c map[string]any
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		c[bad.field] = bad.value
		if raw, err = json.Marshal(c); err != nil {
			t.Fatal(err)
		}
		if _, err := vision.ParseConfig(raw); !errors.Is(err, bad.want) || !strings.Contains(err.Error(), bad.field) {
			t.Errorf("%s %v: got %v, want %v", bad.field, bad.value, err, bad.want)
		}
	}
	if _, err := vision.ParseConfig([]byte(`{"model_type": "vit", "num_attention_heads": 5}`)); !errors.Is(err, vision.ErrConfig) || !strings.Contains(err.Error(), "5 heads") {
		t.Errorf("a width of 768 in 5 heads: got %v", err)
	}
	c, err := vision.Preset("tiny", 16, 8)
	if err != nil {
		t.Fatal(err)
	}
	c.Causal = true
	if err := c.Validate(); !errors.Is(err, vision.ErrConfig) {
		t.Errorf("a causal encoder: got %v", err)
	}
}

// FuzzParseConfig: what is read is valid, and reads the same when written.
func FuzzParseConfig(f *testing.F) {
	raw, err := os.ReadFile(folder + "/config.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"model_type": "vit_mae", "hidden_size": 8, "num_attention_heads": 2, "architectures": ["A"]}`))
	f.Add([]byte(`{"model_type": "vit", "position_embedding_type": "sinusoidal", "image_size": 8192, "patch_size": 1024}`))
	f.Add([]byte(`{"model_type": "vit", "layer_norm_eps": 1e-46}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := vision.ParseConfig(raw)
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		raw, err = c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := vision.ParseConfig(raw)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again, c) {
			t.Errorf("got %+v, want %+v", again, c)
		}
	})
}

package serve_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// TestOpenAI reads embeddings in both encodings.
func TestOpenAI(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{}, base)
	loaded(t, s, "low", func(dir string) *adapter.Passport { return saveClassifier(t, dir, base, adapter.LoRA, "a", 1) })
	e, err := text.NewEmbedder(base, text.EmbedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{sentence(1), sentence(2), "please"}
	want, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Object, Model string
		Data          []struct {
			Object    string
			Index     int
			Embedding json.RawMessage
		}
		Usage struct {
			Prompt int `json:"prompt_tokens"`
			Total  int `json:"total_tokens"`
		}
	}
	ask := func(model, encoding string) [][]float32 {
		t.Helper()
		w := do(s, "POST", "/v1/embeddings", jsonOf(t, map[string]any{"model": model, "input": texts, "encoding_format": encoding}))
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 || list.Object != "list" || len(list.Data) != 3 || list.Model != model {
			t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
		}
		var all [][]float32
		for i, d := range list.Data {
			var v []float32
			if encoding == "base64" {
				var packed string
				if err := json.Unmarshal(d.Embedding, &packed); err != nil {
					t.Fatal(err)
				}
				raw, err := base64.StdEncoding.DecodeString(packed)
				if err != nil {
					t.Fatal(err)
				}
				for ; len(raw) > 0; raw = raw[4:] {
					v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
				}
			} else if err := json.Unmarshal(d.Embedding, &v); err != nil {
				t.Fatal(err)
			}
			if d.Index != i || d.Object != "embedding" {
				t.Errorf("got index %d and object %s", d.Index, d.Object)
			}
			all = append(all, v)
		}
		return all
	}
	for _, encoding := range []string{"float", "base64"} {
		if got := ask("toy", encoding); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", encoding, got, want)
		}
	}
	tokens := 0
	for _, x := range texts {
		tokens += len(base.Row(x, 64).IDs)
	}
	if list.Usage.Prompt != tokens || list.Usage.Total != tokens {
		t.Errorf("usage: got %+v, want %d", list.Usage, tokens)
	}
	if got := ask("low", "float"); fmt.Sprint(got) == fmt.Sprint(want) {
		t.Error("an adapter that changes the encoder gives the base's vectors")
	}
}

package text_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// Absolute distances from float64: hidden states have values of some units, embeddings are unit vectors.
const (
	hiddenTolerance    = 5e-5
	embeddingTolerance = 1e-5
)

// TestRealFolder holds a real sentence-transformers folder, which FMKIT_MODEL names, to what sentence-transformers makes of it: the folder
// FMKIT_GOLDEN, which cmd/bench/golden/embeddings.py writes. Weights of others are not part of this module.
func TestRealFolder(t *testing.T) {
	dir, golden := os.Getenv("FMKIT_MODEL"), os.Getenv("FMKIT_GOLDEN")
	if dir == "" || golden == "" {
		t.Skip("FMKIT_MODEL and FMKIT_GOLDEN name no model and golden values")
	}
	m, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	g, err := checkpoint.Open(filepath.Join(golden, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	read := func(name string) []float32 {
		info, err := g.Info(name)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, info.Count)
		if err := g.Read(name, x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	hidden, embedded := read("last_hidden_state"), read("sentence_embeddings")
	texts, ids := sentences(t, filepath.Join(golden, "ids.jsonl"))

	e, err := text.NewEmbedder(m, text.EmbedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	vectors, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	var far, farHidden float64
	d := m.Width()
	s := m.Snapshot()
	for i, v := range vectors {
		row := m.Row(texts[i], m.Length(m.Sentence.MaxLength))
		if !slices.Equal(row.IDs, ids[i]) {
			t.Fatalf("%.60q: got ids %v, want %v", texts[i], row.IDs, ids[i])
		}
		far = max(far, distance(v, embedded[i*d:(i+1)*d]))
		x := make([]float32, len(row.IDs)*d)
		if err := s.Encode(x, row.IDs, nil, &nn.Batch{B: 1, T: len(row.IDs)}); err != nil {
			t.Fatal(err)
		}
		farHidden = max(farHidden, distance(x, hidden[:len(x)]))
		hidden = hidden[len(x):]
	}
	t.Logf("%d sentences: embeddings within %.2g, hidden states within %.2g", len(texts), far, farHidden)
	if !(far <= embeddingTolerance && farHidden <= hiddenTolerance) {
		t.Errorf("embeddings are off by %g, want at most %g; hidden states by %g, want at most %g", far, embeddingTolerance, farHidden, hiddenTolerance)
	}
	if len(hidden) != 0 || len(texts) < 2 {
		t.Errorf("%d golden values are left after %d sentences", len(hidden), len(texts))
	}
}

func distance(a, b []float32) float64 {
	far := 0.0
	for i, x := range a {
		far = max(far, math.Abs(float64(x)-float64(b[i])))
	}
	return far
}

func sentences(t *testing.T, path string) (texts []string, ids [][]int32) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			Text string
			IDs  []int32
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		texts, ids = append(texts, row.Text), append(ids, row.IDs)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return texts, ids
}

package tagger_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
)

// scoreTolerance: float32 logits of a few units, rounded differently.
const scoreTolerance = 2e-6

// bert loads the checkpoint that cmd/bench/golden/tagger.py made.
func bert(t testing.TB) *tagger.Predictor {
	t.Helper()
	dir := filepath.Join("testdata", "bert")
	m, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := text.LoadHead(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	p, err := tagger.FromHead(m, h)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPipelineGolden(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "bert", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text    string
		Answers []tagger.Entity
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	p, n := bert(t), 0
	var texts []string
	for _, c := range cases {
		texts = append(texts, c.Text)
	}
	all, err := p.Predict(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		got := all[i]
		if len(got) != len(c.Answers) {
			t.Errorf("%q: got %+v, want %+v", c.Text, got, c.Answers)
			continue
		}
		for j, want := range c.Answers {
			g := got[j]
			if string([]rune(c.Text)[g.Start:g.End]) != c.Text[g.StartByte:g.EndByte] {
				t.Errorf("%q: bytes %d to %d are not code points %d to %d", c.Text, g.StartByte, g.EndByte, g.Start, g.End)
			}
			if g.Group != want.Group || g.Word != want.Word || g.Start != want.Start || g.End != want.End || math.Abs(g.Score-want.Score) > scoreTolerance {
				t.Errorf("%q: got %+v, want %+v", c.Text, g, want)
			}
			n++
		}
	}
	if n < 20 {
		t.Errorf("only %d entities compared", n)
	}
}

// TestExport holds that a checkpoint of transformers is written as it was read.
func TestExport(t *testing.T) {
	p, dir := bert(t), filepath.Join(t.TempDir(), "out")
	if err := p.Export(dir, false); err != nil {
		t.Fatal(err)
	}
	m, err := text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := text.LoadHead(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tagger.FromHead(m, h)
	if err != nil {
		t.Fatal(err)
	}
	same(t, p, again)
}

// TestExportTuned holds that a tagger made here is one for transformers, where it has the family.
func TestExportTuned(t *testing.T) {
	m := bert(t).Model()
	c := train.Defaults()
	c.Steps, c.Held = 3, 0
	d := train.Data{Train: []data.Tagged{{Tokens: []string{"Anna", "lives", "in", "York"}, Tags: []string{"B-PER", "O", "O", "B-LOC"}}}}
	_, p, err := train.Train(context.Background(), m, d, c, finetune.Options{NoScore: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "out")
	if err := p.Export(dir, false); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "config.json")); err != nil || !strings.Contains(string(raw), `"BertForTokenClassification"`) {
		t.Errorf("%s, %v", raw, err)
	}
	m, err = text.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := text.LoadHead(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tagger.FromHead(m, h)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.Labels(), p.Labels()) {
		t.Errorf("labels %q, want %q", again.Labels(), p.Labels())
	}
	same(t, p, again)
}

// same compares what two predictors answer.
func same(t *testing.T, p, q *tagger.Predictor) {
	t.Helper()
	for _, s := range []string{"Anna lives in New York.", "the cats' unknownness"} {
		a, err := p.PredictJSON(context.Background(), []byte(`{"text": "`+s+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		b, err := q.PredictJSON(context.Background(), []byte(`{"text": "`+s+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%q: got %s and %s", s, x, y)
		}
	}
}

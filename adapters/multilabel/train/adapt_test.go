package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/multilabel"
	"github.com/fmkit/fmkit/adapters/multilabel/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var topics = map[string][]string{"animal": {"cat", "dog"}, "tool": {"saw", "drill"}, "weather": {"rain", "snow"}}

var filler = []string{"the", "a", "my", "is"}

func base(t testing.TB) *text.Model {
	t.Helper()
	m, err := texttest.Model(7, append([]string{"cat", "dog", "saw", "drill", "rain", "snow"}, filler...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// examples are sentences that name none to three of the topics.
func examples(n int, seed uint64) []data.Labelled {
	r := random.New(seed)
	var all []data.Labelled
	for range n {
		words, labels := []string{filler[r.IntN(4)]}, []string{}
		for _, topic := range []string{"animal", "tool", "weather"} {
			words = append(words, filler[r.IntN(4)])
			if r.IntN(2) == 0 {
				words, labels = append(words, topics[topic][r.IntN(2)]), append(labels, topic)
			}
		}
		all = append(all, data.Labelled{Text: strings.Join(words, " "), Label: strings.Join(labels, "|")})
	}
	return all
}

func write(t *testing.T, path string, all []data.Labelled) {
	t.Helper()
	var b strings.Builder
	for _, e := range all {
		raw, err := json.Marshal(map[string]any{"text": e.Text, "label": append([]string{}, data.SplitLabels(e.Label)...)})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLearns: full tuning and the head alone learn, load with the same scores, can be verified, and resume nothing else.
func TestLearns(t *testing.T) {
	m, dir := base(t), t.TempDir()
	files := [2]string{filepath.Join(dir, "train.jsonl"), filepath.Join(dir, "eval.jsonl")}
	write(t, files[0], examples(160, 1))
	write(t, files[1], examples(80, 2))
	for method, least := range map[string]float64{adapter.Full: 0.95, adapter.Head: 0.7} {
		c := train.Defaults()
		c.Method, c.Epochs, c.Batch, c.LR = method, 8, 16, 2e-3
		d, err := train.ReadData(files[0], files[1], c)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, method)
		passport, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: out})
		if err != nil {
			t.Fatal(err)
		}
		if got := passport.Metrics.Values["micro_f1"]; got < least {
			t.Errorf("%s: micro F1 %.3f, want at least %.2f", method, got, least)
		}
		if (passport.Steps == 0) != (method == adapter.Head) {
			t.Errorf("%s: got %d steps", method, passport.Steps)
		}
		p, err := multilabel.Load(out, m)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p.Labels(), []string{"animal", "tool", "weather"}) {
			t.Errorf("labels %q", p.Labels())
		}
		_, half := data.Split(80, 0.5, 1)
		s, err := multilabel.Evaluate(context.Background(), p, data.Pick(d.Eval, half))
		if err != nil || !reflect.DeepEqual(s, passport.Metrics) {
			t.Errorf("%s: loaded: %v, %v, want %v", method, s, err, passport.Metrics)
		}
		if v, err := train.Verify(context.Background(), out, m, finetune.Options{}); err != nil || !v.Match {
			t.Errorf("%s: verified: got %+v, %v", method, v, err)
		}
	}
}

// TestExport: the sigmoids of the exported encoder's vector times the exported dense layer are the scores, and the configuration says that labels don't exclude each other.
func TestExport(t *testing.T) {
	m, c, dir := base(t), train.Defaults(), t.TempDir()
	c.Method = adapter.Head
	_, p, err := train.Train(context.Background(), m, train.Data{Train: examples(160, 1)}, c, finetune.Options{NoScore: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Export(dir+"/out", false); err != nil {
		t.Fatal(err)
	}
	got, err := texttest.Dense(dir+"/out", "the cat is a saw")
	if err != nil {
		t.Fatal(err)
	}
	want, err := p.Scores(context.Background(), []string{"the cat is a saw"})
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, want %v, %v", got, want, err)
	}
	for i, z := range got {
		if s := 1 / (1 + math.Exp(-float64(z))); math.Abs(s-want[i]) > 1e-5 {
			t.Errorf("%s: got %v, want %v", p.Labels()[i], s, want[i])
		}
	}
	if raw, err := os.ReadFile(dir + "/out/config.json"); err != nil || !strings.Contains(string(raw), `"problem_type": "multi_label_classification"`) {
		t.Errorf("got %s, %v", raw, err)
	}
}

// TestAnswers: labels come best first, none where none reaches the threshold, alone as in a batch; a label that is new counts as missed.
func TestAnswers(t *testing.T) {
	m, c := base(t), train.Defaults()
	c.Method = adapter.Head
	_, p, err := train.Train(context.Background(), m, train.Data{Train: examples(160, 1), Eval: examples(80, 2)}, c, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := []string{"the cat is a saw", "rain", "my", "a dog the snow is my drill a the is"}
	together, err := p.Predict(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range in {
		alone, err := p.Predict(context.Background(), []string{s})
		if err != nil || !reflect.DeepEqual(alone[0], together[i]) {
			t.Errorf("%q: got %v alone, %v, and %v in a batch", s, alone, err, together[i])
		}
		if !slices.IsSortedFunc(alone[0], func(a, b multilabel.Score) int { return int(math.Copysign(1, b.Score-a.Score)) }) {
			t.Errorf("%q: not best first: %v", s, alone[0])
		}
	}
	scores, err := multilabel.Evaluate(context.Background(), p, []data.Labelled{{Text: "rain", Label: "plant"}, {Text: "my", Label: ""}})
	if err != nil || scores.Values["subset_accuracy"] > 0.5 {
		t.Errorf("a new label: got %v, %v, want at most one of two right", scores, err)
	}
	if got, err := p.PredictJSON(context.Background(), []byte(`{"text": "rain", "id": "7"}`)); err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	for _, line := range []string{`{}`, `{"text": ""}`, `{"text": 3}`, `{"text": "a", "labels": []}`, `[`} {
		if _, err := p.PredictJSON(context.Background(), []byte(line)); err == nil {
			t.Errorf("%s passed", line)
		}
	}
}

func TestRefuses(t *testing.T) {
	m, c := base(t), train.Defaults()
	if _, _, err := train.Train(context.Background(), m, train.Data{Train: []data.Labelled{{Text: "cat"}, {Text: "dog"}}}, c, finetune.Options{}); !errors.Is(err, data.ErrEmpty) {
		t.Errorf("no labels: got %v, want ErrEmpty", err)
	}
	c.Shots = 2
	if _, _, err := train.Train(context.Background(), m, train.Data{Train: examples(20, 1)}, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("shots: got %v, want ErrConfig", err)
	}
	path := filepath.Join(t.TempDir(), "bad.jsonl")
	for _, line := range []string{`{"text": "a", "label": ["x|y"]}`, `{"text": "a", "label": [""]}`, `{"text": "a", "label": [1]}`, `{"text": "a", "label": null}`, `{"text": "", "label": []}`} {
		if err := os.WriteFile(path, []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
		var row *data.RowError
		if _, err := train.ReadData(path, "", train.Defaults()); !errors.As(err, &row) {
			t.Errorf("%s: got %v, want a RowError", line, err)
		}
	}
	loss := multilabel.NewLoss(m.Width(), 2)
	for name, s := range map[string]multilabel.Settings{
		"pooling":   {MaxLength: 8, Pooling: "sum"},
		"length":    {MaxLength: 2, Pooling: "mean"},
		"threshold": {MaxLength: 8, Pooling: "mean", Threshold: 2},
	} {
		if _, err := multilabel.New(m, loss.Linear, []string{"a", "b"}, s); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

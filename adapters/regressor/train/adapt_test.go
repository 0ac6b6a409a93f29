package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/adapters/regressor/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

func base(t testing.TB) *text.Model {
	t.Helper()
	m, err := texttest.Model(7, "good", "bad", "the", "a", "my", "is")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// examples are sentences of seven words, whose number is 1000 and 10 more for every good and 10 less for every bad one.
func examples(n int, seed uint64) []data.Labelled {
	r := random.New(seed)
	var all []data.Labelled
	for range n {
		number, words := 1000, make([]string, 7)
		for i := range words {
			words[i] = []string{"the", "a", "my", "is"}[r.IntN(4)]
			switch r.IntN(4) {
			case 0:
				words[i], number = "good", number+10
			case 1:
				words[i], number = "bad", number-10
			}
		}
		all = append(all, data.Labelled{Text: strings.Join(words, " "), Label: fmt.Sprint(number)})
	}
	return all
}

func write(t *testing.T, path string, all []data.Labelled) {
	t.Helper()
	var b strings.Builder
	for _, e := range all {
		fmt.Fprintf(&b, "{\"text\": %q, \"label\": %s}\n", e.Text, e.Label)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLearns: full tuning and the head alone learn, answer in the targets' unit, load with the same scores and can be verified.
func TestLearns(t *testing.T) {
	m, dir := base(t), t.TempDir()
	files := [2]string{filepath.Join(dir, "train.jsonl"), filepath.Join(dir, "eval.jsonl")}
	write(t, files[0], examples(160, 1))
	write(t, files[1], examples(60, 2))
	for method, least := range map[string]float64{adapter.Full: 0.9, adapter.Head: 0.5} {
		c := train.Defaults()
		c.Method, c.Epochs, c.Batch, c.LR = method, 10, 16, 2e-3
		d, err := train.ReadData(files[0], files[1], c)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, method)
		passport, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: out})
		if err != nil {
			t.Fatal(err)
		}
		if got := passport.Metrics.Values["r2"]; got < least {
			t.Errorf("%s: R2 %.3f, want at least %.2f", method, got, least)
		}
		p, err := regressor.Load(out, m)
		if err != nil {
			t.Fatal(err)
		}
		s, err := regressor.Evaluate(context.Background(), p, d.Eval)
		if err != nil || !reflect.DeepEqual(s, passport.Metrics) {
			t.Errorf("%s: loaded: %v, %v, want %v", method, s, err, passport.Metrics)
		}
		both, err := p.Predict(context.Background(), []string{"good", "the bad is my the a good"})
		if err != nil {
			t.Fatal(err)
		}
		alone, err := p.Predict(context.Background(), []string{"good"})
		if err != nil || alone[0] != both[0] || alone[0] < 900 || alone[0] > 1100 {
			t.Errorf("%s: got %v alone, %v, and %v of two", method, alone, err, both)
		}
		if v, err := train.Verify(context.Background(), out, m, finetune.Options{}); err != nil || !v.Match {
			t.Errorf("%s: verified: got %+v, %v", method, v, err)
		}
		if answer, err := p.PredictJSON(context.Background(), []byte(`{"text": "good", "id": "1"}`)); err != nil || !reflect.DeepEqual(answer, regressor.Answer("1", alone[0])) {
			t.Errorf("%s: got %v, %v", method, answer, err)
		}
	}
}

// TestExport: the exported encoder's vector times the exported dense layer is the number.
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
	got, err := texttest.Dense(dir+"/out", "the bad is my the a good")
	if err != nil {
		t.Fatal(err)
	}
	if want, err := p.Predict(context.Background(), []string{"the bad is my the a good"}); err != nil || len(got) != 1 || math.Abs(float64(got[0])-want[0]) > 1e-3 {
		t.Errorf("got %v, want %v, %v", got, want, err)
	}
}

func TestRefuses(t *testing.T) {
	m, c := base(t), train.Defaults()
	same := []data.Labelled{{Text: "good", Label: "1"}, {Text: "bad", Label: "1"}}
	for name, all := range map[string][]data.Labelled{"all alike": same, "one": same[:1], "no number": {{Text: "good", Label: "1"}, {Text: "bad", Label: "x"}}} {
		if _, _, err := train.Train(context.Background(), m, train.Data{Train: all}, c, finetune.Options{NoScore: true}); err == nil {
			t.Errorf("%s passed", name)
		}
	}
	path := filepath.Join(t.TempDir(), "bad.csv")
	for _, label := range []string{"x", "NaN", "Inf", "1e39", "1 2", `""`} {
		if err := os.WriteFile(path, []byte("text,label\na,"+label+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		var row *data.RowError
		if _, err := train.ReadData(path, "", c); !errors.As(err, &row) || row.Line != 2 {
			t.Errorf("%s: got %v, want a RowError of line 2", label, err)
		}
	}
	for name, s := range map[string]regressor.Settings{
		"pooling":   {MaxLength: 8, Pooling: "sum", Deviation: 1},
		"length":    {MaxLength: 2, Pooling: "mean", Deviation: 1},
		"deviation": {MaxLength: 8, Pooling: "mean"},
	} {
		if _, err := regressor.New(m, regressor.NewLoss(m.Width()).Linear, s); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

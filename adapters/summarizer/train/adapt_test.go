package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var (
	subjects = []string{"cats", "ships", "trees", "stars", "rivers", "songs"}
	filler   = []string{"nobody", "came", "today", "and", "yesterday", "rained", "much", "old"}
)

func base(t testing.TB) *text.Model {
	t.Helper()
	m, err := texttest.Model(5, append(append([]string{"we", "show", "that", "grow", "fast"}, subjects...), filler...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// documents hide one sentence that says what is shown among others; it is the summary. Every second one is given as text.
func documents(n int, seed uint64) []data.Summary {
	r := random.New(seed)
	var all []data.Summary
	for i := range n {
		key := "We show that " + subjects[r.IntN(6)] + " grow fast."
		sentences := make([]string, 3+r.IntN(14))
		for j := range sentences {
			words := make([]string, 3+r.IntN(5))
			for k := range words {
				words[k] = filler[r.IntN(8)]
			}
			s := strings.Join(words, " ")
			sentences[j] = strings.ToUpper(s[:1]) + s[1:] + "."
		}
		sentences[r.IntN(len(sentences))] = key
		d := data.Summary{Source: strings.Join(sentences, " "), Targets: []string{key}}
		if i%2 == 0 {
			d.Sentences = sentences
		}
		all = append(all, d)
	}
	return all
}

func config() train.Config {
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR = 6, 8, 2e-3
	return c
}

func TestLearnsAndLoadsTheSameBits(t *testing.T) {
	for _, method := range []string{adapter.Full, adapter.Head} {
		t.Run(method, func(t *testing.T) {
			m, c := base(t), config()
			c.Method = method
			least := 0.95
			if method == adapter.Head {
				c.LR, least = 3e-2, 0.7 // features of an untrained encoder
			}
			before := m.Fingerprint()
			d := train.Data{Train: documents(200, 1), Eval: documents(60, 2)}
			dir := filepath.Join(t.TempDir(), "adapter")
			passport, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir})
			if err != nil {
				t.Fatal(err)
			}
			if m.Fingerprint() != before {
				t.Error("training changed the base")
			}
			lead, err := summarizer.EvaluateBaseline(context.Background(), summarizer.Lead, d.Eval, c.Options)
			if err != nil {
				t.Fatal(err)
			}
			oracle, err := summarizer.EvaluateBaseline(context.Background(), summarizer.Oracle, d.Eval, c.Options)
			if err != nil {
				t.Fatal(err)
			}
			got := passport.Metrics.Values["rouge1"]
			if got < least || got < lead.Values["rouge1"]+0.2 || oracle.Values["rouge1"] != 1 {
				t.Errorf("rouge1 %.3f, lead %.3f, oracle %.3f: want at least %.2f, lead and 0.2, 1", got, lead.Values["rouge1"], oracle.Values["rouge1"], least)
			}
			p, err := summarizer.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			scores, err := summarizer.Evaluate(context.Background(), p, d.Eval, summarizer.Options{})
			if err != nil || !reflect.DeepEqual(scores, passport.Metrics) {
				t.Errorf("after loading: %v, %v, want %v", scores, err, passport.Metrics)
			}
		})
	}
}

func TestAloneAndTogether(t *testing.T) {
	m, c := base(t), config()
	c.Epochs = 1
	_, p, err := train.Train(context.Background(), m, train.Data{Train: documents(40, 1)}, c, finetune.Options{NoScore: true})
	if err != nil {
		t.Fatal(err)
	}
	inputs := []summarizer.Input{{Text: ""}, {Text: "One sentence"}, {Sentences: []string{""}}, {Text: strings.Repeat("long ", 400)}}
	for _, d := range documents(30, 2) {
		inputs = append(inputs, summarizer.Input{Text: strings.Repeat(d.Source+" ", 3)})
	}
	o := summarizer.Options{Sentences: 3, Words: 20, Trigrams: true}
	together, err := p.Summarize(context.Background(), inputs, o)
	if err != nil {
		t.Fatal(err)
	}
	if together[0].Text != "" || together[1].Text != "One sentence" {
		t.Errorf("got %q and %q", together[0].Text, together[1].Text)
	}
	for i, s := range together[4:] {
		if n := len(strings.Fields(s.Text)); n > 20 || n == 0 || len(s.Picked) > 3 {
			t.Errorf("document %d: %d words in %d sentences", i, n, len(s.Picked))
		}
	}
	var wg sync.WaitGroup
	for i := range inputs {
		wg.Go(func() {
			alone, err := p.Summarize(context.Background(), inputs[i:i+1], o)
			if err != nil || !reflect.DeepEqual(alone[0], together[i]) {
				t.Errorf("document %d alone differs: %v", i, err)
			}
		})
	}
	wg.Wait()
}

func TestVerifyAndRefusals(t *testing.T) {
	m, c := base(t), config()
	c.Steps = 10
	path := filepath.Join(t.TempDir(), "train.jsonl")
	var b strings.Builder
	for _, d := range documents(60, 1) {
		raw, err := json.Marshal(map[string]any{"source": d.Source, "target": d.Targets})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(raw, '\n'))
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := train.ReadData(path, "", c)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	if _, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	v, err := train.Verify(context.Background(), dir, m, finetune.Options{})
	if err != nil || !v.Match {
		t.Errorf("got %+v, %v, want a match", v, err)
	}
	other, err := texttest.Model(6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := summarizer.Load(dir, other); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v", err)
	}
	if err := os.WriteFile(path, []byte(b.String()+b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(context.Background(), dir, m, finetune.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("other data: got %v", err)
	}
	c.Shots = 5
	if _, err := train.Adapt(context.Background(), m, d, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("shots without classes: got %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, "adapter_model.safetensors"), 100); err != nil {
		t.Fatal(err)
	}
	if _, err := summarizer.Load(dir, m); err == nil {
		t.Error("a cut file is accepted")
	}
}

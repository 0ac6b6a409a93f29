package train_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
	loop "github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var topics = map[string][]string{
	"animals": {"cat", "dog", "horse", "bird"},
	"tools":   {"hammer", "saw", "drill", "nail"},
	"weather": {"rain", "snow", "wind", "sun"},
}

var filler = []string{"the", "a", "my", "is", "here", "we", "saw", "today", "old", "good"}

func base(t testing.TB) *text.Model {
	t.Helper()
	words := slices.Clone(filler)
	for _, topic := range []string{"animals", "tools", "weather"} {
		words = append(words, topics[topic]...)
	}
	m, err := texttest.Model(7, words...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// examples are sentences with one word of their topic among others.
func examples(n int, seed uint64) []data.Labelled {
	r := random.New(seed)
	var all []data.Labelled
	for i := range n {
		label := []string{"animals", "tools", "weather"}[i%3]
		words := make([]string, 3+r.IntN(12))
		for j := range words {
			words[j] = filler[r.IntN(len(filler))]
		}
		words[r.IntN(len(words))] = topics[label][r.IntN(4)]
		all = append(all, data.Labelled{Text: strings.Join(words, " "), Label: label})
	}
	return all
}

func config() train.Config {
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Logistic, c.Normalize = 8, 16, 2e-3, 0, false
	return c
}

func files(t *testing.T) (trainPath, evalPath string) {
	t.Helper()
	dir := t.TempDir()
	for i, n := range []int{240, 90} {
		rows := func(yield func(data.Labelled, error) bool) {
			for _, e := range examples(n, uint64(i+1)) {
				if !yield(e, nil) {
					return
				}
			}
		}
		if _, err := data.WriteLabelled(filepath.Join(dir, fmt.Sprintf("%d.csv", i)), rows); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "0.csv"), filepath.Join(dir, "1.csv")
}

func adapt(t *testing.T, m *text.Model, c train.Config) (string, *adapter.Passport) {
	t.Helper()
	trainPath, evalPath := files(t)
	d, err := train.ReadData(trainPath, evalPath, c)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	p, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	return dir, p
}

func TestLearnsAndLoadsTheSameBits(t *testing.T) {
	for _, method := range []string{adapter.Full, adapter.Scratch, adapter.LoRA, adapter.Head} {
		t.Run(method, func(t *testing.T) {
			m, c := base(t), config()
			c.Method = method
			least := 0.95
			if method == adapter.LoRA {
				c.Epochs, c.LR, c.Half, least = 40, 1e-2, true, 0.7
			}
			if method == adapter.Head {
				c.Epochs, c.LR, least = 30, 3e-2, 0.6 // features of an untrained encoder
			}
			before := m.Fingerprint()
			dir, passport := adapt(t, m, c)
			if m.Fingerprint() != before {
				t.Fatal("training changed the base")
			}
			// Chance is a third.
			if got := passport.Metrics.Values["accuracy"]; got < least {
				t.Errorf("accuracy %.3f, want at least %.2f", got, least)
			}
			p, err := classifier.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			held := examples(90, 2)
			scores, err := classifier.Evaluate(context.Background(), p, held)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := scores.Values["accuracy"], passport.Metrics.Values["accuracy"]; got != want {
				t.Errorf("accuracy after loading %v, want %v", got, want)
			}
			again, err := classifier.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			a, b := predict(t, p, held), predict(t, again, held)
			for i := range a {
				if !slices.Equal(a[i], b[i]) {
					t.Fatalf("text %d: %v and %v", i, a[i], b[i])
				}
			}
		})
	}
}

func predict(t *testing.T, p *classifier.Predictor, examples []data.Labelled) [][]classifier.Score {
	t.Helper()
	var texts []string
	for _, e := range examples {
		texts = append(texts, e.Text)
	}
	scores, err := p.Predict(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

func TestTrainedPredictorEqualsLoaded(t *testing.T) {
	m, c := base(t), config()
	c.Epochs = 1
	d := train.Data{Train: examples(60, 1), Eval: examples(30, 2)}
	passport, trained, err := train.Train(context.Background(), m, d, c, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	saved, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	if saved.Digest != passport.Digest {
		t.Errorf("one recipe gives %s and %s", saved.Digest, passport.Digest)
	}
	loaded, err := classifier.Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	a, b := predict(t, trained, d.Eval), predict(t, loaded, d.Eval)
	for i := range a {
		if !slices.Equal(a[i], b[i]) {
			t.Fatalf("text %d: %v and %v", i, a[i], b[i])
		}
	}
}

func TestVerify(t *testing.T) {
	m, c := base(t), config()
	c.Epochs, c.Shots = 1, 10
	c.Grid = []finetune.Choice{{LR: 1e-3, Epochs: 1}, {LR: 5e-3, Epochs: 2}}
	dir, passport := adapt(t, m, c)
	v, err := train.Verify(context.Background(), dir, m, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !v.Match || v.Want != passport.Digest || v.Steps != passport.Steps {
		t.Errorf("got %+v, want a match with %s", v, passport.Digest)
	}
	// One changed label: refused before anything is trained.
	path := passport.Data[0].Path
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(raw), "animals", "tools", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(context.Background(), dir, m, finetune.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("got %v, want %v", err, adapter.ErrDataChanged)
	}
}

func TestDigestFollowsTheRecipe(t *testing.T) {
	m := base(t)
	digest := func(change func(c *train.Config, d *train.Data)) string {
		c := config()
		c.Steps = 5
		d := train.Data{Train: examples(60, 1)}
		change(&c, &d)
		p, _, err := train.Train(context.Background(), m, d, c, finetune.Options{NoScore: true})
		if err != nil {
			t.Fatal(err)
		}
		return p.Digest
	}
	want := digest(func(*train.Config, *train.Data) {})
	if got := digest(func(*train.Config, *train.Data) {}); got != want {
		t.Errorf("the same recipe gives %s and %s", got, want)
	}
	for name, change := range map[string]func(c *train.Config, d *train.Data){
		"seed":  func(c *train.Config, _ *train.Data) { c.Seed++ },
		"steps": func(c *train.Config, _ *train.Data) { c.Steps++ },
		"rate":  func(c *train.Config, _ *train.Data) { c.LR *= 1.01 },
		"label": func(_ *train.Config, d *train.Data) { d.Train[4].Label = "weather" },
	} {
		if digest(change) == want {
			t.Errorf("another %s gives the same digest", name)
		}
	}
}

func TestStopAndResume(t *testing.T) {
	m, c := base(t), config()
	c.Steps = 30
	d := train.Data{Train: examples(120, 1)}
	want, _, err := train.Train(context.Background(), m, d, c, finetune.Options{NoScore: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	ctx, cancel := context.WithCancel(context.Background())
	log := writer(func(line string) {
		if strings.Contains(line, "12/30") {
			cancel()
		}
	})
	if _, err := train.Adapt(ctx, m, d, c, finetune.Options{Out: dir, NoScore: true, Log: log}); err != nil && !errors.Is(err, context.Canceled) {
		if _, statErr := os.Stat(dir); statErr == nil {
			t.Error("a stopped training left an adapter")
		}
	}
	got, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir, NoScore: true, Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != want.Digest {
		t.Errorf("resumed: got %s, want %s", got.Digest, want.Digest)
	}
	if _, err := os.Stat(dir + ".run"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the run folder is left: %v", err)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) { w(string(p)); return len(p), nil }

func TestRefused(t *testing.T) {
	m, c := base(t), config()
	c.Epochs, c.Method = 1, adapter.Head
	dir, _ := adapt(t, m, c)
	other, err := texttest.Model(8)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := classifier.Load(dir, other); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v, want %v", err, adapter.ErrBaseMismatch)
	}
	weights := filepath.Join(dir, "adapter_model.safetensors")
	raw, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-3] ^= 1
	if err := os.WriteFile(weights, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := classifier.Load(dir, m); !errors.Is(err, adapter.ErrDigest) {
		t.Errorf("a flipped bit: got %v, want %v", err, adapter.ErrDigest)
	}
}

func TestRefusedData(t *testing.T) {
	m := base(t)
	for name, d := range map[string]train.Data{
		"no examples": {},
		"one class":   {Train: []data.Labelled{{Text: "a", Label: "x"}, {Text: "b", Label: "x"}}},
	} {
		if _, _, err := train.Train(context.Background(), m, d, config(), finetune.Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	one := filepath.Join(t.TempDir(), "one.csv")
	if err := os.WriteFile(one, []byte("text,label\na,x\nb,x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := train.ReadData(one, "", config()); err == nil || !strings.Contains(err.Error(), one) {
		t.Errorf("a file of one class: got %v, want an error that names it", err)
	}
	c := config()
	c.Shots = 1000
	if _, _, err := train.Train(context.Background(), m, train.Data{Train: examples(30, 1)}, c, finetune.Options{}); !errors.Is(err, data.ErrTooFewShots) {
		t.Errorf("1000 shots of 30: got %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	m, c := base(t), config()
	c.Epochs, c.Method = 1, adapter.Head
	dir, _ := adapt(t, m, c)
	p, err := classifier.Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	held := examples(60, 2)
	want := predict(t, p, held)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := g; i < len(held); i += 8 {
				got := predict(t, p, held[i:i+1])
				if !slices.Equal(got[0], want[i]) {
					t.Errorf("text %d alone: %v, together: %v", i, got[0], want[i])
				}
			}
		})
	}
	wg.Wait()
}

func TestResumeWithOtherDataIsRefused(t *testing.T) {
	m, c := base(t), config()
	c.Steps = 30
	dir := filepath.Join(t.TempDir(), "adapter")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := train.Data{Train: examples(60, 1)}
	if _, err := train.Adapt(ctx, m, d, c, finetune.Options{Out: dir}); !errors.Is(err, loop.ErrStopped) {
		t.Fatalf("got %v, want %v", err, loop.ErrStopped)
	}
	if _, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir}); !errors.Is(err, loop.ErrRunExists) {
		t.Errorf("the same folder without resume: got %v, want %v", err, loop.ErrRunExists)
	}
	other := train.Data{Train: examples(60, 9)}
	if _, err := train.Adapt(context.Background(), m, other, c, finetune.Options{Out: dir, Resume: true}); !errors.Is(err, loop.ErrRecipe) {
		t.Errorf("other data: got %v, want %v", err, loop.ErrRecipe)
	}
	if _, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir, Resume: true}); err != nil {
		t.Errorf("the same again: %v", err)
	}
}

package pretrain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
)

// corpus writes sentences in which who and where decide the verb, so that context tells more than counts.
func corpus(t testing.TB) string {
	t.Helper()
	who := []string{"the farmer", "a sailor", "my teacher", "the baker", "our doctor"}
	verb := []string{"plants", "sails", "explains", "bakes", "examines"}
	what := []string{"green corn", "white ships", "hard lessons", "brown bread", "ill patients"}
	r := random.New(1)
	var b strings.Builder
	for range 4000 {
		i := r.IntN(5)
		fmt.Fprintf(&b, "%s %s %s.\n", who[i], verb[i], what[i])
	}
	path := filepath.Join(t.TempDir(), "corpus.txt")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func config(steps int) pretrain.Config {
	c, err := pretrain.Default("tiny")
	if err != nil {
		panic(err)
	}
	c.Model.Config = backbone.Config{
		Hidden: 32, Layers: 1, Heads: 2, Intermediate: 64, MaxPositions: 32, Types: 2, Dropout: 0.1, AttentionDropout: 0.1,
	}.Defaults()
	c.Model.VocabSize, c.Length, c.Batch, c.Short, c.EvalMax = 200, 32, 8, 0.2, 20
	c.Train.Steps, c.Train.Warmup, c.Train.LR, c.Train.EvalEvery, c.Train.SaveEvery = steps, steps/10, 5e-3, 0, 20
	return c
}

func TestLearnsMoreThanCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("the tests without -short learn; other tests train under the race detector")
	}
	for kind, margin := range map[string]struct{ loss, accuracy float64 }{"wordpiece": {0.7, 0.1}, "bpe": {0.2, 0.03}} {
		t.Run(kind, func(t *testing.T) {
			c := config(1500)
			c.Tokenizer = kind
			c.Model.Layers, c.Model.Dropout, c.Model.AttentionDropout, c.Train.LR = 2, 0, 0, 3e-3
			if kind == "bpe" {
				c.Model.VocabSize = 400
			}
			out := filepath.Join(t.TempDir(), "run")
			r, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: []string{corpus(t)}, Out: out})
			if err != nil {
				t.Fatal(err)
			}
			if r.EvalLoss > r.UnigramLoss-margin.loss || r.EvalAccuracy < r.UnigramAccuracy+margin.accuracy {
				t.Errorf("got loss %.3f and accuracy %.3f, unigrams %.3f and %.3f: want better by %.2f and %.2f",
					r.EvalLoss, r.EvalAccuracy, r.UnigramLoss, r.UnigramAccuracy, margin.loss, margin.accuracy)
			}
			m, err := text.Load(out)
			if err != nil {
				t.Fatal(err)
			}
			e, err := text.NewEmbedder(m, text.EmbedConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Embed(context.Background(), []string{"the farmer plants corn."}); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"recipe.json", "metrics.jsonl", "report.html", "README.md"} {
				if _, err := os.Stat(filepath.Join(out, name)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// scores reads the last evaluation of the run in dir.
func scores(t *testing.T, dir string) map[string]float64 {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var last struct{ Eval map[string]float64 }
	for line := range strings.Lines(string(raw)) {
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatal(err)
		}
	}
	return last.Eval
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) { w(string(p)); return len(p), nil }

func TestResumeAndVerify(t *testing.T) {
	path := corpus(t)
	want, err := pretrain.Run(context.Background(), config(60), pretrain.Options{Data: []string{path}, Out: filepath.Join(t.TempDir(), "whole")})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "run")
	o := pretrain.Options{Data: []string{path}, Out: out, Resume: true}
	for _, stop := range []int{7, 31} {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		o.Now = nil
		o.Log = writer(func(string) {
			if n++; n >= stop/7 {
				cancel()
			}
		})
		if _, err := pretrain.Run(ctx, config(60), o); err != nil && !errors.Is(err, train.ErrStopped) && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
	}
	o.Log = nil
	got, err := pretrain.Run(context.Background(), config(60), o)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != want.Digest {
		t.Errorf("resumed: got %s, want %s", got.Digest, want.Digest)
	}
	if !pretrain.IsRun(out) {
		t.Error("the folder isn't taken for a run")
	}
	v, err := pretrain.Verify(context.Background(), out, rerun.Options{})
	if err != nil || !v.Match || v.Want != want.Digest {
		t.Errorf("got %+v, %v, want a match with %s", v, err, want.Digest)
	}
	for _, workers := range []int{1, 2, 5} { // the run keeps checkpoints 40 and 60
		kernels.SetWorkers(workers)
		last, err := pretrain.Verify(context.Background(), out, rerun.Options{Last: 10})
		if err != nil || !last.Match || last.Steps != 20 {
			t.Errorf("last steps, %d workers: got %+v, %v, want a match after 20 steps", workers, last, err)
		}
	}
	kernels.SetWorkers(0)
	if _, err := pretrain.Verify(context.Background(), out, rerun.Options{Last: 50}); err == nil {
		t.Error("last steps without a checkpoint so early passed")
	}
	if _, err := pretrain.Run(context.Background(), config(60), pretrain.Options{Data: []string{path}, Out: out}); !errors.Is(err, train.ErrRunExists) {
		t.Errorf("the same folder again: got %v", err)
	}
	changed := config(60)
	changed.Train.Seed++
	if _, err := pretrain.Run(context.Background(), changed, pretrain.Options{Data: []string{path}, Out: out, Resume: true}); !errors.Is(err, train.ErrRecipe) {
		t.Errorf("resume with another seed: got %v", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, "one more line")
	f.Close()
	if _, err := pretrain.Verify(context.Background(), out, rerun.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("changed data: got %v", err)
	}
}

func TestDigestFollowsTheRecipe(t *testing.T) {
	path := corpus(t)
	digest := func(change func(c *pretrain.Config)) string {
		c := config(5)
		change(&c)
		r, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: []string{path}, Out: filepath.Join(t.TempDir(), "run")})
		if err != nil {
			t.Fatal(err)
		}
		return r.Digest
	}
	want := digest(func(*pretrain.Config) {})
	for name, change := range map[string]func(c *pretrain.Config){
		"seed":     func(c *pretrain.Config) { c.Train.Seed++ },
		"steps":    func(c *pretrain.Config) { c.Train.Steps++ },
		"mask":     func(c *pretrain.Config) { c.Masked = &pretrain.Masked{Share: 1, Rate: 0.2} },
		"short":    func(c *pretrain.Config) { c.Short = 0 },
		"dropout":  func(c *pretrain.Config) { c.Model.Dropout = 0 },
		"batching": func(c *pretrain.Config) { c.Batch, c.Train.Accumulate = 4, 2 },
	} {
		if digest(change) == want {
			t.Errorf("another %s gives the same digest", name)
		}
	}
	if digest(func(*pretrain.Config) {}) != want {
		t.Error("the same recipe gives another digest")
	}
}

func TestRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.txt")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.txt")
	if err := os.WriteFile(short, []byte("a few words\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "binary.txt")
	if err := os.WriteFile(binary, []byte(strings.Repeat("\xff\xfe\n", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	good := corpus(t)
	bad := config(5)
	bad.Length = 33
	tests := []struct {
		name string
		c    pretrain.Config
		data string
		want error
	}{
		{"missing file", config(5), filepath.Join(t.TempDir(), "none.txt"), os.ErrNotExist},
		{"empty file", config(5), empty, data.ErrEmpty},
		{"not UTF-8", config(5), binary, data.ErrTooManyBad},
		{"too short", config(5), short, nil},
		{"window past the model", bad, good, pretrain.ErrConfig},
	}
	for _, tt := range tests {
		out := filepath.Join(t.TempDir(), "run")
		_, err := pretrain.Run(context.Background(), tt.c, pretrain.Options{Data: []string{tt.data}, Out: out})
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if _, err := os.Stat(filepath.Join(out, "model.safetensors")); err == nil {
			t.Errorf("%s: a model was written", tt.name)
		}
	}
}

func TestDefaultIsValid(t *testing.T) {
	for _, preset := range []string{"tiny", "mini", "small"} {
		c, err := pretrain.Default(preset)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", preset, err)
		}
	}
	if _, err := pretrain.Default("huge"); !errors.Is(err, pretrain.ErrConfig) {
		t.Errorf("got %v", err)
	}
	if _, err := pretrain.ParseConfig([]byte(`{"lenght": 3}`), "mini"); !errors.Is(err, pretrain.ErrConfig) {
		t.Errorf("a misspelt key: got %v", err)
	}
}

// TestForeignModel: a folder that holds a model of somebody's is left alone, whether a run is to begin there or to go on.
func TestForeignModel(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, resume := range []bool{false, true} {
		if _, err := pretrain.Run(t.Context(), config(2), pretrain.Options{Data: []string{corpus(t)}, Out: dir, Resume: resume}); !errors.Is(err, checkpoint.ErrNotReplaceable) {
			t.Errorf("resume %t: got %v, want %v", resume, err, checkpoint.ErrNotReplaceable)
		}
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine" {
		t.Errorf("got %q, %v", raw, err)
	}
}

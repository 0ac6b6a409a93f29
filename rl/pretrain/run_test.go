package pretrain_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/shared/train"
)

// config is one layer, 16 wide, over windows of five steps.
func config(t testing.TB, steps int) pretrain.Config {
	t.Helper()
	c, err := pretrain.Default("tiny")
	if err != nil {
		t.Fatal(err)
	}
	c.Model.Hidden, c.Model.Layers, c.Model.Heads, c.Model.Intermediate, c.Model.Context = 16, 1, 2, 32, 5
	c.Model = c.Model.Defaults()
	c.Batch, c.EvalMax = 6, 12
	c.Train = c.Train.WithSteps(steps)
	c.Train.EvalEvery, c.Train.SaveEvery, c.Train.Accumulate = 4, 4, 2
	return c
}

// sources are episodes of an environment with discrete actions, twice, and of one with action vectors.
func sources(t testing.TB) []trajectory.Source {
	t.Helper()
	return []trajectory.Source{play(t, "CartPole-v1", 6, 30, 1, nil), play(t, "Pendulum-v1", 4, 20, 2, nil), play(t, "CartPole-v1", 4, 30, 9, nil)}
}

func mustRun(t testing.TB, c pretrain.Config, o pretrain.Options) pretrain.Result {
	t.Helper()
	r, err := pretrain.Run(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pinned is the digest of the run below, on every machine and with every kind of kernels. A change here is one of the recipe or of the canonical arithmetic.
const pinned = "sha256:cf7a5828c756d768f990d4fdecb994088ac026e2398607046dac94d15762b3c4"

// TestSameBits: any number of workers gives the same weights, another seed others; a model folder and a card lie in the run's folder.
func TestSameBits(t *testing.T) {
	defer kernels.SetWorkers(0)
	c, s := config(t, 8), sources(t)
	var first pretrain.Result
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		dir := filepath.Join(t.TempDir(), "run")
		r := mustRun(t, c, pretrain.Options{Sources: s, Out: dir})
		if first.Digest == "" {
			if first = r; r.Digest != pinned {
				t.Errorf("got digest %s, want %s", r.Digest, pinned)
			}
		}
		if r.Digest != first.Digest || r.EvalLoss != first.EvalLoss {
			t.Errorf("%d workers: got digest %s and loss %v, want %s and %v", workers, r.Digest, r.EvalLoss, first.Digest, first.EvalLoss)
		}
		m, err := rl.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := checkpoint.Digest(m.Tensors()); got != r.Digest {
			t.Errorf("the folder has digest %s, want %s", got, r.Digest)
		}
		card, err := os.ReadFile(filepath.Join(dir, "README.md"))
		if err != nil || !strings.Contains(string(card), r.Digest) || !strings.Contains(string(card), "CartPole-v1") {
			t.Errorf("card: %v: %s", err, card)
		}
		if e := m.Config.Environments; len(e) != 2 || e[0].ID != "CartPole-v1" || e[1].ID != "Pendulum-v1" || len(e[0].Std) != 4 || !(e[0].ReturnScale > 1) {
			t.Errorf("environments: got %+v", e)
		}
	}
	c.Train.Seed++
	if r := mustRun(t, c, pretrain.Options{Sources: s, Out: filepath.Join(t.TempDir(), "run")}); r.Digest == first.Digest {
		t.Error("another seed gives the same weights")
	}
}

// TestResume: a run that is stopped goes on to the bits of one that isn't.
func TestResume(t *testing.T) {
	c, s := config(t, 12), sources(t)
	want := mustRun(t, c, pretrain.Options{Sources: s, Out: filepath.Join(t.TempDir(), "run")})
	dir := filepath.Join(t.TempDir(), "run")
	for _, after := range []string{"step 4/12", "step 8/12"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := pretrain.Run(ctx, c, pretrain.Options{Sources: s, Out: dir, Resume: true, Log: watcher{after, cancel}})
		if cancel(); !errors.Is(err, train.ErrStopped) {
			t.Fatalf("%s: got %v, want ErrStopped", after, err)
		}
	}
	got := mustRun(t, c, pretrain.Options{Sources: s, Out: dir, Resume: true})
	if got.Digest != want.Digest || got.EvalLoss != want.EvalLoss {
		t.Errorf("resumed: got digest %s and loss %v, want %s and %v", got.Digest, got.EvalLoss, want.Digest, want.EvalLoss)
	}
	if _, err := pretrain.Run(t.Context(), c, pretrain.Options{Sources: s, Out: dir}); !errors.Is(err, train.ErrRunExists) {
		t.Errorf("a second run in the folder: got %v", err)
	}
	if _, err := pretrain.Run(t.Context(), c, pretrain.Options{Sources: s[:2], Out: dir, Resume: true}); !errors.Is(err, train.ErrRecipe) {
		t.Errorf("resumed with other data: got %v", err)
	}
}

// A watcher calls then when it is written a text.
type watcher struct {
	seen string
	then func()
}

func (w watcher) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.seen) {
		w.then()
	}
	return len(p), nil
}

func TestVerify(t *testing.T) {
	c, s := config(t, 8), sources(t)
	c.Half = true
	dir := filepath.Join(t.TempDir(), "run")
	r := mustRun(t, c, pretrain.Options{Sources: s, Out: dir})
	if !pretrain.IsRun(dir) || pretrain.IsRun(t.TempDir()) {
		t.Error("a run isn't known, or another folder is")
	}
	for _, last := range []int{0, 2} {
		v, err := pretrain.Verify(t.Context(), dir, rerun.Options{Last: last}, s...)
		if err != nil || !v.Match || v.Want != r.Digest || last > 0 && v.Steps != 4 {
			t.Errorf("last %d: got %+v, %v", last, v, err)
		}
	}
	if _, err := pretrain.Verify(t.Context(), dir, rerun.Options{}, s[1:]...); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("other episodes: got %v", err)
	}
	changed := sources(t)
	changed[0].(*trajectory.Memory).Episodes[2].Rewards[3]++
	if _, err := pretrain.Verify(t.Context(), dir, rerun.Options{}, changed...); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("another reward: got %v", err)
	}
	recipe := filepath.Join(dir, "recipe.json")
	raw, err := os.ReadFile(recipe)
	if err != nil {
		t.Fatal(err)
	}
	for old, bad := range map[string]error{`"clip_norm": 1`: adapter.ErrRecipe, `"task"`: nil} {
		text := strings.Replace(string(raw), old, strings.Replace(old, ": 1", ": 2", 1)+map[bool]string{true: `: 1, "x"`}[old == `"task"`], 1)
		if err := os.WriteFile(recipe, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := pretrain.Verify(t.Context(), dir, rerun.Options{}, s...); err == nil || bad != nil && !errors.Is(err, bad) {
			t.Errorf("%s changed: got %v", old, err)
		}
	}
}

// failing is a source with an episode that can't be read.
type failing struct {
	trajectory.Source
	bad int
}

func (f failing) Episode(i int, e *trajectory.Episode) error {
	if i == f.bad {
		return io.ErrUnexpectedEOF
	}
	return f.Source.Episode(i, e)
}

func TestBadData(t *testing.T) {
	one := play(t, "CartPole-v1", 1, 20, 1, nil)
	nan, bare, other := play(t, "CartPole-v1", 3, 20, 1, nil), play(t, "CartPole-v1", 3, 20, 1, nil), play(t, "Pendulum-v1", 3, 20, 1, nil)
	nan.Episodes[1].Observations[3] = float32(math.NaN())
	bare.Episodes[1].Actions = nil
	other.About.Environment = "CartPole-v1"
	for about, f := range map[string]struct {
		s    []trajectory.Source
		want error
		says string
	}{
		"none":         {nil, pretrain.ErrData, "no source"},
		"one":          {[]trajectory.Source{one}, data.ErrEmpty, "CartPole-v1"},
		"not a number": {[]trajectory.Source{nan}, trajectory.ErrEpisode, "episode 1"},
		"no actions":   {[]trajectory.Source{bare}, pretrain.ErrData, "actions"},
		"other spaces": {[]trajectory.Source{one, other}, pretrain.ErrData, "spaces"},
		"unreadable":   {[]trajectory.Source{failing{other, 2}}, io.ErrUnexpectedEOF, "episode 2"},
	} {
		out := filepath.Join(t.TempDir(), "run")
		_, err := pretrain.Run(t.Context(), config(t, 4), pretrain.Options{Sources: f.s, Out: out})
		if !errors.Is(err, f.want) || !strings.Contains(err.Error(), f.says) {
			t.Errorf("%s: got %v, want %v and %q", about, err, f.want, f.says)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: a folder was made", about)
		}
	}
	if _, err := pretrain.Run(t.Context(), config(t, 4), pretrain.Options{Sources: sources(t)}); !errors.Is(err, pretrain.ErrConfig) {
		t.Errorf("no folder: got %v", err)
	}
}

// TestNoActions: observations alone train a model, of which nothing depends on actions and rewards.
func TestNoActions(t *testing.T) {
	c := config(t, 6)
	c.NoActions = true
	run := func(change func(e *trajectory.Episode)) pretrain.Result {
		s := play(t, "CartPole-v1", 6, 30, 1, nil)
		for i := range s.Episodes {
			change(&s.Episodes[i])
		}
		return mustRun(t, c, pretrain.Options{Sources: []trajectory.Source{s}, Out: filepath.Join(t.TempDir(), "run")})
	}
	with := run(func(*trajectory.Episode) {})
	without := run(func(e *trajectory.Episode) { e.Actions = nil })
	if with.Digest != without.Digest || with.EvalAccuracy != 0 {
		t.Errorf("got digests %s with actions and %s without, and accuracy %v of actions", with.Digest, without.Digest, with.EvalAccuracy)
	}
	if _, ok := with.Eval["loss_inverse"]; ok {
		t.Error("actions were asked for")
	}
}

func TestConfig(t *testing.T) {
	base := config(t, 4)
	for raw, field := range map[string]string{
		`{"maks": 1}`:                                "maks",
		`{"batch": 0}`:                               "batch",
		`{"causal": 1.5}`:                            "causal",
		`{"rates": []}`:                              "rates",
		`{"rates": [0.5, 1]}`:                        "rates",
		`{"held": 0}`:                                "held",
		`{"masks": {"random": -1}}`:                  "masks.random",
		`{"model": {"context": 0}}`:                  "context",
		`{"train": {"steps": 0}}`:                    "steps",
		`{"loss": {"observations": -1}}`:             "loss.observations",
		`{"model": {"environments": [{"id": "A"}]}}`: "environment",
		`{"masks": {"random": 0, "autoregressive": 0, "policy": 0, "return": 0, "forward": 0, "inverse": 0, "step": 0}}`: "masks",
		`{"loss": {"observations": 0}, "no_actions": true}`:                                                              "loss",
	} {
		if _, err := pretrain.ParseConfig([]byte(raw), base); !errors.Is(err, pretrain.ErrConfig) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", raw, err)
		}
	}
	c, err := pretrain.ParseConfig([]byte(`{"model": {"context": 7}, "rates": [0.3]}`), base)
	if err != nil || c.Model.Context != 7 || c.Model.MaxPositions != 21 || len(c.Rates) != 1 || base.Rates[0] != 0.15 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// FuzzParseConfig: what is read is valid.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"causal": 0.6, "batch": 3, "model": {"context": 2, "hidden_size": 8}}`))
	f.Add([]byte(`{"rates": [0.1], "train": {"steps": 3}, "no_actions": true}`))
	base := config(f, 4)
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := pretrain.ParseConfig(raw, base)
		if err == nil {
			err = c.Validate()
		} else if errors.Is(err, pretrain.ErrConfig) {
			return
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// TestPictures: episodes of pictures train a model too, whose loss falls.
func TestPictures(t *testing.T) {
	c := config(t, 30)
	c.Batch, c.Train.Accumulate, c.Train.EvalEvery = 4, 1, 15
	s := play(t, "SortingCellCamera-v0", 5, 10, 3, nil)
	dir := filepath.Join(t.TempDir(), "run")
	var log strings.Builder
	r := mustRun(t, c, pretrain.Options{Sources: []trajectory.Source{s}, Out: dir, Log: &log})
	m, err := rl.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if e := m.Config.Environments[0]; e.Patch != 8 || e.Mean != nil || e.Targets() != 192 {
		t.Errorf("got %+v", e)
	}
	var first float64
	if _, err := fmt.Sscanf(log.String()[strings.Index(log.String(), "  loss ")+7:], "%g", &first); err != nil {
		t.Fatal(err)
	}
	if !(r.Eval["loss_forward"] < 0.1 && r.EvalLoss < first) {
		t.Errorf("after %d steps got %v; the loss was %v at first", r.Steps, r.Eval, first)
	}
}

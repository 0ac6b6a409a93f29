package pretrain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text/pretrain"
)

// legEnv tells this binary to be the process that goes on with a run until it is killed.
const legEnv = "FMKIT_PRETRAIN_LEG"

// A leg is what one process does of a run.
type leg struct {
	Config    pretrain.Config
	Data, Out string
	Workers   int
	Hold      int // lines of metrics after which it waits to be killed, 0: none
}

func TestMain(m *testing.M) {
	raw := os.Getenv(legEnv)
	if raw == "" {
		os.Exit(m.Run())
	}
	var l leg
	err := json.Unmarshal([]byte(raw), &l)
	if err == nil {
		err = l.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (l *leg) run() error {
	kernels.SetWorkers(l.Workers)
	now := func() time.Time {
		for l.Hold > 0 && lines(l.Out) >= l.Hold {
			time.Sleep(time.Second)
		}
		return time.Now()
	}
	_, err := pretrain.Run(context.Background(), l.Config, pretrain.Options{Data: []string{l.Data}, Out: l.Out, Resume: true, Now: now})
	return err
}

// lines counts what the run in dir has written to its metrics: a line a step and a line an evaluation.
func lines(dir string) int {
	raw, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		return 0
	}
	return bytes.Count(raw, []byte("\n"))
}

// start runs l in a process of its own.
func (l *leg) start(t *testing.T) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	raw, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	cmd, stderr = exec.Command(os.Args[0]), new(bytes.Buffer)
	cmd.Env = append(os.Environ(), legEnv+"="+string(raw))
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

// killRun runs c in processes that are killed: one while it prepares the corpus, or about then, five in stretches of the run that follow each
// other, each at a random step and a random moment of it. The last one ends the run.
func killRun(t *testing.T, c pretrain.Config, data, out string, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	stretch := c.Train.Steps / 6
	for k := range 7 {
		l := leg{Config: c, Data: data, Out: out, Workers: []int{1, 2, 5}[k%3]}
		at := (k-1)*stretch + 1 + r.IntN(stretch)
		if k > 0 && k < 6 {
			l.Hold = at + stretch/2 + 1
		}
		cmd, stderr := l.start(t)
		switch {
		case k == 0:
			time.Sleep(time.Duration(r.IntN(150)) * time.Millisecond)
		case k < 6:
			deadline := time.Now().Add(time.Minute)
			for lines(out) < at && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Duration(r.IntN(20_000)) * time.Microsecond)
		}
		if k < 6 {
			_ = cmd.Process.Kill()
		}
		err := cmd.Wait()
		exit, _ := errors.AsType[*exec.ExitError](err)
		if killed := exit != nil && !exit.Exited(); killed != (k < 6) || k == 6 && err != nil {
			t.Fatalf("process %d: %v: %s", k, err, stderr)
		}
	}
}

// sameRun compares everything that two runs of c came to: weights, moments and metrics, byte by byte.
func sameRun(t *testing.T, c pretrain.Config, got, want string) {
	t.Helper()
	last := fmt.Sprintf("checkpoint-%d", c.Train.Steps)
	for _, name := range []string{"model.safetensors", "tokenizer.json", "metrics.jsonl", last + "/model.safetensors", last + "/optimizer.safetensors"} {
		g, err := os.ReadFile(filepath.Join(got, name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := os.ReadFile(filepath.Join(want, name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(g, w) {
			t.Errorf("%s differs from that of the run that was never stopped", name)
		}
	}
}

// stoppable has padding, dropout, accumulation, evaluations and saves at other steps than those.
func stoppable(accumulate int) pretrain.Config {
	c := config(36)
	c.Short, c.Batch, c.EvalMax = 0.5, 4, 8
	c.Train.Accumulate, c.Train.SaveEvery, c.Train.EvalEvery = accumulate, 3, 7
	return c
}

func whole(t *testing.T, c pretrain.Config, data string) (string, pretrain.Result) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "whole")
	r, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: []string{data}, Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	return dir, r
}

// TestKilled holds that a run killed again and again, each time with another number of workers, ends in the bits of one that never was.
func TestKilled(t *testing.T) {
	data := corpus(t)
	detecting := stoppable(1)
	detecting.Masked, detecting.Replaced = nil, replaced(1).Replaced
	for i, c := range []pretrain.Config{stoppable(1), stoppable(3), detecting} {
		want, _ := whole(t, c, data)
		out := filepath.Join(t.TempDir(), "run")
		killRun(t, c, data, out, uint64(i))
		sameRun(t, c, out, want)
	}
}

// TestKilledMini is TestKilled with a model of the size that is trained in earnest.
func TestKilledMini(t *testing.T) {
	if os.Getenv("FMKIT_LONG") == "" {
		t.Skip("a minute: FMKIT_LONG=1 runs it")
	}
	c, err := pretrain.Default("mini")
	if err != nil {
		t.Fatal(err)
	}
	c.Model.VocabSize, c.Short, c.Batch, c.EvalMax = 2000, 0.5, 8, 8
	c.Train.Steps, c.Train.Warmup, c.Train.SaveEvery, c.Train.EvalEvery = 50, 5, 4, 15
	data := corpus(t)
	want, _ := whole(t, c, data)
	out := filepath.Join(t.TempDir(), "run")
	killRun(t, c, data, out, 3)
	sameRun(t, c, out, want)
}

// mixed is c with objectives that take turns.
func mixed(c pretrain.Config) pretrain.Config {
	c.Masked = &pretrain.Masked{Share: 2, Rate: 0.4, Final: 0.15, Shift: true}
	c.Causal = &pretrain.Causal{Share: 1}
	c.Contrastive = &pretrain.Contrastive{Share: 1, Batch: 4, Length: 16, Temperature: 0.1, Kinds: map[string]float64{"crop": 1, "twin": 1}}
	return c
}

// TestWorkers holds the weights of objectives that take turns to one another, for any number of workers.
func TestWorkers(t *testing.T) {
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	data := corpus(t)
	c := mixed(config(8))
	c.Train.Optimizer, c.Replaced = "muon", replaced(1).Replaced
	c.CoOccurrence = &pretrain.CoOccurrence{Window: 3, Smooth: 0.75, Power: 0.5, Std: 0.05}
	var want string
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		_, got := whole(t, c, data)
		if want == "" {
			want = got.Digest
		} else if got.Digest != want {
			t.Errorf("%d workers: got %s, want %s", workers, got.Digest, want)
		}
	}
}

// TestStopped holds the same of a context that ends.
func TestStopped(t *testing.T) {
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	data := corpus(t)
	turns := mixed(stoppable(3))
	turns.Train.Optimizer, turns.Train.Average = "muon", 0.9
	for i, c := range []pretrain.Config{stoppable(1), turns} {
		want, first := whole(t, c, data)
		out := filepath.Join(t.TempDir(), "run")
		r := rand.New(rand.NewPCG(uint64(i), 2))
		o := pretrain.Options{Data: []string{data}, Out: out, Resume: true}
		stretch := c.Train.Steps / 6
		for k := range 5 {
			kernels.SetWorkers([]int{1, 2, 5}[k%3])
			at := k*stretch + 1 + r.IntN(stretch)
			ctx, cancel := context.WithCancel(context.Background())
			o.Now = func() time.Time {
				if lines(out) >= at {
					cancel()
				}
				return time.Now()
			}
			got, err := pretrain.Run(ctx, c, o)
			cancel()
			if !errors.Is(err, train.ErrStopped) {
				t.Fatalf("stop %d: got %v, want %v", k, err, train.ErrStopped)
			}
			if _, err := os.Stat(filepath.Join(out, fmt.Sprintf("checkpoint-%d", got.Steps), "state.json")); err != nil {
				t.Errorf("stopped at step %d, which is not saved: %v", got.Steps, err)
			}
		}
		o.Now = nil
		got, err := pretrain.Run(context.Background(), c, o)
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest != first.Digest {
			t.Errorf("run %d: got %s, want %s", i, got.Digest, first.Digest)
		}
		sameRun(t, c, out, want)
	}
}

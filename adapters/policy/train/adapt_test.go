package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/classic"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/train"
)

// small is a recipe that takes a moment.
func small(algorithm, id string, steps int) Config {
	c := Default(algorithm, id)
	c.Method, c.Steps, c.Episodes, c.PPO = adapter.Scratch, steps, 3, DefaultPPO()
	c.Sizes = Sizes{Hidden: 32, Layers: 1, Heads: 1, Intermediate: 64}
	c.PPO.Renew = 2
	return c
}

// scripted are episodes of a scripted policy with some noise.
func scripted(t testing.TB, id string, episodes int) *trajectory.Memory {
	t.Helper()
	spec, err := rl.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	e, err := rl.Make(id)
	if err != nil {
		t.Fatal(err)
	}
	m := &trajectory.Memory{About: trajectory.Meta{Environment: id, Observation: e.ObservationSpace(), Action: e.ActionSpace()}}
	o, a := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
	random := env.RandomPolicy(e.ActionSpace(), 7)
	for i := range episodes {
		var p trajectory.Episode
		if _, err := e.Reset(o, int64(i), nil); err != nil {
			t.Fatal(err)
		}
		p.Observations = append(p.Observations, o...)
		for step := 0; !p.Terminated && !p.Truncated; step++ {
			if step%4 == 3 && i%2 == 1 { // every other episode is worse
				random(o, a)
			} else {
				spec.Scripted(o, a)
			}
			got, err := e.Step(o, a)
			if err != nil {
				t.Fatal(err)
			}
			p.Observations, p.Actions, p.Rewards = append(p.Observations, o...), append(p.Actions, a...), append(p.Rewards, got.Reward)
			p.Terminated, p.Truncated = got.Terminated, got.Truncated
		}
		m.Episodes = append(m.Episodes, p)
	}
	return m
}

func TestAdaptOnline(t *testing.T) {
	ctx, dir := context.Background(), filepath.Join(t.TempDir(), "policy")
	c := small(Online, "CartPole-v1", 16_000)
	p, pass, err := Adapt(ctx, nil, nil, c, Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	s, err := policy.Evaluate(ctx, []*policy.Policy{p}, "CartPole-v1", policy.EvaluateOptions{Episodes: 10, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if s.MeanReturn < 150 {
		t.Errorf("mean return %g, want at least 150", s.MeanReturn)
	}
	loaded, err := policy.Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := policy.Evaluate(ctx, []*policy.Policy{loaded}, "CartPole-v1", policy.EvaluateOptions{Episodes: 10, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if again.MeanReturn != s.MeanReturn {
		t.Errorf("loaded: mean return %g, want %g", again.MeanReturn, s.MeanReturn)
	}
	if _, err := os.Stat(dir + ".run"); !os.IsNotExist(err) {
		t.Errorf("the run's folder is still there: %v", err)
	}
	v, err := Verify(ctx, dir, nil, nil, Options{})
	if err != nil || !v.Match || v.Want != pass.Digest {
		t.Errorf("verify: got %+v, %v", v, err)
	}
}

// TestAdaptSameBits holds that weights depend neither on workers nor on being stopped and resumed.
func TestAdaptSameBits(t *testing.T) {
	defer kernels.SetWorkers(0)
	for _, id := range []string{"CartPole-v1", "Pendulum-v1"} {
		c := small(Online, id, 6*1024)
		c.Episodes = 0
		var want string
		for _, workers := range []int{1, 2, 5} {
			kernels.SetWorkers(workers)
			_, p, err := Adapt(context.Background(), nil, nil, c, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = p.Digest
			}
			if p.Digest != want {
				t.Errorf("%s: %d workers: got %s, want %s", id, workers, p.Digest, want)
			}
		}
		out := filepath.Join(t.TempDir(), "policy")
		resumed := 0
		for range 10 { // every process gets three rollouts far, and two of them count
			ctx := &after{Context: context.Background(), checks: 3}
			_, p, err := Adapt(ctx, nil, nil, c, Options{Out: out, Resume: true})
			if errors.Is(err, train.ErrStopped) {
				resumed++
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Digest != want {
				t.Errorf("%s: stopped %d times: got %s, want %s", id, resumed, p.Digest, want)
			}
			break
		}
		other := c
		other.PPO.LR /= 2
		_, _, err := Adapt(&after{Context: context.Background(), checks: 1}, nil, nil, c, Options{Out: out + "2"})
		if !errors.Is(err, train.ErrStopped) {
			t.Fatal(err)
		}
		if _, _, err := Adapt(context.Background(), nil, nil, other, Options{Out: out + "2", Resume: true}); !errors.Is(err, train.ErrRecipe) {
			t.Errorf("%s: another recipe: got %v, want %v", id, err, train.ErrRecipe)
		}
		if _, _, err := Adapt(context.Background(), nil, nil, c, Options{Out: out + "2"}); !errors.Is(err, train.ErrRunExists) {
			t.Errorf("%s: no resume: got %v, want %v", id, err, train.ErrRunExists)
		}
		if resumed != 2 {
			t.Errorf("%s: stopped %d times, want 2", id, resumed)
		}
	}
}

// after is a context that ends after some checks.
type after struct {
	context.Context
	checks int
}

func (a *after) Err() error {
	if a.checks--; a.checks < 0 {
		return context.Canceled
	}
	return nil
}

func TestAdaptMethods(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two dozen policies")
	}
	ctx := context.Background()
	e, err := rl.Make("CartPole-v1")
	if err != nil {
		t.Fatal(err)
	}
	known, err := rl.NewEnvironment("CartPole-v1", e.ObservationSpace(), e.ActionSpace())
	if err != nil {
		t.Fatal(err)
	}
	known.Mean, known.Std = make([]float32, 4), []float32{1, 2, 0.2, 2}
	few := scripted(t, "CartPole-v1", 6)
	other := known
	other.ID = "Other-v0"
	for _, environment := range []rl.Environment{known, other} {
		base, err := rl.New(rl.Config{Config: backbone.Config{Hidden: 32, Layers: 1, Heads: 2, Intermediate: 64}, Context: 4, Environments: []rl.Environment{environment}}, 3)
		if err != nil {
			t.Fatal(err)
		}
		print := base.Fingerprint()
		for _, method := range []string{adapter.Full, adapter.Head, adapter.LoRA, adapter.IA3, adapter.Prefix, adapter.Bottleneck, adapter.BitFit, adapter.LastK, adapter.Scratch} {
			for _, algorithm := range []string{Online, Clone, Return} {
				c := small(algorithm, "CartPole-v1", 1024)
				c.Method, c.Episodes, c.PPO.Epochs = method, 1, 1
				if method == adapter.LastK {
					c.LastK = &peft.LastKConfig{Layers: 1}
				}
				var from trajectory.Source
				if algorithm != Online {
					c.Steps, from = 8, few
				}
				if algorithm == Return {
					c.Cloning.Context = 4
				}
				name := environment.ID + " " + method + " " + algorithm
				dir := filepath.Join(t.TempDir(), "policy")
				p, _, err := Adapt(ctx, base, from, c, Options{Out: dir, Data: "somewhere"})
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				loaded, err := policy.Load(dir, base)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				learnt(t, name, dir)
				one, err1 := policy.Evaluate(ctx, []*policy.Policy{p}, "CartPole-v1", policy.EvaluateOptions{Episodes: 2, Sample: true})
				two, err2 := policy.Evaluate(ctx, []*policy.Policy{loaded}, "CartPole-v1", policy.EvaluateOptions{Episodes: 2, Sample: true})
				if err1 != nil || err2 != nil || one.MeanReturn != two.MeanReturn {
					t.Errorf("%s: got %v and %v, %v, %v", name, one, two, err1, err2)
				}
				v, err := Verify(ctx, dir, base, func(string) (trajectory.Source, error) { return from, nil }, Options{})
				if err != nil || !v.Match {
					t.Errorf("%s: verify: got %+v, %v", name, v, err)
				}
			}
		}
		if base.Fingerprint() != print {
			t.Errorf("%s: the base has changed", environment.ID)
		}
	}
}

// learnt holds that what the folder stores has been trained: no low-rank change of values and no bias of an action is as it was at the start, zero. (Queries and keys of a single token get no gradient.)
func learnt(t *testing.T, name, dir string) {
	t.Helper()
	tensors, _, err := checkpoint.ReadFile(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tensors {
		if zero := !slices.ContainsFunc(x.Data, func(v float32) bool { return v != 0 }); zero && (strings.Contains(x.Name, "value.lora_B") || strings.HasSuffix(x.Name, "action_head.bias")) {
			t.Errorf("%s: %s is still zero", name, x.Name)
		}
	}
}

// TestAdaptOwn trains in an environment of the caller's own.
func TestAdaptOwn(t *testing.T) {
	made := func() (env.Env, error) {
		return rl.Wrap(func() (env.Env, error) {
			return classic.NewCartPole(classic.CartPoleConfig{SuttonBartoReward: true}), nil
		}, 50)
	}
	c := small(Online, "Mine-v0", 1024)
	dir := filepath.Join(t.TempDir(), "policy")
	p, pass, err := Adapt(context.Background(), nil, nil, c, Options{Out: dir, New: made})
	if err != nil {
		t.Fatal(err)
	}
	if r := pass.Metrics.Values["mean_return"]; p.Settings().Environment.ID != "Mine-v0" || r > 0 || r < -1 {
		t.Errorf("got %+v with a mean return of %g, want -1 to 0", p.Settings().Environment, r)
	}
	if v, err := Verify(context.Background(), dir, nil, nil, Options{New: made}); err != nil || !v.Match {
		t.Errorf("verify: got %+v, %v", v, err)
	}
}

func TestClone(t *testing.T) {
	ctx, from := context.Background(), scripted(t, "CartPole-v1", 20)
	c := small(Clone, "", 400)
	c.Cloning.Top = 0.5
	p, pass, err := Adapt(ctx, nil, from, c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a := pass.Metrics.Values["held_accuracy"]; a < 0.9 {
		t.Errorf("accuracy %g, want at least 0.9 of a rule that is a line", a)
	}
	s, err := policy.Evaluate(ctx, []*policy.Policy{p}, "CartPole-v1", policy.EvaluateOptions{Episodes: 5})
	if err != nil || s.MeanReturn < 120 {
		t.Errorf("got %+v, %v, want a mean return of at least 120", s, err)
	}
}

// TestReturn holds that a policy which reads returns does what it is asked for. In half of the episodes a rule is kept and every step brings 1, in the others
// the opposite is done and every step costs 1.
func TestReturn(t *testing.T) {
	from := scripted(t, "CartPole-v1", 10)
	for i := range from.Episodes {
		p := &from.Episodes[i]
		for j := range p.Rewards {
			o := p.Observations[4*j:]
			p.Actions[j] = 0
			if (o[2]+o[3] > 0) == (i%2 == 0) {
				p.Actions[j] = 1
			}
			p.Rewards[j] = float64(1 - 2*(i%2))
		}
	}
	c := small(Return, "", 300)
	c.Cloning.Context, c.Cloning.Batch, c.Cloning.Held, c.Episodes = 3, 32, 0, 0
	p, _, err := Adapt(context.Background(), nil, from, c, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var longest float64
	for i := range from.Episodes {
		longest = max(longest, from.Episodes[i].Return())
	}
	if got := p.Settings().Target; got != longest {
		t.Errorf("asks for %g, want the best return, %g", got, longest)
	}
	for _, target := range []float64{50, -50} {
		kept, n := 0, 0
		s := p.NewSession(1)
		action := []float32{0}
		for i := range from.Episodes {
			e := &from.Episodes[i]
			for j := 0; j < e.Len(); j += 5 {
				s.Begin(target)
				o := e.Observations[4*j : 4*j+4]
				if _, err := s.Predict(action, o, true); err != nil {
					t.Fatal(err)
				}
				if n++; (action[0] == 1) == ((o[2]+o[3] > 0) == (target > 0)) {
					kept++
				}
			}
		}
		if float64(kept) < 0.9*float64(n) {
			t.Errorf("asked for %g: right in %d of %d", target, kept, n)
		}
	}
}

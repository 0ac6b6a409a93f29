package train

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/shared/backbone"
)

func TestExplore(t *testing.T) {
	id := os.Getenv("EXP_ENV")
	if id == "" {
		t.Skip()
	}
	c := DefaultPPO()
	steps, width, layers, inter, seeds := 100000, 64, 1, 128, 1
	for _, f := range []struct {
		k string
		v any
	}{
		{"N", &c.Envs},
		{"T", &c.Steps},
		{"M", &c.Minibatches},
		{"E", &c.Epochs},
		{"LR", &c.LR},
		{"GAMMA", &c.Gamma},
		{"LAMBDA", &c.Lambda},
		{"CLIP", &c.Clip},
		{"ENT", &c.Entropy},
		{"VF", &c.Value},
		{"DEV", &c.Deviation},
		{"STEPS", &steps},
		{"W", &width},
		{"L", &layers},
		{"F", &inter},
		{"SEEDS", &seeds},
		{"SR", &c.ScaleRewards},
		{"NORM", &c.MaxNorm},
		{"RENEW", &c.Renew},
	} {
		if s := os.Getenv("X_" + f.k); s != "" {
			fmt.Sscan(s, f.v)
		}
	}
	for seed := 1; seed <= seeds; seed++ {
		e, err := rl.Make(id)
		if err != nil {
			t.Fatal(err)
		}
		about, err := rl.NewEnvironment(id, e.ObservationSpace(), e.ActionSpace())
		if err != nil {
			t.Fatal(err)
		}
		m, err := rl.New(rl.Config{Config: backbone.Config{Hidden: width, Layers: layers, Heads: 1, Intermediate: inter}, Context: 1, Environments: []rl.Environment{about}}, uint64(seed))
		if err != nil {
			t.Fatal(err)
		}
		a := policy.Actions{About: &about}
		head := policy.NewHead(a, width, uint64(seed))
		l, err := newLearner(m, head, policy.Settings{Environment: about, Envelope: policy.Envelope{Margin: 0.5}}, &c, uint64(seed))
		if err != nil {
			t.Fatal(err)
		}
		all := c.Rollouts(steps)
		begin := time.Now()
		var last []float64
		for i := range all {
			loss, err := l.iterate(i, all)
			if err != nil {
				t.Fatal(err)
			}
			last = append(last, l.rollout.finished...)
			if (i+1)%max(1, all/10) == 0 && os.Getenv("V") != "" {
				sum := 0.0
				for _, v := range last {
					sum += v
				}
				fmt.Printf("  %d steps: %d episodes, mean %.1f, loss %.3f kl %.4f clip %.3f %.1fs\n", (i+1)*c.Envs*c.Steps, len(last), sum/float64(len(last)), loss, l.loss.kl, l.loss.clipped, time.Since(begin).Seconds())
				last = nil
			}
		}
		took := time.Since(begin)
		p, err := l.policy()
		if err != nil {
			t.Fatal(err)
		}
		out, val := make([]float32, a.Outputs()), make([]float32, 1)
		choice := make([]float32, a.Size())
		sum, low := 0.0, 1e9
		err = rl.Rollout(context.Background(), e, func(obs, act []float32) {
			p.Observe(out, val, obs, 1)
			a.Mode(choice, out)
			a.Action(act, choice)
		}, 1000, 100, func(ep rl.Episode) error { sum += ep.Return; low = min(low, ep.Return); return nil })
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s seed %d: mean %.1f min %.1f, %d steps, %.1fs\n", id, seed, sum/100, low, all*c.Envs*c.Steps, took.Seconds())
	}
}

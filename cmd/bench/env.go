package bench

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// EnvOptions say which environments to step.
type EnvOptions struct {
	Options
	Envs []string // names; nil: CartPole-v1 and Acrobot-v1
	N    int      // side by side; 0: 1024
}

// envSteps is how many steps one piece of work has: of one environment, and of each of many.
const envSteps, vectorSteps = 2000, 16

// Envs times steps of environments on one core, with random actions and the resets that they lead to: one environment behind its time
// limit and checks beside gymnasium.make's, and N side by side beside the fastest of what steps many in Python.
func Envs(ctx context.Context, o EnvOptions) (Report, error) {
	o.Options = o.filled()
	if o.Envs == nil {
		o.Envs = []string{"CartPole-v1", "Acrobot-v1"}
	}
	if o.N == 0 {
		o.N = 1024
	}
	r := Report{Machine: ThisMachine()}
	var peer *Peer
	if o.Peer != "" {
		var err error
		args := append([]string{strconv.Itoa(envSteps), strconv.Itoa(vectorSteps), strconv.Itoa(o.N)}, o.Envs...)
		if peer, err = StartPeer(ctx, "peer_gymnasium.py", 1, args...); err != nil {
			return r, err
		}
		defer peer.Close()
		r.Peer = peer.Name
	}
	for _, id := range o.Envs {
		one, err := stepOne(id)
		if err != nil {
			return r, err
		}
		many, err := stepMany(id, o.N)
		if err != nil {
			return r, err
		}
		for _, d := range []Duel{
			{Name: id, Amount: envSteps, Ours: one, Work: "one " + id},
			{Name: fmt.Sprintf("%s x %d", id, o.N), Amount: float64(vectorSteps * o.N), Ours: many, Work: "many " + id},
		} {
			d.Threads, d.Unit, d.Pairs, d.Peer = 1, "steps/s", o.Pairs, peer
			x, err := d.Fight(ctx)
			if err != nil {
				return r, err
			}
			r.add(x)
			line(o.Log, x)
		}
	}
	return r, nil
}

// stepOne steps an environment that rl.Make makes.
func stepOne(id string) (Work, error) {
	e, err := rl.Make(id)
	if err != nil {
		return nil, err
	}
	size := e.ActionSpace().Size()
	actions := randomActions(e.ActionSpace(), envSteps)
	observation, seed, done := make([]float32, e.ObservationSpace().Size()), int64(1), true
	return func() error {
		for i := range envSteps {
			if done {
				if _, err := e.Reset(observation, seed, nil); err != nil {
					return err
				}
				seed = env.Continue
			}
			o, err := e.Step(observation, actions[i*size:][:size])
			if err != nil {
				return err
			}
			done = o.Done()
		}
		return nil
	}, nil
}

// stepMany steps n environments side by side.
func stepMany(id string, n int) (Work, error) {
	v, err := rl.MakeVector(id, n, vector.NextStep)
	if err != nil {
		return nil, err
	}
	row := n * v.ActionSpace().Size()
	actions := randomActions(v.ActionSpace(), vectorSteps*n)
	b := vector.NewBatch(v)
	return func() error {
		for i := range vectorSteps {
			if err := v.Step(b, actions[i*row:][:row]); err != nil {
				return err
			}
		}
		return nil
	}, v.Reset(b, 1, nil)
}

// randomActions draws n actions.
func randomActions(s spaces.Space, n int) []float32 {
	size := s.Size()
	all := make([]float32, n*size)
	s.Seed(1)
	for i := range n {
		s.Sample(all[i*size:][:size])
	}
	return all
}

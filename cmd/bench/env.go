package bench

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/mujoco"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/env/vector"
)

// EnvOptions say which environments to step.
type EnvOptions struct {
	Options
	Envs []string // names; nil: CartPole-v1 and Acrobot-v1
	N    int      // side by side; 0: 1024
	MJCF string   // folder of robots, for environments of package mujoco
}

// one makes an environment by its name, with its time limit and checks.
func (o EnvOptions) one(id string) (env.Env, error) {
	if _, err := mujoco.Find(id); err == nil {
		return mujoco.Make(id, mujoco.Config{Dir: o.MJCF})
	}
	return rl.Make(id)
}

// many makes as many as there are to be side by side.
func (o EnvOptions) many(id string) (vector.Env, error) {
	if _, err := mujoco.Find(id); err == nil {
		return vector.New(func() (env.Env, error) { return o.one(id) }, o.N, vector.NextStep)
	}
	return rl.MakeVector(id, o.N, vector.NextStep)
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
		one, err := o.stepOne(id)
		if err != nil {
			return r, err
		}
		many, err := o.stepMany(id)
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

// stepOne steps one environment.
func (o EnvOptions) stepOne(id string) (Work, error) {
	e, err := o.one(id)
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

// stepMany steps environments side by side.
func (o EnvOptions) stepMany(id string) (Work, error) {
	v, err := o.many(id)
	if err != nil {
		return nil, err
	}
	row := o.N * v.ActionSpace().Size()
	actions := randomActions(v.ActionSpace(), vectorSteps*o.N)
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

package mujoco

import (
	_ "embed"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/spaces"
)

//go:embed inverted_pendulum.xml
var ownPendulum []byte

// Config says where the robots are.
type Config struct {
	Dir string // folder of MJCF files; "": this package's own model, for InvertedPendulum-v5
}

// An Env is an environment of MuJoCo's.
type Env struct {
	env.Base
	task   task
	sim    *simulator
	now    state
	rest   state // where every reset begins
	action []float64
	broken error // what every further step or call gives, up to a reset where it helps
}

// New makes the environment of a name, without a time limit.
func New(id string, c Config) (*Env, error) {
	t, err := find(id)
	if err != nil {
		return nil, err
	}
	if Version() == "" {
		return nil, fmt.Errorf("%w: %s", ErrUnavailable, id)
	}
	path, remove, err := t.model(c)
	if err != nil {
		return nil, err
	}
	defer remove()
	e := &Env{task: t, now: t.newState(), rest: t.newState(), action: make([]float64, t.nu)}
	low, high := make([]float64, t.nu), make([]float64, t.nu)
	if e.sim, err = newSimulator(path, t, &e.rest, low, high); err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	actions, err := spaces.NewBox(narrow(low), narrow(high))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: range of controls: %w", ErrModel, id, err)
	}
	inf := float32(math.Inf(1))
	observations, err := spaces.NewBoxOf(-inf, inf, spaces.Float32, t.size)
	if err != nil {
		return nil, err
	}
	e.Base = env.NewBase(observations, actions)
	return e, nil
}

// Make is New with the environment's time limit and the checks of env.Check, as rl.Make gives other environments.
func Make(id string, c Config) (env.Env, error) {
	e, err := New(id, c)
	if err != nil {
		return nil, err
	}
	l, err := env.NewTimeLimit(e, e.task.spec.MaxEpisodeSteps)
	if err != nil {
		return nil, err
	}
	return env.Check(l), nil
}

// model gives the path of the task's robot, and what is to be done when it's loaded.
func (t task) model(c Config) (path string, remove func(), err error) {
	if c.Dir != "" {
		path = filepath.Join(c.Dir, t.file)
		if _, err := os.Stat(path); err != nil {
			return "", nil, fmt.Errorf("%w: %s: %w", ErrModel, t.spec.ID, err)
		}
		return path, func() {}, nil
	}
	if t.file != invertedPendulum().file {
		return "", nil, fmt.Errorf("%w: %s: it takes a folder with Gymnasium's %s", ErrModel, t.spec.ID, t.file)
	}
	f, err := os.CreateTemp("", "fm-mujoco-*.xml") // versions of the library differ in how they load from memory
	if err != nil {
		return "", nil, fmt.Errorf("mujoco: %w", err)
	}
	remove = func() { _ = os.Remove(f.Name()) }
	_, err = f.Write(ownPendulum)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("mujoco: %w", err)
	}
	return f.Name(), remove, nil
}

func (t task) newState() state {
	return state{qpos: make([]float64, t.nq), qvel: make([]float64, t.nv)}
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// Reset begins an episode near the model's own state. There are no options.
func (e *Env) Reset(observation []float32, seed int64, o env.Options) (env.Info, error) {
	for name := range o {
		return nil, fmt.Errorf("%w: got %q, there are none", env.ErrOption, name)
	}
	if e.sim.fault != nil {
		return nil, e.sim.fault
	}
	if err := e.Begin(observation, seed); err != nil {
		return nil, err
	}
	copy(e.now.qpos, e.rest.qpos)
	copy(e.now.qvel, e.rest.qvel)
	e.task.start(&e.now, e.Random())
	if e.broken = e.sim.set(&e.now); e.broken != nil {
		return nil, e.broken
	}
	e.task.observe(observation, &e.now)
	return nil, nil
}

// Step simulates for some steps of the library.
func (e *Env) Step(observation, action []float32) (env.Outcome, error) {
	if err := e.Check(observation, action); err != nil {
		return env.Outcome{}, err
	}
	if e.broken != nil {
		return env.Outcome{}, e.broken
	}
	for i, v := range action {
		e.action[i] = float64(v)
	}
	x := e.now.qpos[0]
	if e.broken = e.sim.step(&e.now, e.action, e.task.skip); e.broken != nil {
		return env.Outcome{}, e.broken
	}
	e.task.observe(observation, &e.now)
	reward, terminated := e.task.judge(&e.now, action, x, e.sim.timestep*float64(e.task.skip))
	return env.Outcome{Reward: reward, Terminated: terminated}, nil
}

// State gives positions and velocities in float64.
func (e *Env) State() (qpos, qvel []float64) {
	return append([]float64(nil), e.now.qpos...), append([]float64(nil), e.now.qvel...)
}

var _ env.Env = (*Env)(nil)

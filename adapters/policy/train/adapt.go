package train

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/vector"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// Options say where a policy goes and whom its training tells. The zero value trains in memory, silently.
type Options struct {
	Out      string    // adapter folder; empty: none is written
	Run      string    // folder of the run while it lasts; empty: Out with ".run" added
	Resume   bool      // go on with what Run holds
	Data     string    // where the episodes come from, for the passport
	Log      io.Writer // progress; nil: nobody
	Terminal bool      // Log is a terminal
	NoScore  bool      // don't play at the end

	New env.Constructor // of the recipe's environment, with its time limit; nil: rl.Make of its name
}

// vector makes n of the environment side by side.
func (o *Options) vector(id string, n int) (vector.Env, error) {
	if o.New == nil {
		return rl.MakeVector(id, n, vector.SameStep)
	}
	return vector.New(o.New, n, vector.SameStep)
}

// identity is everything that decides the weights.
type identity struct {
	Config Config           `json:"config"`
	Base   string           `json:"base"`
	Data   []adapter.Source `json:"data"`
}

// Adapt trains a policy on base, which stays as it is, or on a model of random weights where that is nil, by the recipe c: by playing where episodes is nil, from them
// where not. It plays it for a score, and writes its folder to o.Out. A stopped run stays in o.Run, to be resumed.
func Adapt(ctx context.Context, base *rl.Model, episodes trajectory.Source, c Config, o Options) (*policy.Policy, *adapter.Passport, error) {
	about, err := c.about(episodes, &o)
	if err != nil {
		return nil, nil, err
	}
	s, err := begin(base, about, &c)
	if err != nil {
		return nil, nil, err
	}
	if o.Run == "" && o.Out != "" {
		o.Run = filepath.Clean(o.Out) + ".run"
	}
	id := identity{Config: c, Base: s.base.Fingerprint(), Data: []adapter.Source{}}
	var steps int
	var held map[string]float64
	var report []byte
	if c.Algorithm == Online {
		steps, report, err = s.play(ctx, &c, o, id)
	} else {
		var source adapter.Source
		if source, err = hashEpisodes(ctx, episodes, o.Data); err == nil {
			id.Data = []adapter.Source{source}
			steps, held, err = s.clone(ctx, episodes, &c, o, id)
			report, _ = os.ReadFile(filepath.Join(o.Run, reportFile)) // nil where there is no run
		}
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := policy.New(s.model, s.head, s.settings)
	if err != nil {
		return nil, nil, err
	}
	scores, err := score(ctx, p, &c, o, held)
	if err != nil {
		return nil, nil, err
	}
	recipe, err := json.Marshal(c)
	if err != nil {
		return nil, nil, fmt.Errorf("policy: train: recipe: %w", err)
	}
	stored, few := s.stored()
	pass, err := policy.Save(o.Out, adapter.Passport{
		Method: c.Method, Config: few, Base: s.base.Identity(), Data: id.Data, Recipe: recipe, Seed: c.Seed, Steps: steps, Metrics: scores,
	}, p.Settings(), stored, map[string][]byte{reportFile: report})
	if err != nil {
		return nil, nil, err
	}
	if o.Run != "" {
		if err := checkpoint.DeleteIn(checkpoint.OS, o.Run); err != nil {
			return nil, nil, fmt.Errorf("policy: train: %w", err)
		}
	}
	return p, pass, nil
}

// about describes the environment, and fills in its name.
func (c *Config) about(episodes trajectory.Source, o *Options) (rl.Environment, error) {
	if err := c.Validate(); err != nil {
		return rl.Environment{}, err
	}
	if (episodes == nil) != (c.Algorithm == Online) {
		return rl.Environment{}, fmt.Errorf("%w: algorithm: got %s, want %s without episodes and another with them", ErrConfig, c.Algorithm, Online)
	}
	if episodes == nil {
		e, err := o.vector(c.Environment, 1)
		if err != nil {
			return rl.Environment{}, err
		}
		return rl.NewEnvironment(c.Environment, e.ObservationSpace(), e.ActionSpace())
	}
	m := episodes.Meta()
	if c.Environment == "" {
		c.Environment = m.Environment
	}
	if c.Environment != m.Environment {
		return rl.Environment{}, fmt.Errorf("%w: environment: got %q, the episodes are of %q", ErrConfig, c.Environment, m.Environment)
	}
	return rl.NewEnvironment(m.Environment, m.Observation, m.Action)
}

// play trains by PPO. It returns the steps of the environment and a report.
func (s *start) play(ctx context.Context, c *Config, o Options, id identity) (int, []byte, error) {
	e, err := o.vector(c.Environment, c.PPO.Envs)
	if err != nil {
		return 0, nil, err
	}
	l, err := newLearner(e, s.model, s.head, s.settings, &c.PPO, c.Seed)
	if err != nil {
		return 0, nil, err
	}
	recipe, err := json.Marshal(id)
	if err != nil {
		return 0, nil, fmt.Errorf("policy: train: recipe: %w", err)
	}
	all, per := c.PPO.Rollouts(c.Steps), c.PPO.Envs*c.PPO.Steps
	t := &teller{w: o.Log, terminal: o.Terminal, all: all * per}
	err = l.run(ctx, o.Run, o.Resume, recipe, all, func(i int, loss float64) { t.tell((i+1)*per, loss, l.rollout.finished) })
	t.end()
	if err != nil {
		return 0, nil, err
	}
	s.settings = l.settings
	report, err := l.report(per)
	return all * per, report, err
}

// score plays the policy where its environment is there to be played.
func score(ctx context.Context, p *policy.Policy, c *Config, o Options, held map[string]float64) (adapter.Scores, error) {
	out := adapter.Scores{Values: held}
	if _, err := rl.Find(c.Environment); err != nil && o.New == nil || c.Episodes == 0 || o.NoScore {
		return out, nil
	}
	s, err := policy.Evaluate(ctx, []*policy.Policy{p}, c.Environment, policy.EvaluateOptions{Episodes: c.Episodes, Seed: scoreSeed, New: o.New})
	if err != nil {
		return out, err
	}
	out = s.Passport()
	for k, v := range held {
		out.Values[k] = v
	}
	return out, nil
}

// scoreSeed is that of the first episode of the score at the end.
const scoreSeed = 10_000

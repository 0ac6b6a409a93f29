package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Which policy plays.
const (
	policyRandom   = "random"
	policyScripted = "scripted"
)

// A rollout is what the flags of fm env rollout say.
type rollout struct {
	env      string
	seed     int64
	episodes int
	policy   string
	elsewhere
	base   string // of a policy of a folder
	sample bool
	learnt *policy.Policy // nil: another one plays
	lines  bool
	out    string
}

// aboutOthers is about environments that aren't in fm env list.
const aboutOthers = "An environment python:ID is gymnasium.make(ID) in a Python process of your own, with a module to import before a colon where the ID\n" +
	"needs one, as in python:ale_py:ALE/Pong-v5. Its observations are float32 or uint8 here.\n\n" +
	"InvertedPendulum-v5, Reacher-v5, Hopper-v5 and HalfCheetah-v5 are there in a program that was built with -tags mujoco."

// newEnvRollout plays episodes.
func newEnvRollout(c *console) *cobra.Command {
	r := &rollout{}
	cmd := &cobra.Command{
		Use:   "rollout --env ID [--policy random|scripted|DIR] [--out DIR]",
		Short: "Play episodes by a policy, sum up their returns and record them",
		Long: "Plays episodes, the i-th from the seed plus i, as Gymnasium would from the same seed and actions. With --lines every episode is a JSON line\n" +
			"before the summary:\n\n" +
			"  {\"episode\", \"seed\", \"return\", \"length\", \"terminated\", \"truncated\"}\n\n" +
			"With --out the episodes are written to a folder as LeRobotDataset v3.0, all or nothing. An episode in which the environment fails is dropped\n" +
			"and counted as a fault.\n\n" + aboutOthers,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "env"); err != nil {
				return err
			}
			s, err := r.play(cmd.Context(), c)
			if err != nil {
				return err
			}
			return c.answer(s, s.write)
		},
	}
	r.flags(cmd)
	cmd.Flags().IntVar(&r.episodes, "episodes", 10, "number of episodes")
	cmd.Flags().BoolVar(&r.lines, "lines", false, "write a JSON line for each episode")
	cmd.Flags().StringVar(&r.out, "out", "", "folder for the episodes, made or replaced; none are kept without it")
	cmd.Flags().StringVar(&r.base, "base", "", "base model of a policy of a folder; default the one that it names")
	cmd.Flags().BoolVar(&r.sample, "sample", false, "draw the actions of a policy of a folder instead of taking the likeliest")
	cmd.Flags().Lookup("policy").Usage = "who plays: random, scripted or the folder of a policy that fm adapt policy has left"
	return cmd
}

// flags are those that say who plays what.
func (r *rollout) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.env, "env", "", "environment, one of fm env list, or python:ID of Python's Gymnasium")
	r.elsewhere.flags(cmd.Flags())
	cmd.Flags().Int64Var(&r.seed, "seed", 1, "seed of the first episode")
	cmd.Flags().StringVar(&r.policy, "policy", policyRandom, "who plays: random or scripted")
}

// start makes the environment, which can draw itself if it's to be shown, and the policy. The environment is for shut.
func (r *rollout) start(ctx context.Context, show bool) (env.Env, env.Policy, error) {
	if r.policy != policyRandom && r.policy != policyScripted && r.learnt == nil {
		return nil, nil, usagef("--policy: got %q, want %s or %s, or of rollout the folder of a policy", r.policy, policyRandom, policyScripted)
	}
	if r.seed < 0 || r.seed > math.MaxInt64-maxEpisodes {
		return nil, nil, usagef("--seed: got %d, want 0 or more", r.seed)
	}
	e, scripted, err := r.make(ctx, show)
	if err != nil {
		return nil, nil, err
	}
	if r.policy == policyScripted {
		return e, scripted, nil
	}
	return e, env.RandomPolicy(e.ActionSpace(), uint64(r.seed)), nil
}

// make makes the environment and its scripted policy, which is there if it was asked for.
func (r *rollout) make(ctx context.Context, show bool) (env.Env, env.Policy, error) {
	constructor, err := r.of(ctx, r.env, show)
	if err != nil {
		return nil, nil, err
	}
	var s rl.Spec
	if constructor == nil {
		if s, err = rl.Find(r.env); err != nil {
			return nil, nil, err
		}
		constructor = func() (env.Env, error) { return rl.Make(r.env) }
	}
	if r.policy == policyScripted && s.Scripted == nil {
		return nil, nil, usagef("--policy: %s has no scripted policy", r.env)
	}
	e, err := constructor()
	return e, s.Scripted, err
}

// shut closes an environment that has something to close.
func shut(e env.Env) error {
	if c, ok := env.As[io.Closer](e); ok {
		return c.Close()
	}
	return nil
}

// maxEpisodes bounds --episodes.
const maxEpisodes = 1 << 16

// ready finds who plays, and describes the environment. The recording makes its own.
func (r *rollout) ready(ctx context.Context, c *console) (about trajectory.Meta, plays env.Policy, err error) {
	if r.episodes < 1 || r.episodes > maxEpisodes {
		return about, nil, usagef("--episodes: got %d, want 1 to %d", r.episodes, maxEpisodes)
	}
	if isPolicy(r.policy) {
		if r.learnt, err = openPolicy(ctx, c, r.policy, r.base); err != nil {
			return about, nil, err
		}
	} else if r.base != "" || r.sample {
		return about, nil, usagef("env rollout: --base and --sample are for the policy of a folder, got --policy %s", r.policy)
	}
	e, plays, err := r.start(ctx, false)
	if err != nil {
		return about, nil, err
	}
	about = trajectory.Meta{Environment: r.env, Observation: e.ObservationSpace(), Action: e.ActionSpace()}
	return about, plays, shut(e)
}

func (r *rollout) play(ctx context.Context, c *console) (returns, error) {
	s := returns{Env: r.env, Policy: r.policy, Seed: r.seed}
	about, plays, err := r.ready(ctx, c)
	if err != nil {
		return s, err
	}
	var all []float64
	keep := func(e *trajectory.Episode) error {
		all = append(all, e.Return())
		s.Steps += e.Len()
		if r.lines {
			return c.object(rl.Episode{
				Episode: int(e.Seed - r.seed), Seed: e.Seed, Return: e.Return(), Length: e.Len(), Terminated: e.Terminated, Truncated: e.Truncated,
			})
		}
		return nil
	}
	if s.Out = r.out; r.out == "" {
		err = r.record(ctx, about, plays, &s, keep)
	} else {
		err = trajectory.Create(r.out, about, trajectory.StoreConfig{}, func(w *trajectory.Writer) error {
			return r.record(ctx, about, plays, &s, func(e *trajectory.Episode) error { return errors.Join(w.Add(e), keep(e)) })
		})
	}
	if err != nil {
		return s, err
	}
	if len(all) == 0 {
		return s, fmt.Errorf("env rollout: all %d episodes failed: %+v", r.episodes, s.Faults)
	}
	return s, s.sum(all)
}

// record plays the episodes one after another, for which the policy may have a memory, such as random numbers.
func (r *rollout) record(ctx context.Context, about trajectory.Meta, plays env.Policy, s *returns, keep func(*trajectory.Episode) error) error {
	constructor := func() (env.Env, error) {
		e, _, err := r.make(ctx, false)
		return e, err
	}
	player := func() (trajectory.Player, error) {
		if r.learnt != nil {
			return r.learnt.Player(uint64(r.seed), r.sample)
		}
		return trajectory.Each(about.Observation, about.Action, plays), nil
	}
	var err error
	s.Faults, err = trajectory.Record(ctx, constructor, player, trajectory.RecordConfig{Episodes: r.episodes, Seed: r.seed}, keep)
	return err
}

// returns sum up episodes.
type returns struct {
	Env        string                `json:"env"`
	Policy     string                `json:"policy"`
	Seed       int64                 `json:"seed"`
	Episodes   int                   `json:"episodes"`
	Steps      int                   `json:"steps"`
	MeanReturn float64               `json:"mean_return"`
	IQM        float64               `json:"iqm"` // mean of the middle half
	MinReturn  float64               `json:"min_return"`
	MaxReturn  float64               `json:"max_return"`
	MeanLength float64               `json:"mean_length"`
	Faults     trajectory.Faults     `json:"faults"`
	Out        string                `json:"out,omitempty"`
	Interval   map[string][2]float64 `json:"interval,omitempty"`
}

func (s *returns) sum(all []float64) error {
	s.Episodes = len(all)
	for _, v := range all {
		s.MeanReturn += v / float64(len(all))
	}
	s.MeanLength = float64(s.Steps) / float64(len(all))
	s.MinReturn, s.MaxReturn = slices.Min(all), slices.Max(all)
	sorted := slices.Sorted(slices.Values(all))
	middle := sorted[len(sorted)/4 : len(sorted)-len(sorted)/4]
	for _, v := range middle {
		s.IQM += v / float64(len(middle))
	}
	if len(all) == 1 {
		return nil
	}
	i, err := metrics.Bootstrap(all, uint64(s.Seed))
	if err != nil {
		return err
	}
	s.Interval = map[string][2]float64{"mean_return": {i.Low, i.High}}
	return nil
}

func (s returns) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s, %s policy: mean return %.2f, middle half %.2f, from %.2f to %.2f; %d episodes of %.1f steps\n",
		s.Env, s.Policy, s.MeanReturn, s.IQM, s.MinReturn, s.MaxReturn, s.Episodes, s.MeanLength)
	return err
}

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
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
	lines    bool
}

// newEnvRollout plays episodes.
func newEnvRollout(c *console) *cobra.Command {
	r := &rollout{}
	cmd := &cobra.Command{
		Use:   "rollout --env ID [--policy random|scripted]",
		Short: "Play episodes by a policy and sum up their returns",
		Long: "Plays episodes, the i-th from the seed plus i, as Gymnasium would from the same seed and actions. With --lines every episode is a JSON line\n" +
			"before the summary:\n\n" +
			"  {\"episode\", \"seed\", \"return\", \"length\", \"terminated\", \"truncated\"}",
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
	return cmd
}

// flags are those that say who plays what.
func (r *rollout) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.env, "env", "", "environment, one of fm env list")
	cmd.Flags().Int64Var(&r.seed, "seed", 1, "seed of the first episode")
	cmd.Flags().StringVar(&r.policy, "policy", policyRandom, "who plays: random or scripted")
}

// start makes the environment and the policy.
func (r *rollout) start() (env.Env, env.Policy, error) {
	if r.policy != policyRandom && r.policy != policyScripted {
		return nil, nil, usagef("--policy: got %q, want %s or %s", r.policy, policyRandom, policyScripted)
	}
	if r.seed < 0 || r.seed > math.MaxInt64-maxEpisodes {
		return nil, nil, usagef("--seed: got %d, want 0 or more", r.seed)
	}
	s, err := rl.Find(r.env)
	if err != nil {
		return nil, nil, err
	}
	if r.policy == policyScripted && s.Scripted == nil {
		return nil, nil, usagef("--policy: %s has no scripted policy", r.env)
	}
	e, err := rl.Make(r.env)
	if err != nil {
		return nil, nil, err
	}
	if r.policy == policyScripted {
		return e, s.Scripted, nil
	}
	return e, env.RandomPolicy(e.ActionSpace(), uint64(r.seed)), nil
}

// maxEpisodes bounds --episodes.
const maxEpisodes = 1 << 16

func (r *rollout) play(ctx context.Context, c *console) (returns, error) {
	s := returns{Env: r.env, Policy: r.policy, Seed: r.seed}
	if r.episodes < 1 || r.episodes > maxEpisodes {
		return s, usagef("--episodes: got %d, want 1 to %d", r.episodes, maxEpisodes)
	}
	e, policy, err := r.start()
	if err != nil {
		return s, err
	}
	var all []float64
	err = rl.Rollout(ctx, e, policy, r.seed, r.episodes, func(p rl.Episode) error {
		all = append(all, p.Return)
		s.Steps += p.Length
		if r.lines {
			return c.object(p)
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	return s, s.sum(all)
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

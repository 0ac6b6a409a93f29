package policy

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Scores are what policies, one a seed of training, are worth: the mean of returns and the mean of their middle half, with stratified bootstrap intervals (Agarwal et
// al., Deep reinforcement learning at the edge of the statistical precipice, 2021). Over several seeds items are the seeds' mean returns, over one its episodes'.
type Scores struct {
	Env        string                `json:"env"`
	Episodes   int                   `json:"episodes"` // of each seed
	Seeds      int                   `json:"seeds"`
	MeanReturn float64               `json:"mean_return"`
	IQM        float64               `json:"iqm"`
	MinReturn  float64               `json:"min_return"`
	MaxReturn  float64               `json:"max_return"`
	MeanLength float64               `json:"mean_length"`
	Fallbacks  int                   `json:"fallbacks"` // steps with a strange observation
	Interval   map[string][2]float64 `json:"interval,omitempty"`
	Returns    [][]float64           `json:"-"` // [seeds][episodes]
}

// EvaluateOptions say how to play. The zero value is deterministic.
type EvaluateOptions struct {
	Episodes int // default 100
	Seed     int64
	Sample   bool     // draw actions
	Target   *float64 // return to ask for, nil: the policy's own
	Log      *Log     // of all decisions of one policy; nil: none

	New env.Constructor // of the environment, with its time limit; nil: rl.Make of its name
}

// Evaluate plays episodes with each of the policies, all in the same environments: the i-th episode begins with the seed plus i.
func Evaluate(ctx context.Context, policies []*Policy, id string, o EvaluateOptions) (*Scores, error) {
	if o.Episodes == 0 {
		o.Episodes = 100
	}
	if o.Episodes < 1 || o.Episodes > 1<<20 || o.Seed < 0 || o.Seed > 1<<62 || len(policies) == 0 {
		return nil, fmt.Errorf("policy: evaluate: got %d policies, %d episodes from seed %d on, want at least 1 of each and a seed from 0 on", len(policies), o.Episodes, o.Seed)
	}
	s := &Scores{Env: id, Episodes: o.Episodes, Seeds: len(policies)}
	steps := 0
	for _, p := range policies {
		all, n, err := p.play(ctx, id, &o, s)
		if err != nil {
			return nil, err
		}
		s.Returns, steps = append(s.Returns, all), steps+n
	}
	items := s.Returns[0]
	if len(policies) > 1 {
		items = nil
		for _, all := range s.Returns {
			items = append(items, metrics.Mean(all))
		}
	}
	s.MeanReturn, s.IQM, s.MeanLength = metrics.Mean(items), metrics.IQM(items), float64(steps)/float64(o.Episodes*len(policies))
	all := slices.Concat(s.Returns...)
	s.MinReturn, s.MaxReturn = slices.Min(all), slices.Max(all)
	if len(items) == 1 {
		return s, nil
	}
	s.Interval = map[string][2]float64{}
	drawn := make([]float64, len(items))
	for name, statistic := range map[string]func([]float64) float64{"mean_return": metrics.Mean, "iqm": metrics.IQM} {
		i, err := metrics.BootstrapFunc(len(items), adapter.BootstrapSeed, func(chosen []int32) float64 {
			for k, j := range chosen {
				drawn[k] = items[j]
			}
			return statistic(drawn)
		})
		if err != nil {
			return nil, fmt.Errorf("policy: evaluate: %w", err)
		}
		s.Interval[name] = [2]float64{i.Low, i.High}
	}
	return s, nil
}

// play gives the returns of episodes and their steps in all.
func (p *Policy) play(ctx context.Context, id string, o *EvaluateOptions, s *Scores) (all []float64, steps int, err error) {
	if o.New == nil {
		o.New = func() (env.Env, error) { return rl.Make(id) }
	}
	e, err := o.New()
	if err != nil {
		return nil, 0, err
	}
	if err := p.fits(id, e); err != nil {
		return nil, 0, err
	}
	target := p.settings.Target
	if o.Target != nil {
		target = *o.Target
	}
	session := p.NewSession(uint64(o.Seed))
	for i := range o.Episodes {
		if i > 0 {
			session.Begin(target)
		}
		session.Ask(target)
		got, err := session.play(ctx, e, o.Seed+int64(i), !o.Sample, func(d *Decision) error {
			if d.Fallback {
				s.Fallbacks++
			}
			if o.Log == nil {
				return nil
			}
			return o.Log.Write(d)
		})
		if err != nil {
			return nil, 0, fmt.Errorf("policy: episode %d: %w", i, err)
		}
		all, steps = append(all, got.Return), steps+got.Length
	}
	return all, steps, nil
}

// Passport gives the scores as a passport has them.
func (s *Scores) Passport() adapter.Scores {
	return adapter.Scores{N: s.Episodes, Values: map[string]float64{"mean_return": s.MeanReturn, "iqm": s.IQM}, Interval: s.Interval}
}

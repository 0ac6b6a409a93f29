package main

import (
	"context"
	"errors"
	"math"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/metrics"
)

// The scores of a model.
const (
	scoreReturn  = "return"        // of the actions that it takes when it is asked for the best return of the episodes it is scored on
	scoreForward = "forward error" // mean squared error of the next observation's standardised numbers, in held-back episodes
	scoreInverse = "inverse"       // share of right actions, of vectors those within a tenth of the range, in held-back episodes
	scoreAnomaly = "anomaly AUROC" // of whole episodes of random actions, those of changed physics beside others
)

// score answers the questions that a kind of model has learnt.
func (m *masks) score(ctx context.Context, s *rl.Inference, kind, id string, held []trajectory.Source) (map[string]float64, error) {
	at, err := s.Environment(id)
	if err != nil {
		return nil, err
	}
	all, scores := kind == ofAll, map[string]float64{}
	if all || kind == ofPolicy {
		if scores[scoreReturn], err = askedReturn(ctx, s, at, id, held, m.play); err != nil {
			return nil, err
		}
	}
	if all || kind == ofForward {
		if scores[scoreForward], err = forwardError(ctx, s, at, held); err != nil {
			return nil, err
		}
		if scores[scoreAnomaly], err = anomaly(ctx, s, at, id); err != nil {
			return nil, err
		}
	}
	if all || kind == ofInverse {
		if scores[scoreInverse], err = inverseAccuracy(ctx, s, at, held); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// each shows every episode to f.
func each(ctx context.Context, sources []trajectory.Source, f func(*trajectory.Episode) error) error {
	var e trajectory.Episode
	for _, s := range sources {
		for i := range s.Len() {
			if err := errors.Join(ctx.Err(), s.Episode(i, &e)); err != nil {
				return err
			}
			if err := f(&e); err != nil {
				return err
			}
		}
	}
	return nil
}

// askedReturn is the mean return of a model that is asked for the best return that was seen, less what it has got.
func askedReturn(ctx context.Context, s *rl.Inference, at int, id string, held []trajectory.Source, episodes int) (float64, error) {
	best := math.Inf(-1)
	if err := each(ctx, held, func(e *trajectory.Episode) error {
		best = max(best, e.Return())
		return nil
	}); err != nil {
		return 0, err
	}
	e, err := rl.Make(id)
	if err != nil {
		return 0, err
	}
	o, size, total := e.ObservationSpace().Size(), e.ActionSpace().Size(), 0.0
	observation, action := make([]float32, o), make([]float32, size)
	for i := range episodes {
		if _, err := e.Reset(observation, firstSeed+int64(i), nil); err != nil {
			return 0, err
		}
		var h rl.History
		for left, done := best, false; !done; {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			h.Returns, h.Observations = append(h.Returns, float32(left)), append(h.Observations, observation...)
			if err := s.Act(action, at, h); err != nil {
				return 0, err
			}
			h.Actions = append(h.Actions, action...)
			out, err := e.Step(observation, action)
			if err != nil {
				return 0, err
			}
			total, left, done = total+out.Reward, left-out.Reward, out.Done()
		}
	}
	return total / float64(episodes), nil
}

// forwardError is the mean over steps.
func forwardError(ctx context.Context, s *rl.Inference, at int, held []trajectory.Source) (float64, error) {
	total, n := 0.0, 0
	err := each(ctx, held, func(e *trajectory.Episode) error {
		scores := make([]float64, e.Len())
		if err := s.Anomaly(scores, at, e.Observations, e.Actions); err != nil {
			return err
		}
		total, n = total+float64(len(scores))*metrics.Mean(scores), n+len(scores)
		return nil
	})
	return total / float64(n), err
}

// near is how far from right an action of a vector may be, as a share of its range.
const near = 0.1

// inverseAccuracy is over windows of as many observations as the model sees, one behind the other.
func inverseAccuracy(ctx context.Context, s *rl.Inference, at int, held []trajectory.Source) (float64, error) {
	about, k := s.Config().Environments[at], s.Context()
	o, a, right, n := about.Size(), about.ActionSize(), 0, 0
	err := each(ctx, held, func(e *trajectory.Episode) error {
		for first := 0; first < e.Len(); first += k - 1 {
			steps := min(k-1, e.Len()-first)
			got := make([]float32, steps*a)
			if err := s.Inverse(got, at, e.Observations[first*o:][:(steps+1)*o]); err != nil {
				return err
			}
			for i, v := range got {
				reach := float32(0)
				if !about.Discrete() {
					reach = near * (about.High[i%a] - about.Low[i%a])
				}
				if n++; max(v-e.Actions[first*a+i], e.Actions[first*a+i]-v) <= reach {
					right++
				}
			}
		}
		return nil
	})
	return float64(right) / float64(n), err
}

// anomalySeed is that of the first episode; anomalyEpisodes are played on either side.
const (
	anomalySeed     = 400_000
	anomalyEpisodes = 40
)

// anomaly is the area under the ROC curve of the mean error of episodes.
func anomaly(ctx context.Context, s *rl.Inference, at int, id string) (float64, error) {
	var odd []bool
	var scores []float64
	for _, changed := range []bool{false, true} {
		constructor := func() (env.Env, error) { return physics(id, changed) }
		player := func() (trajectory.Player, error) {
			e, err := constructor()
			if err != nil {
				return nil, err
			}
			return trajectory.Random(e.ActionSpace(), 1), nil
		}
		seed := int64(anomalySeed)
		if changed {
			seed += anomalyEpisodes // others than those of the usual physics
		}
		_, err := trajectory.Record(ctx, constructor, player, trajectory.RecordConfig{Episodes: anomalyEpisodes, Seed: seed}, func(e *trajectory.Episode) error {
			steps := make([]float64, e.Len())
			if err := s.Anomaly(steps, at, e.Observations, e.Actions); err != nil {
				return err
			}
			odd, scores = append(odd, changed), append(scores, metrics.Mean(steps))
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return metrics.ROCAUC(odd, scores)
}

package env

import (
	"slices"
	"time"
)

// An Episode is what Info has under "episode" after an episode's last step.
type Episode struct {
	Return float64       // sum of the rewards
	Length int           // steps
	Time   time.Duration // since the reset, 0 without a clock
}

// A RecordEpisodeStatistics sums rewards and counts steps. Their totals come with the last step of an episode.
type RecordEpisodeStatistics struct {
	Env
	now   func() time.Time
	keep  int
	last  []Episode
	begin time.Time
	sum   Episode
}

// NewRecordEpisodeStatistics wraps e and remembers the last keep episodes. The clock may be nil.
func NewRecordEpisodeStatistics(e Env, keep int, clock func() time.Time) *RecordEpisodeStatistics {
	if clock == nil {
		clock = func() time.Time { return time.Time{} }
	}
	return &RecordEpisodeStatistics{Env: e, now: clock, keep: keep}
}

// Unwrap gives the environment inside.
func (r *RecordEpisodeStatistics) Unwrap() Env { return r.Env }

// Last are the last episodes that ended, the newest at the end.
func (r *RecordEpisodeStatistics) Last() []Episode { return slices.Clone(r.last) }

// Reset begins an episode.
func (r *RecordEpisodeStatistics) Reset(observation []float32, seed int64, options Options) (Info, error) {
	info, err := r.Env.Reset(observation, seed, options)
	if err == nil {
		r.sum, r.begin = Episode{}, r.now()
	}
	return info, err
}

// Step goes on with the episode.
func (r *RecordEpisodeStatistics) Step(observation, action []float32) (Outcome, error) {
	o, err := r.Env.Step(observation, action)
	if err != nil {
		return o, err
	}
	r.sum.Return += o.Reward
	r.sum.Length++
	if !o.Done() {
		return o, nil
	}
	r.sum.Time = r.now().Sub(r.begin)
	if o.Info == nil {
		o.Info = Info{}
	}
	o.Info["episode"] = r.sum
	if r.last = append(r.last, r.sum); len(r.last) > r.keep {
		r.last = slices.Delete(r.last, 0, len(r.last)-max(r.keep, 0))
	}
	return o, nil
}

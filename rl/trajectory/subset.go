package trajectory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
)

// A Subset is a Source of some episodes of another.
type Subset struct {
	Of Source
	At []int // their numbers there
}

// Meta implements Source.
func (s *Subset) Meta() Meta { return s.Of.Meta() }

// Len implements Source.
func (s *Subset) Len() int { return len(s.At) }

// Episode implements Source.
func (s *Subset) Episode(i int, e *Episode) error { return s.Of.Episode(s.At[i], e) }

// Split divides the episodes by seed into those to train on and a fraction held back, at least one of each where it can. It never divides an
// episode: its steps are too much alike.
func Split(s Source, fraction float64, seed uint64) (train, held *Subset) {
	t, h := data.Split(s.Len(), fraction, seed)
	return &Subset{s, t}, &Subset{s, h}
}

// Top keeps the given fraction of the episodes, rounded, at least one: those with the highest returns, of equal ones the first. It is what 10 %
// behaviour cloning learns from (Chen et al., "Decision Transformer", 2021).
func Top(ctx context.Context, s Source, fraction float64) (*Subset, error) {
	if !(fraction > 0 && fraction <= 1) {
		return nil, fmt.Errorf("%w: top fraction: got %v, want above 0 to 1", ErrEpisode, fraction)
	}
	m, err := Measure(ctx, s)
	if err != nil {
		return nil, err
	}
	at := make([]int, s.Len())
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(i, j int) int { return cmp.Compare(m.Returns[j], m.Returns[i]) })
	at = at[:min(max(int(math.Round(fraction*float64(len(at)))), 1), len(at))]
	slices.Sort(at)
	return &Subset{s, at}, nil
}

// Statistics are those of a source.
type Statistics struct {
	Observation *Moments  // of all observations but those after the last steps
	Action      *Moments  // of the actions, where they are known
	Reward      *Moments  // of the steps
	Returns     []float64 // of the episodes
	Lengths     []int
	Steps       int
}

// Measure reads a source through once.
func Measure(ctx context.Context, s Source) (*Statistics, error) {
	about := s.Meta()
	o := about.Observation.Size()
	m := &Statistics{Observation: NewMoments(o), Action: NewMoments(about.Action.Size()), Reward: NewMoments(1)}
	var e Episode
	for i := range s.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.Episode(i, &e); err != nil {
			return nil, err
		}
		m.Observation.Add(e.Observations[:e.Len()*o])
		m.Action.Add(e.Actions)
		for _, r := range e.Rewards {
			m.Reward.Count++
			m.Reward.add(0, r)
		}
		m.Returns, m.Lengths = append(m.Returns, e.Return()), append(m.Lengths, e.Len())
		m.Steps += e.Len()
	}
	return m, nil
}

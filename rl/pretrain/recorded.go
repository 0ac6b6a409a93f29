package pretrain

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
	"slices"
	"sort"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env/spaces"
	"github.com/fmkit/fmkit/rl/trajectory"
)

// recorded are the episodes of one environment.
type recorded struct {
	about  rl.Environment
	meta   trajectory.Meta
	places []place
	steps  []int // of each episode

	train, held side
	unlimited   bool          // actions have no limits, so that those of the data are taken
	kept        []*toGo       // of each episode, nil: to be read again
	measure     *measurements // of train
}

// A side is the part of the episodes to train on, or the one held back.
type side struct {
	list []int   // of places
	ends []int64 // steps up to the end of each
}

// place is where an episode lies.
type place struct {
	source trajectory.Source
	i      int
}

// toGo is an episode with its returns to go.
type toGo struct {
	trajectory.Episode
	returns []float32 // [T]
}

// unnamed is the environment of data that don't name theirs.
const unnamed = "unnamed"

// newRecorded describes the environment of data.
func newRecorded(meta trajectory.Meta) (*recorded, error) {
	r, id, action := &recorded{meta: meta}, meta.Environment, meta.Action
	if id == "" {
		id = unnamed
	}
	if box, ok := action.(*spaces.Box); ok {
		infinite := func(v float32) bool { return math.IsInf(float64(v), 0) }
		if r.unlimited = slices.ContainsFunc(box.Low, infinite) || slices.ContainsFunc(box.High, infinite); r.unlimited {
			limited, err := spaces.NewBoxOf(-1, 1, spaces.Float32, box.Shape()...)
			if err != nil {
				return nil, err
			}
			action = limited
		}
	}
	var err error
	r.about, err = rl.NewEnvironment(id, meta.Observation, action)
	return r, err
}

// read reads all episodes in their order.
func (r *recorded) read(ctx context.Context, c *Config, h hash.Hash, left *int64) error {
	r.measure = newMeasurements(&r.about, r.unlimited)
	r.kept, r.steps = make([]*toGo, len(r.places)), make([]int, len(r.places))
	fmt.Fprintf(h, "%q %v %v %d\n", r.about.ID, r.meta.Observation, r.meta.Action, len(r.places))
	held := 0
	for i := range r.places {
		if err := ctx.Err(); err != nil {
			return err
		}
		e := &toGo{}
		if err := r.fetch(e, i); err != nil {
			return err
		}
		if err := e.Validate(r.meta); err != nil {
			return fmt.Errorf("%w: %s: episode %d: %w", ErrData, r.about.ID, i, err)
		}
		if e.Actions == nil && !c.NoActions {
			return fmt.Errorf("%w: %s: episode %d: got no actions: train on observations only, or leave it out", ErrData, r.about.ID, i)
		}
		if err := e.sum(h); err != nil {
			return err
		}
		r.steps[i] = e.Len()
		if held < len(r.held.list) && r.held.list[held] == i {
			held++
		} else {
			r.measure.add(e)
		}
		if size := int64(4*(len(e.Observations)+len(e.Actions)+len(e.returns)) + 8*len(e.Rewards)); size <= *left {
			r.kept[i] = e
			*left -= size
		}
	}
	return nil
}

// fetch reads an episode from where it lies.
func (r *recorded) fetch(e *toGo, i int) error {
	p := r.places[i]
	if err := p.source.Episode(p.i, &e.Episode); err != nil {
		return fmt.Errorf("%w: %s: episode %d: %w", ErrData, r.about.ID, i, err)
	}
	e.returns = append(e.returns[:0], make([]float32, e.Len())...)
	total := 0.0
	for t := e.Len() - 1; t >= 0; t-- {
		total += e.Rewards[t]
		e.returns[t] = float32(total)
	}
	return nil
}

// episode gives an episode, in spare where it isn't kept.
func (r *recorded) episode(i int, spare *toGo) (*toGo, error) {
	if e := r.kept[i]; e != nil {
		return e, nil
	}
	return spare, r.fetch(spare, i)
}

// sum hashes an episode.
func (e *toGo) sum(h hash.Hash) error {
	flags := int64(0)
	for i, yes := range []bool{e.Terminated, e.Truncated, e.Actions == nil} {
		if yes {
			flags |= 1 << i
		}
	}
	for _, part := range []any{[]int64{int64(e.Len()), flags}, e.Observations, e.Actions, e.Rewards} {
		if err := binary.Write(h, binary.LittleEndian, part); err != nil {
			return fmt.Errorf("pretrain: %w", err)
		}
	}
	return nil
}

// settle counts steps and puts the measurements into the environment.
func (r *recorded) settle() {
	for _, s := range []*side{&r.train, &r.held} {
		total := int64(0)
		for _, i := range s.list {
			total += int64(r.steps[i])
			s.ends = append(s.ends, total)
		}
	}
	r.measure.put(&r.about)
	r.measure = nil
}

// total is the number of steps.
func (s *side) total() int64 { return s.ends[len(s.ends)-1] }

// find gives the episode and the step in it of a step.
func (s *side) find(at int64) (episode, step int) {
	i := sort.Search(len(s.ends), func(i int) bool { return s.ends[i] > at })
	if i > 0 {
		at -= s.ends[i-1]
	}
	return s.list[i], int(at)
}

package pretrain

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"sort"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/data"
)

// ErrData means episodes that can't be trained on; the error says why.
var ErrData = errors.New("pretrain: data")

// splitSeed holds back the same episodes of the same data in every run, so that runs compare.
const splitSeed = 20230504

// keepBytes is how much of the data stays in memory; what is more is read again from where it lies.
const keepBytes = 1 << 30

// episodes are all of a run's.
type episodes struct {
	environments []*recorded
	source       string // SHA-256 of everything that they hold
	count        int
	steps        int64
}

// recorded are the episodes of one environment.
type recorded struct {
	about  rl.Environment
	meta   trajectory.Meta
	places []place
	steps  []int // of each episode

	train, held side
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

// openEpisodes reads every episode once: to check and to hash it, to measure what standardises, and to keep it as long as that takes at most so many bytes in all.
func openEpisodes(ctx context.Context, c *Config, sources []trajectory.Source, keep int64) (*episodes, error) {
	all := &episodes{}
	for i, s := range sources {
		if err := all.add(s); err != nil {
			return nil, fmt.Errorf("source %d: %w", i, err)
		}
	}
	if len(all.environments) == 0 {
		return nil, fmt.Errorf("%w: got no source of episodes", ErrData)
	}
	h := sha256.New()
	for _, r := range all.environments {
		if len(r.places) < 2 {
			return nil, fmt.Errorf("%w: %s: got %d episodes, want at least two, to hold one back: %w", ErrData, r.about.ID, len(r.places), data.ErrEmpty)
		}
		r.train.list, r.held.list = data.Split(len(r.places), c.Held, splitSeed)
		if err := r.read(ctx, c, h, &keep); err != nil {
			return nil, err
		}
		r.settle()
		all.count += len(r.places)
		all.steps += r.train.total() + r.held.total()
	}
	all.source = "sha256:" + hex.EncodeToString(h.Sum(nil))
	return all, nil
}

// add lists a source's episodes. Sources of one environment belong together.
func (all *episodes) add(s trajectory.Source) error {
	meta := s.Meta()
	at := slices.IndexFunc(all.environments, func(r *recorded) bool { return r.about.ID == meta.Environment })
	if at < 0 {
		about, err := rl.NewEnvironment(meta.Environment, meta.Observation, meta.Action)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrData, err)
		}
		at = len(all.environments)
		all.environments = append(all.environments, &recorded{about: about, meta: meta})
	}
	r := all.environments[at]
	if got, want := fmt.Sprint(meta.Observation, meta.Action), fmt.Sprint(r.meta.Observation, r.meta.Action); got != want {
		return fmt.Errorf("%w: %s: got spaces %s, and %s of another source", ErrData, r.about.ID, got, want)
	}
	for i := range s.Len() {
		r.places = append(r.places, place{s, i})
	}
	return nil
}

// read reads all episodes in their order.
func (r *recorded) read(ctx context.Context, c *Config, h hash.Hash, left *int64) error {
	r.measure = newMeasurements(&r.about)
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

// measurements are sums over observations, in float64 and in the order of the data, around the first one.
type measurements struct {
	first, sums, squares []float64 // [O]; nil for pictures
	n                    float64
	largest              float32 // return to go, without its sign
}

func newMeasurements(e *rl.Environment) *measurements {
	m := &measurements{}
	if e.Patch == 0 {
		m.sums, m.squares = make([]float64, e.Size()), make([]float64, e.Size())
	}
	return m
}

func (m *measurements) add(e *toGo) {
	for _, r := range e.returns {
		m.largest = max(m.largest, r, -r)
	}
	size := len(m.sums)
	if size == 0 {
		return
	}
	if m.first == nil {
		for _, v := range e.Observations[:size] {
			m.first = append(m.first, float64(v))
		}
	}
	for at := 0; at < len(e.Observations); at += size {
		for i, v := range e.Observations[at : at+size] {
			d := float64(v) - m.first[i]
			m.sums[i] += d
			m.squares[i] += float64(d * d)
		}
		m.n++
	}
}

// flat is the deviation, as a share of the mean, below which a number counts as constant.
const flat = 1e-6

// put sets mean, deviation and the scale of returns.
func (m *measurements) put(e *rl.Environment) {
	if e.ReturnScale = m.largest; e.ReturnScale == 0 {
		e.ReturnScale = 1
	}
	for i, sum := range m.sums {
		mean := sum / m.n
		std := math.Sqrt(max(0, m.squares[i]/m.n-float64(mean*mean)))
		mean += m.first[i]
		if std <= flat*max(1, math.Abs(mean)) {
			std = 1
		}
		e.Mean, e.Std = append(e.Mean, float32(mean)), append(e.Std, float32(std))
	}
}

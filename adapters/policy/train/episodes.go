package train

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/random"
)

// hashEpisodes describes episodes for a passport.
func hashEpisodes(ctx context.Context, from trajectory.Source, path string) (adapter.Source, error) {
	h := sha256.New()
	m := from.Meta()
	fmt.Fprintf(h, "%q %v %v %d\n", m.Environment, m.Observation, m.Action, from.Len())
	var e trajectory.Episode
	var buf []byte
	for i := range from.Len() {
		if err := ctx.Err(); err != nil {
			return adapter.Source{}, err
		}
		if err := from.Episode(i, &e); err != nil {
			return adapter.Source{}, fmt.Errorf("policy: train: episode %d: %w", i, err)
		}
		fmt.Fprintln(h, e.Len(), e.Terminated, e.Truncated)
		buf = hashFloats(h, hashFloats(h, buf, e.Observations), e.Actions)
		for _, r := range e.Rewards {
			buf = binary.LittleEndian.AppendUint64(buf[:0], math.Float64bits(r))
			h.Write(buf)
		}
	}
	return adapter.Source{Role: "train", Path: path, SHA256: "sha256:" + hex.EncodeToString(h.Sum(nil))}, nil
}

func hashFloats(h hash.Hash, buf []byte, x []float32) []byte {
	buf = buf[:0]
	for _, v := range x {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	h.Write(buf)
	return buf
}

// episodes are those to learn from, in memory.
type episodes struct {
	o, a         int
	observations []float32 // [N, O] before each step
	actions      []float32 // [N, A]
	toGo         []float32 // [N] the sum of the rewards from the step on
	first        []int32   // [N] the first step of the step's episode
	best, most   float64   // highest return, and the largest by size

	episode trajectory.Episode // the last one that was read
}

// maxNumbers bounds what is read into memory, in float32s.
const maxNumbers = 1 << 30

// readEpisodes reads the top fraction by return, ties in the order of the source, and splits them by seed into those to learn from and those held back.
func readEpisodes(ctx context.Context, from trajectory.Source, c *Cloning, seed uint64) (learn, held *episodes, err error) {
	returns := make([]float64, from.Len())
	var e trajectory.Episode
	for i := range returns {
		if err := from.Episode(i, &e); err != nil {
			return nil, nil, fmt.Errorf("policy: train: episode %d: %w", i, err)
		}
		returns[i] = e.Return()
	}
	order := make([]int, len(returns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(returns[j], returns[i]) })
	order = order[:min(len(order), max(1, int(math.Ceil(float64(float64(len(order))*c.Top)-1e-9))))]
	m := from.Meta()
	learn, held = newEpisodes(m), newEpisodes(m)
	backs := int(c.Held * float64(len(order)))
	for k, at := range random.Perm(random.Key(seed, "policy.held"), len(order)) {
		to := learn
		if k < backs {
			to = held
		}
		if err := to.read(ctx, from, order[at]); err != nil {
			return nil, nil, err
		}
	}
	if len(learn.toGo) == 0 {
		return nil, nil, fmt.Errorf("policy: train: %w: got no step to learn from", trajectory.ErrEpisode)
	}
	return learn, held, nil
}

func newEpisodes(m trajectory.Meta) *episodes {
	return &episodes{o: m.Observation.Size(), a: m.Action.Size(), best: math.Inf(-1)}
}

// read adds the i-th episode of a source.
func (d *episodes) read(ctx context.Context, from trajectory.Source, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := &d.episode
	if err := from.Episode(i, e); err != nil {
		return fmt.Errorf("policy: train: episode %d: %w", i, err)
	}
	if err := e.Validate(from.Meta()); err != nil || e.Actions == nil {
		return fmt.Errorf("policy: train: episode %d: want actions: %w", i, cmp.Or(err, trajectory.ErrEpisode))
	}
	if d.add(e); len(d.observations) > maxNumbers {
		return fmt.Errorf("policy: train: got more than %d numbers of observations, want less at once", maxNumbers)
	}
	return nil
}

func (d *episodes) add(e *trajectory.Episode) {
	first, n, left := int32(len(d.toGo)), e.Len(), e.Return()
	d.best, d.most = max(d.best, left), max(d.most, math.Abs(left))
	d.observations = append(d.observations, e.Observations[:n*d.o]...)
	d.actions = append(d.actions, e.Actions...)
	for _, r := range e.Rewards {
		d.toGo, d.first = append(d.toGo, float32(left)), append(d.first, first)
		d.most = max(d.most, math.Abs(left))
		left -= r
	}
}

// describe sets what a policy needs to know of the data: scales where the model has none, the envelope and the return to ask for.
func (d *episodes) describe(s *policy.Settings, c *Cloning) {
	e := &s.Environment
	if e.Mean == nil && e.Patch == 0 {
		seen := newRunning(d.o)
		for i := 0; i < len(d.observations); i += d.o {
			add(seen, d.observations[i:i+d.o])
		}
		e.Mean, e.Std = make([]float32, d.o), make([]float32, d.o)
		for j := range d.o {
			e.Mean[j], e.Std[j] = float32(seen.mean[j]), float32(1/seen.scale(j))
		}
	}
	if e.ReturnScale == 0 && d.most > 0 {
		e.ReturnScale = float32(d.most)
	}
	if e.Patch == 0 {
		s.Envelope.Widen(d.observations, d.o)
	}
	if s.Context > 0 {
		s.Target = float64(d.best * c.Target)
	}
}

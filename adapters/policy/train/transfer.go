package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/transfer"
)

// An example is an episode to learn from, or the seed of one to play.
type example struct {
	at   int
	seed int64
}

// Scored are the episodes that the policies of a comparison play.
type Scored struct {
	Episodes int             // that settings are chosen on, and as many that count
	New      env.Constructor // as Options.New
}

// The first seeds of the episodes that count and of those that settings are chosen on; later ones where an episode that is learnt from has one of theirs.
const (
	playSeed   = 10_000
	chooseSeed = 20_000
)

// TransferGrid is what the arms of a comparison choose from.
func TransferGrid() []transfer.Setting {
	return []transfer.Setting{{LR: 1e-3, Steps: 100}, {LR: 3e-4, Steps: 400}, {LR: 1e-3, Steps: 400}}
}

// Transfer asks whether pretraining pays for a policy that is cloned from episodes. c is the recipe, of algorithm Clone, of the arms that are trained, whose method, rate,
// steps and seed are each arm's own; all choose from the same grid, nil for TransferGrid, by what they return in episodes that don't count.
//
// A label is an episode; the score is the mean return of the episodes s, paired by seed. Scratch has the sizes of the base and the scales of the episodes that it
// learns from. The baseline is a Plain network, which makes PlainFactor times the steps. Nobody falls back after a strange observation.
func Transfer(ctx context.Context, base *rl.Model, from trajectory.Source, c Config, grid []transfer.Setting, s Scored, o transfer.Options) (*transfer.Report, error) {
	if len(grid) == 0 {
		grid = TransferGrid()
	}
	if s.Episodes < 1 || s.Episodes > 1<<16 {
		return nil, fmt.Errorf("%w: episodes: got %d to play, want 1 to %d", ErrConfig, s.Episodes, 1<<16)
	}
	if c.Cloning.Held, c.Episodes = 0, 0; c.Algorithm != Clone {
		return nil, fmt.Errorf("%w: algorithm: got %s, want %s", ErrConfig, c.Algorithm, Clone)
	}
	about, err := c.about(from, &Options{New: s.New})
	if err != nil {
		return nil, err
	}
	source, err := hashEpisodes(ctx, from, "")
	if err != nil {
		return nil, err
	}
	t := &transferring{base: base, from: from, about: about, create: s.New}
	used, err := t.read()
	if err != nil {
		return nil, err
	}
	compared := transfer.Comparison[example]{
		Task: policy.Task, Base: base.Identity().Name, Metric: "mean return", Unit: "episodes", Scale: 1, Budgets: o.Budgets, Seeds: o.Seeds, First: o.First,
		Test: seedsFrom(playSeed, s.Episodes, used), Dev: seedsFrom(chooseSeed, s.Episodes, used),
		Draw: transfer.Draw[example], Pretraining: o.Pretraining, Dir: o.Dir, Log: o.Log,
		Identity: transfer.Identity{Task: policy.Task, Base: base.Fingerprint(), Recipe: []any{c, grid, s.Episodes}, Data: []adapter.Source{source}},
	}
	for i := range from.Len() {
		compared.Pool = append(compared.Pool, example{at: i})
	}
	if len(o.Budgets) == 0 {
		compared.Budgets = transfer.Budgets(from.Len(), nil)
	}
	if len(o.Arms) == 0 {
		o.Arms = transfer.Names()
	}
	for _, name := range o.Arms {
		a, err := t.arm(name, c, grid)
		if err != nil {
			return nil, err
		}
		compared.Arms = append(compared.Arms, a)
	}
	return compared.Run(ctx)
}

// A transferring is a comparison of policies.
type transferring struct {
	base   *rl.Model
	from   trajectory.Source
	about  rl.Environment
	create env.Constructor
	seen   []float32 // an observation
}

// read gives the seeds that the episodes have, and keeps an observation.
func (t *transferring) read() (map[int64]bool, error) {
	used := map[int64]bool{}
	var e trajectory.Episode
	for i := range t.from.Len() {
		if err := t.from.Episode(i, &e); err != nil {
			return nil, fmt.Errorf("policy: train: episode %d: %w", i, err)
		}
		if used[e.Seed] = true; i == 0 {
			t.seen = slices.Clone(e.Observations[:t.about.Size()])
		}
	}
	return used, nil
}

// seedsFrom gives the first n seeds in a row, from one on, that none of the used ones is among.
func seedsFrom(first int64, n int, used map[int64]bool) []example {
	all := make([]example, 0, n)
	for ; len(all) < n; first++ {
		if all = append(all, example{seed: first}); used[first] {
			all = all[:0]
		}
	}
	return all
}

// arm makes the arm of a name.
func (t *transferring) arm(name string, c Config, grid []transfer.Setting) (transfer.Arm[example], error) {
	if c.Method = name; c.Config != (peft.Config{}) && c.Config.Method() != name {
		c.Config = peft.Config{}
	}
	at := func(s transfer.Setting, seed uint64) Config {
		c := c
		c.Steps, c.Cloning.LR, c.Seed = s.Steps, s.LR, seed
		return c
	}
	for _, s := range grid {
		c := at(s, 1)
		if name == transfer.Baseline {
			c.Method = transfer.Full
		}
		if err := s.Validate(); err != nil {
			return transfer.Arm[example]{}, err
		}
		if err := c.Validate(); err != nil {
			return transfer.Arm[example]{}, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
		}
	}
	fit := t.clone
	if name == transfer.Baseline {
		fit = t.plain
	}
	a := transfer.Trained(name, grid, func(ctx context.Context, train []example, s transfer.Setting, seed uint64) (*transfer.Model[example], error) {
		learn := &trajectory.Subset{Of: t.from}
		for _, e := range train {
			learn.At = append(learn.At, e.at)
		}
		return fit(ctx, learn, at(s, seed))
	})
	if name == transfer.Baseline {
		a.About = fmt.Sprintf("plain network of two hidden layers of %d, which makes %d times the steps", plainHidden, PlainFactor)
	}
	return a, nil
}

// plain learns the baseline.
func (t *transferring) plain(ctx context.Context, learn trajectory.Source, c Config) (*transfer.Model[example], error) {
	p, err := LearnPlain(ctx, learn, PlainConfig{Steps: PlainFactor * c.Steps, Batch: c.Cloning.Batch, LR: c.Cloning.LR, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	m := t.model(p.Observe)
	return m, m.Weigh(adapter.Tensors(p.Params()))
}

// clone learns a policy.
func (t *transferring) clone(ctx context.Context, learn trajectory.Source, c Config) (*transfer.Model[example], error) {
	base := t.base
	if c.Method == adapter.Scratch {
		z := base.Config
		base, c.Sizes = nil, Sizes{Hidden: z.Hidden, Layers: z.Layers, Heads: z.Heads, Intermediate: z.Intermediate}
	}
	s, err := begin(base, t.about, &c)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.clone(ctx, learn, &c, Options{}, identity{}); err != nil {
		return nil, err
	}
	p, err := policy.New(s.model, s.head, s.settings)
	if err != nil {
		return nil, err
	}
	var values []float32
	m := t.model(func(outputs, observations []float32, n int) error {
		if len(values) < n {
			values = make([]float32, n)
		}
		return p.Observe(outputs, values[:n], observations, n)
	})
	stored, _ := s.stored()
	return m, m.Weigh(adapter.Tensors(stored))
}

// model plays what was learnt. What is timed is one decision.
func (t *transferring) model(answer Answerer) *transfer.Model[example] {
	outputs := make([]float32, t.about.ActionInputs())
	return &transfer.Model[example]{
		Alone: func() error { return answer(outputs, t.seen, 1) },
		Answer: func(ctx context.Context, examples []example) (func() ([]metrics.Ratio, error), error) {
			returns, err := Play(ctx, t.about.ID, t.create, examples[0].seed, len(examples), answer) // their seeds follow one another
			return func() ([]metrics.Ratio, error) { return metrics.Ratios(returns), nil }, err
		},
	}
}

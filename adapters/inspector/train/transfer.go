package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/transfer"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// A transferring is a comparison of detectors.
type transferring struct {
	base  *vision.Model
	kinds []string
	boxes bool // pictures have them, and their recall is the score
	iou   float64
}

// TransferGrid is what the arms of a comparison choose from.
func TransferGrid() []transfer.Setting {
	return []transfer.Setting{{LR: 1.5e-3, Steps: 1000}, {LR: 5e-3, Steps: 1000}}
}

// Transfer asks whether pretraining pays for a detector that learns from d.Train and is scored on d.Held. c is the recipe of the arms that are trained, whose method, rate, steps and
// seed are each arm's own; all choose from the same grid, nil for TransferGrid. Nothing is folded or held back within an arm, for the score doesn't depend on a threshold.
//
// A label is a defective picture; good pictures are learnt from with every budget. Where pictures have boxes or templates the score is the recall of boxes at one false box a
// picture, else that of pictures at one false alarm in a hundred good ones. The baseline is the edge-tolerant difference where every defective picture has a template, and then only pictures
// that have one are scored; else it is principal components of good pictures. The kinds of all pictures are known to every arm.
func Transfer(ctx context.Context, base *vision.Model, d Data, c Config, grid []transfer.Setting, o transfer.Options) (*transfer.Report, error) {
	if len(grid) == 0 {
		grid = TransferGrid()
	}
	c.Folds, c.Held, c.Shots = 0, 0, 0
	all := slices.Concat(d.Train, d.Held)
	bare := func(it dataset.Item) bool { return it.Template == "" }
	bad, _ := defects(all)
	templates := len(bad) > 0 && !slices.ContainsFunc(bad, bare)
	d.Held = Comparable(d.Held, templates)
	t := &transferring{base: base, kinds: Kinds(all), iou: c.IoU, boxes: templates || slices.ContainsFunc(all, func(it dataset.Item) bool { return len(it.Boxes) > 0 })}
	if len(t.kinds) == 0 || len(t.kinds) > inspector.MaxKinds {
		return nil, fmt.Errorf("inspector: train: kinds of defects: got %d, want 1 to %d", len(t.kinds), inspector.MaxKinds)
	}
	if c.Detector.Template != nil && (base.Config.Channels != 3 || slices.ContainsFunc(all, bare)) {
		return nil, fmt.Errorf("%w: template: got %d channels of the base, want 3, and a template of every picture", ErrConfig, base.Config.Channels)
	}
	if err := t.check(d); err != nil {
		return nil, err
	}
	sources, err := d.sources(ctx)
	if err != nil {
		return nil, err
	}
	for i := range sources {
		sources[i].Path = ""
	}
	split := func(items []dataset.Item, fraction float64, seed uint64) (learn, held []dataset.Item) {
		learn, held = dataset.HoldOut(items, fraction, seed)
		return learn, Comparable(held, templates)
	}
	id := base.Identity()
	compared := transfer.Comparison[dataset.Item]{
		Task: inspector.Task, Base: id.Name, Metric: t.metric(), Unit: "defective pictures of each label", Pool: d.Train, Test: d.Held, Budgets: o.Budgets, Seeds: o.Seeds, First: o.First,
		Draw: drawDefects, Split: split, Labels: countDefects, Pretraining: o.Pretraining, Dir: o.Dir, Log: o.Log,
		Identity: transfer.Identity{Task: inspector.Task, Base: base.Fingerprint(), Recipe: []any{c, grid}, Data: sources},
	}
	if bad, _ = defects(d.Train); len(o.Budgets) == 0 {
		compared.Budgets = transfer.Budgets(len(bad), dataset.Labels(bad))
	}
	if len(o.Arms) == 0 {
		o.Arms = transfer.Names()
	}
	for _, name := range o.Arms {
		a, err := t.arm(name, c, grid, templates)
		if err != nil {
			return nil, err
		}
		compared.Arms = append(compared.Arms, a)
	}
	return compared.Run(ctx)
}

// metric names the score.
func (t *transferring) metric() string {
	if t.boxes {
		return BoxRecall
	}
	return PictureRecall
}

// check says what there is nothing to learn from or to score on.
func (t *transferring) check(d Data) error {
	bad, good := defects(d.Train)
	if len(bad) == 0 || len(good) == 0 && !t.boxes {
		return fmt.Errorf("inspector: train: got %d defective and %d good pictures to learn from, want some, and of good ones where there are no boxes: %w", len(bad), len(good), data.ErrEmpty)
	}
	if bad, good = defects(d.Held); len(bad) == 0 || len(good) == 0 && !t.boxes {
		return fmt.Errorf("inspector: train: got %d defective and %d good pictures to score on, want some, and of good ones where there are no boxes: %w", len(bad), len(good), data.ErrEmpty)
	}
	return nil
}

// defects divides items.
func defects(items []dataset.Item) (bad, good []dataset.Item) {
	for _, it := range items {
		if defective(it) {
			bad = append(bad, it)
		} else {
			good = append(good, it)
		}
	}
	return bad, good
}

func countDefects(items []dataset.Item) int {
	bad, _ := defects(items)
	return len(bad)
}

// drawDefects takes so many defective pictures of each label, and all good ones.
func drawDefects(pool []dataset.Item, budget int, seed uint64) ([]dataset.Item, error) {
	bad, good := defects(pool)
	at, err := data.Shots(dataset.Labels(bad), budget, seed)
	return append(good, data.Pick(bad, at)...), err
}

// arm makes the arm of a name.
func (t *transferring) arm(name string, c Config, grid []transfer.Setting, templates bool) (transfer.Arm[dataset.Item], error) {
	switch {
	case name == transfer.Baseline && templates:
		return t.difference(), nil
	case name == transfer.Baseline:
		return t.components(), nil
	}
	if c.Method = name; c.Config != (peft.Config{}) && c.Config.Method() != name {
		c.Config = peft.Config{}
	}
	at := func(s transfer.Setting, seed uint64) Config {
		c := c
		c.Train = c.Train.WithSteps(s.Steps)
		c.Train.LR, c.Train.Seed = s.LR, seed
		return c
	}
	for _, s := range grid {
		c := at(s, 1)
		if err := s.Validate(); err != nil {
			return transfer.Arm[dataset.Item]{}, err
		}
		if err := c.Validate(); err != nil {
			return transfer.Arm[dataset.Item]{}, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
		}
	}
	return transfer.Trained(name, grid, func(ctx context.Context, train []dataset.Item, s transfer.Setting, seed uint64) (*transfer.Model[dataset.Item], error) {
		return t.fit(ctx, train, at(s, seed))
	}), nil
}

// fit trains a detector.
func (t *transferring) fit(ctx context.Context, train []dataset.Item, c Config) (*transfer.Model[dataset.Item], error) {
	pictures, err := readMarked(ctx, train, t.kinds, &c.Detector, c.Paste > 0)
	if err != nil {
		return nil, err
	}
	f, err := fit(ctx, t.base, pictures, t.kinds, c, Options{}, "", recipe{})
	if err != nil {
		return nil, err
	}
	m := &transfer.Model[dataset.Item]{Answer: func(ctx context.Context, items []dataset.Item) (func() ([]metrics.Ratio, error), error) {
		found := &Finding{}
		found.judge(items)
		var err error
		found.Boxes, err = Inspect(ctx, f.detector, items, func(a *inspector.Answer, _ []bool) { found.Scores = append(found.Scores, a.Score) })
		return func() ([]metrics.Ratio, error) {
			if t.boxes {
				return found.OfBoxes(t.iou), nil
			}
			return found.OfPictures()
		}, err
	}}
	return m, m.Weigh(adapter.Tensors(slices.Concat(f.tuned, f.head)))
}

package finetune

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
)

// Data are the examples of one adapter.
type Data[E any] struct {
	Train   []E
	Eval    []E              // empty: Config.Held of Train is held back
	Sources []adapter.Source // the files they come from; empty for examples from elsewhere, which can't be verified
}

// ReadData reads the training file and, unless its path is empty, the evaluation file, and records what they hold. Where examples have classes, those
// of the evaluation file must occur in the training file, which has two at least.
func (t Task[M, C, E, P]) ReadData(trainPath, evalPath string, c C) (Data[E], error) {
	var d Data[E]
	read := func(role, path string, labels []string) ([]E, error) {
		examples, err := t.Read(path, labels, c)
		if err != nil {
			return nil, err
		}
		s := adapter.Source{Role: role, Path: path}
		if t.Sum == nil {
			s, err = adapter.FileSource(role, path)
		}
		d.Sources = append(d.Sources, s)
		return examples, err
	}
	var err error
	if d.Train, err = read("train", trainPath, nil); err != nil {
		return Data[E]{}, err
	}
	labels := t.labels(d.Train)
	if labels != nil {
		slices.Sort(labels)
		if labels = slices.Compact(labels); len(labels) < 2 {
			return Data[E]{}, fmt.Errorf("finetune: %s: the labels are %q, want at least 2", trainPath, labels)
		}
		if l := t.Tuning(&c).Calibration.OutOfScope; l != "" && !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	if evalPath == "" {
		return d, nil
	}
	if d.Eval, err = read("eval", evalPath, labels); err != nil {
		return Data[E]{}, err
	}
	return d, nil
}

// Describe says where the data come from and what they held: their files, or else the examples themselves. What ReadData has left to Sum is hashed here.
func (t Task[M, C, E, P]) Describe(ctx context.Context, d *Data[E]) ([]adapter.Source, error) {
	all := slices.Clone(d.Sources)
	if len(all) == 0 {
		all = append(all, adapter.Source{Role: "train"})
		if len(d.Eval) > 0 {
			all = append(all, adapter.Source{Role: "eval"})
		}
	}
	for i, s := range all {
		examples := d.Train
		if s.Role == "eval" {
			examples = d.Eval
		}
		var err error
		switch {
		case s.SHA256 != "":
		case t.Sum == nil:
			all[i], err = adapter.ValueSource(s.Role, examples)
		default:
			s.SHA256, err = t.Sum(ctx, examples)
			s.SHA256 = "sha256:" + s.SHA256
			all[i] = s
		}
		if err != nil {
			return nil, fmt.Errorf("finetune: %s data: %w", s.Role, err)
		}
	}
	return all, nil
}

package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/finetune"
)

// transferFlags are the choices of report transfer.
type transferFlags struct {
	base, data, eval    string
	shots, seeds, batch int
	first               uint64
	held                float64
	grid                []string
	probe               string
	logistic            float64
	taskFlags
}

// newReport is the verb of reports.
func newReport(c *console) *cobra.Command {
	return group("report", "Does pretraining pay on this data?", newTransfer(c))
}

// newTransfer compares a base with the same model from scratch and with a cheap baseline.
func newTransfer(c *console) *cobra.Command {
	var f transferFlags
	cmd := &cobra.Command{
		Use:   "transfer TASK --base MODEL --data FILE",
		Short: "Labelled examples learnt from a base, from scratch and by a cheap baseline, with paired intervals",
		Long: "Labelled texts or, with a vision base, pictures (TASK is classify) learnt from a base, from the same model with random weights, and by " +
			"TF-IDF + linear or HOG + linear SVM.\n\nEach arm chooses its settings on a development split of the training examples, the two encoders from the same " +
			"grid; all are scored on the same examples with every seed. The gain is that of the base over the best other arm, with a bootstrap interval paired by " +
			"seed and example.",
		Args: exactly("TASK"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "classify" {
				return usagef("report transfer: got task %q, want classify", args[0])
			}
			if err := need(cmd, "base", "data"); err != nil {
				return err
			}
			r, err := f.run(cmd.Context(), c)
			if err != nil {
				return err
			}
			return c.answer(r, r.WriteText)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.base, "base", "", "base model: "+baseUsage)
	s.StringVar(&f.data, "data", "", "what to train on: a file, of pictures a folder or a manifest")
	s.StringVar(&f.eval, "eval", "", "what to score on; without it a seeded part of --data is held back")
	s.Float64Var(&f.held, "held-back", 0.2, "fraction held back to score on")
	s.IntVar(&f.shots, "shots", 0, "examples of each class to train on, by seed; 0 means all")
	s.IntVar(&f.seeds, "seeds", 3, "how many seeds to run with")
	s.Uint64Var(&f.first, "first-seed", 1, "the first of them")
	s.IntVar(&f.batch, "batch", 32, "rows a step")
	s.StringSliceVar(&f.grid, "grid", []string{"3e-4:20", "1e-3:20"}, "choices of rate and epochs")
	s.Float64Var(&f.logistic, "logistic", 0, "inverse regularization of the logistic regression that the heads of both encoder arms start from; 0: random heads (default 0.3, of pictures 1)")
	s.StringVar(&f.probe, "probe", "", "fit the heads alone first, in both encoder arms: rate and epochs, such as 1e-2:60")
	f.addColumns(s)
	f.addNormalize(s)
	return cmd
}

func (f *transferFlags) run(ctx context.Context, c *console) (r classifytrain.TransferReport, err error) {
	if f.eval == "" && !(f.held > 0 && f.held < 1) {
		return r, usagef("--held-back: got %g, want more than 0 and less than 1", f.held)
	}
	b, err := findBase(ctx, c, f.base)
	if err != nil {
		return r, err
	}
	if b.vision() {
		r, err = transfer(ctx, c, f, classifytrain.Pictures(), b.loadVision, classifytrain.TransferPictures)
	} else {
		r, err = transfer(ctx, c, f, classifytrain.Task(), b.load, classifytrain.TransferTexts)
	}
	if err != nil {
		return r, fmt.Errorf("report: %w", err)
	}
	return r, nil
}

// transfer compares the arms on what the flags say, for a base of one modality.
func transfer[M finetune.Base[M], E any, P finetune.Predictor](
	ctx context.Context, c *console, f *transferFlags, task finetune.Task[M, classifytrain.Config, E, P], load func() (M, error),
	compare func(context.Context, classifytrain.Transfer[E], M) (classifytrain.TransferReport, error),
) (r classifytrain.TransferReport, err error) {
	t := classifytrain.Transfer[E]{Config: task.Defaults(), Seeds: f.seeds, First: f.first, Log: c.log}
	t.Config.Shots, t.Config.Batch = f.shots, f.batch
	switch {
	case f.set.Changed("logistic"):
		t.Config.Logistic = f.logistic
	case f.probe != "":
		t.Config.Logistic = 0
	}
	f.classify(&t.Config)
	for _, g := range f.grid {
		choice, err := parseChoice("--grid", g)
		if err != nil {
			return r, err
		}
		t.Config.Grid = append(t.Config.Grid, choice)
	}
	if f.probe != "" {
		if t.Config.Probe, err = parseChoice("--probe", f.probe); err != nil {
			return r, err
		}
	}
	base, err := load()
	if err != nil {
		return r, err
	}
	d, err := task.ReadData(f.data, f.eval, t.Config)
	if err != nil {
		return r, badData(err)
	}
	if t.Pool, t.Test = d.Train, d.Eval; f.eval == "" {
		t.Pool, t.Test = task.Split(d.Train, f.held, 1)
	}
	return compare(ctx, t, base)
}

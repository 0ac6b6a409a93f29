package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	trajectories "github.com/fmkit/fmkit/rl/pretrain"
)

// rlFlags are the choices of pretrain rl. Those of the recipe count only where they are set.
type rlFlags struct {
	runFlags
	o trajectories.Options

	context   int
	noActions bool
}

func newPretrainRL(c *console) *cobra.Command {
	f := &rlFlags{o: trajectories.Options{Log: c.log, Terminal: c.terminal()}}
	cmd := &cobra.Command{
		Use:   "rl --data DIR... --out DIR",
		Short: "Masked trajectories on recorded episodes",
		Long: "Masked trajectories on recorded episodes of one or several environments, each in a folder as fm env rollout --out writes it. DIR holds the run while it lasts, and the model at its end.\n\n" +
			"A run stopped by a signal goes on with --resume to the same bits.",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "data", "out"); err != nil {
				return err
			}
			return f.run(cmd.Context(), c)
		},
	}
	s := cmd.Flags()
	f.add(s, "tiny", "windows", "episodes")
	s.StringSliceVar(&f.o.Data, "data", nil, "folders of episodes")
	s.IntVar(&f.context, "context", 0, "steps of a window")
	s.BoolVar(&f.noActions, "no-actions", false, "observations only, as of videos")
	return cmd
}

func (f *rlFlags) run(ctx context.Context, c *console) error {
	if err := f.check(f.o.Data...); err != nil {
		return err
	}
	recipe, err := f.recipe()
	if err != nil {
		return err
	}
	if err := recipe.Validate(); err != nil {
		return err
	}
	f.o.Out, f.o.Minutes, f.o.Resume, f.o.Force = f.out, f.minutes, f.resume, f.force
	r, err := tidying(f.out, func() (trajectories.Result, error) { return trajectories.Run(ctx, recipe, f.o) })
	if err != nil {
		return err
	}
	return c.answer(r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d steps in %.0f s, %.2f a second, %.0f windows a second\nheld back: loss %.4f and accuracy %.4f of discrete actions\n%s\n",
			f.out, r.Steps, r.Seconds, r.PerSecond, r.WindowsPerSecond, r.EvalLoss, r.EvalAccuracy, r.Digest)
		return err
	})
}

// recipe is the preset's, then the file's, then the flags'.
func (f *rlFlags) recipe() (trajectories.Config, error) {
	c, err := trajectories.Default(f.preset)
	if err != nil {
		return c, err
	}
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return c, err
		}
		if c, err = trajectories.ParseConfig(raw, c); err != nil {
			return c, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	f.apply(&c.Train, &c.Batch, &c.Held, &c.Half)
	f.put(map[string]func(){"context": func() { c.Model.Context = f.context }, "no-actions": func() { c.NoActions = f.noActions }})
	c.Model = c.Model.Defaults()
	return c, nil
}

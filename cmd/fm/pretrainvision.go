package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	autoencoder "github.com/fmkit/fmkit/vision/pretrain"
)

// visionFlags are the choices of pretrain vision. Those of the recipe count only where they are set.
type visionFlags struct {
	o      autoencoder.Options
	preset string
	config string
	set    *pflag.FlagSet

	image, patch, steps, batch, accumulate, evalEvery, saveEvery int
	lr, heldBack                                                 float64
	seed                                                         uint64
	gray, half                                                   bool
}

func newPretrainVision(c *console) *cobra.Command {
	f := &visionFlags{o: autoencoder.Options{Log: c.log, Terminal: c.terminal()}}
	cmd := &cobra.Command{
		Use:   "vision --data PATH --out DIR",
		Short: "Masked autoencoder on pictures",
		Long: "Masked autoencoder on pictures, in folders, manifests or IDX files; labels aren't read. DIR holds the run while it lasts, and the model in Hugging Face's form at its end.\n\n" +
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
	f.set = s
	s.StringVar(&f.o.Data, "data", "", "folder, manifest or IDX file of pictures; of data with splits only train is read")
	s.StringVar(&f.o.Out, "out", "", "folder for the run and the model")
	s.StringVar(&f.preset, "preset", "tiny", "tiny (2 layers, 128 wide), mini (4, 256) or small (6, 384)")
	s.StringVar(&f.config, "config", "", "recipe in JSON; other flags win, except --image, --patch and --gray, which it starts from")
	s.IntVar(&f.image, "image", 32, "pixels of a side of the model's pictures, such as 28, 32 or 224")
	s.IntVar(&f.patch, "patch", 0, "pixels of a side of a patch; default 4, and 16 for pictures of more than 64 pixels")
	s.BoolVar(&f.gray, "gray", false, "one channel instead of three")
	s.IntVar(&f.steps, "steps", 0, "optimizer steps")
	s.Float64Var(&f.o.Minutes, "minutes", 0, "as many steps as fit, by a rate measured first")
	s.Uint64Var(&f.seed, "seed", 0, "seed of everything random")
	s.BoolVar(&f.o.Resume, "resume", false, "go on with the run in --out")
	s.BoolVar(&f.o.Force, "force", false, "resume even though the recipe has changed")
	s.BoolVar(&f.half, "half", false, "round the weights to float16 at the end and store them so, in half the space")
	s.IntVar(&f.batch, "batch", 0, "pictures of a batch")
	s.IntVar(&f.accumulate, "accumulate", 0, "batches a step")
	s.Float64Var(&f.lr, "lr", 0, "peak learning rate")
	s.Float64Var(&f.heldBack, "held-back", 0, "fraction of the pictures held back to evaluate on")
	s.IntVar(&f.evalEvery, "eval-every", 0, "steps between evaluations")
	s.IntVar(&f.saveEvery, "save-every", 0, "steps between checkpoints")
	return cmd
}

func (f *visionFlags) run(ctx context.Context, c *console) error {
	if err := oneOf("--preset", f.preset, "tiny", "mini", "small"); err != nil {
		return err
	}
	if f.set.Changed("minutes") && !(f.o.Minutes > 0 && f.o.Minutes <= 1e6) {
		return usagef("--minutes: got %g, want more than 0", f.o.Minutes)
	}
	if f.set.Changed("minutes") && f.set.Changed("steps") {
		return usagef("--minutes and --steps exclude each other")
	}
	for _, path := range []string{f.config, f.o.Data} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return usageError{err}
		}
	}
	recipe, err := f.recipe()
	if err != nil {
		return err
	}
	if err := recipe.Validate(); err != nil {
		return err
	}
	_, missing := os.Stat(f.o.Out)
	r, err := autoencoder.Run(ctx, recipe, f.o)
	if err != nil {
		if missing != nil {
			tidyRun(f.o.Out, err)
		}
		return err
	}
	return c.answer(r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d steps in %.0f s, %.2f a second, %.0f pictures a second\nheld back: loss %.4f\n%s\n",
			f.o.Out, r.Steps, r.Seconds, r.PerSecond, r.ImagesPerSecond, r.EvalLoss, r.Digest)
		return err
	})
}

// recipe is the preset's, then the file's, then the flags'.
func (f *visionFlags) recipe() (autoencoder.Config, error) {
	patch, channels := f.patch, 3
	if !f.set.Changed("patch") {
		if patch = 4; f.image > 64 {
			patch = 16
		}
	}
	if f.gray {
		channels = 1
	}
	c, err := autoencoder.Default(f.preset, f.image, patch, channels)
	if err != nil {
		return c, err
	}
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return c, err
		}
		if c, err = autoencoder.ParseConfig(raw, c); err != nil {
			return c, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	for name, put := range map[string]func(){
		"steps": func() { c.Train = c.Train.WithSteps(f.steps) },
		"seed":  func() { c.Train.Seed = f.seed }, "lr": func() { c.Train.LR = f.lr },
		"accumulate": func() { c.Train.Accumulate = f.accumulate },
		"eval-every": func() { c.Train.EvalEvery = f.evalEvery }, "save-every": func() { c.Train.SaveEvery = f.saveEvery },
		"batch": func() { c.Batch = f.batch }, "held-back": func() { c.Held = f.heldBack }, "half": func() { c.Half = f.half },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	return c, nil
}

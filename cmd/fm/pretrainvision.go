package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	autoencoder "github.com/fmkit/fmkit/vision/pretrain"
)

// visionFlags are the choices of pretrain vision. Those of the recipe count only where they are set.
type visionFlags struct {
	runFlags
	o autoencoder.Options

	image, patch int
	gray         bool
	stem         []int
}

func newPretrainVision(c *console) *cobra.Command {
	f := &visionFlags{o: autoencoder.Options{Log: c.log, Terminal: c.terminal()}}
	cmd := &cobra.Command{
		Use:   "vision --data PATH --out DIR",
		Short: "Masked autoencoder on pictures",
		Long: "Masked autoencoder on pictures, in folders, manifests or IDX files; labels aren't read. A recipe in JSON starts from --image, --patch and --gray. DIR holds the run while it lasts, and the model in Hugging Face's form at its end.\n\n" +
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
	f.add(s, "tiny", "pictures", "pictures")
	s.StringVar(&f.o.Data, "data", "", "folder, manifest or IDX file of pictures; of data with splits only train is read")
	s.IntVar(&f.image, "image", 32, "pixels of a side of the model's pictures, such as 28, 32 or 224")
	s.IntVar(&f.patch, "patch", 0, "pixels of a side of a patch; default 4, and 16 for pictures of more than 64 pixels")
	s.BoolVar(&f.gray, "gray", false, "one channel instead of three")
	s.IntSliceVar(&f.stem, "stem", nil, "channels of convolutions before the projection of patches, of which each halves rows and columns: as many as halve a patch to one pixel, such as 64,128 for --patch 4")
	return cmd
}

func (f *visionFlags) run(ctx context.Context, c *console) error {
	if err := f.check(f.o.Data); err != nil {
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
	r, err := tidying(f.out, func() (autoencoder.Result, error) { return autoencoder.Run(ctx, recipe, f.o) })
	if err != nil {
		return err
	}
	return c.answer(r, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d steps in %.0f s, %.2f a second, %.0f pictures a second\nheld back: loss %.4f\n%s\n",
			f.out, r.Steps, r.Seconds, r.PerSecond, r.ImagesPerSecond, r.EvalLoss, r.Digest)
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
	if f.set.Changed("stem") {
		c.Model.Stem = f.stem
	}
	f.apply(&c.Train, &c.Batch, &c.Held, &c.Half)
	return c, nil
}

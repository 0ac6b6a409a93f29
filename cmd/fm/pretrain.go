package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text/pretrain"
)

// newPretrain trains base models.
func newPretrain(c *console) *cobra.Command {
	return group("pretrain", "Train a base model on data without labels", newPretrainText(c), newPretrainVision(c))
}

// pretrainFlags are the choices of pretrain text. Those of the recipe count only where they are set.
type pretrainFlags struct {
	o      pretrain.Options
	preset string
	config string
	set    *pflag.FlagSet

	steps, vocab, length, batch, accumulate, evalEvery, saveEvery int
	lr, heldBack, short                                           float64
	seed                                                          uint64
	model                                                         string
	cased, half                                                   bool
}

func newPretrainText(c *console) *cobra.Command {
	f := &pretrainFlags{o: pretrain.Options{Log: c.log, Terminal: c.terminal()}}
	cmd := &cobra.Command{
		Use:   "text --data PATH... --out DIR",
		Short: "Masked-language modelling with whole words on text files and folders",
		Long: "Masked-language modelling with whole words on text files and folders. DIR holds the run while it lasts, and the model in Hugging Face's form at its end.\n\n" +
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
	s.StringSliceVar(&f.o.Data, "data", nil, "text files and folders, or one corpus folder")
	s.StringSliceVar(&f.o.Pairs, "pairs", nil, "files of pairs of texts for the contrastive objective, JSON lines of a, b, kind and source; a corpus folder brings its own")
	s.StringVar(&f.o.Out, "out", "", "folder for the run and the model")
	s.StringVar(&f.preset, "preset", "mini", "tiny (2 layers, 128 wide), mini (4, 256) or small (6, 384)")
	s.StringVar(&f.config, "config", "", "recipe in JSON; other flags win")
	s.IntVar(&f.steps, "steps", 0, "optimizer steps")
	s.Float64Var(&f.o.Minutes, "minutes", 0, "as many steps as fit, by a rate measured first")
	s.Float64Var(&f.o.FLOPs, "flops", 0, "as many steps as this many floating-point operations allow, such as 1e15")
	s.Uint64Var(&f.seed, "seed", 0, "seed of everything random")
	s.BoolVar(&f.o.Resume, "resume", false, "go on with the run in --out")
	s.BoolVar(&f.o.Force, "force", false, "resume even though the recipe has changed")
	s.StringVar(&f.o.Tokenizer, "tokenizer", "", "tokenizer.json; without it one is learnt from the data")
	s.StringVar(&f.model, "tokenizer-model", "", "wordpiece or bpe, where one is learnt")
	s.BoolVar(&f.cased, "cased", false, "keep case and accents (wordpiece)")
	s.BoolVar(&f.half, "half", false, "round the weights to float16 at the end and store them so, in half the space")
	s.IntVar(&f.vocab, "vocab", 0, "size of the vocabulary")
	s.IntVar(&f.length, "length", 0, "tokens of a window")
	s.Float64Var(&f.short, "short", 0, "fraction of windows cut to a random length")
	s.IntVar(&f.batch, "batch", 0, "windows of a batch")
	s.IntVar(&f.accumulate, "accumulate", 0, "batches a step")
	s.Float64Var(&f.lr, "lr", 0, "peak learning rate")
	s.Float64Var(&f.heldBack, "held-back", 0, "fraction of the text held back to evaluate on")
	s.IntVar(&f.evalEvery, "eval-every", 0, "steps between evaluations")
	s.IntVar(&f.saveEvery, "save-every", 0, "steps between checkpoints")
	return cmd
}

func (f *pretrainFlags) run(ctx context.Context, c *console) error {
	if err := oneOf("--preset", f.preset, "tiny", "mini", "small"); err != nil {
		return err
	}
	if f.set.Changed("minutes") && !(f.o.Minutes > 0 && f.o.Minutes <= 1e6) {
		return usagef("--minutes: got %g, want more than 0", f.o.Minutes)
	}
	if f.set.Changed("flops") && !(f.o.FLOPs > 0 && f.o.FLOPs <= 1e24) {
		return usagef("--flops: got %g, want more than 0", f.o.FLOPs)
	}
	limits := 0
	for _, name := range []string{"minutes", "steps", "flops"} {
		if f.set.Changed(name) {
			limits++
		}
	}
	if limits > 1 {
		return usagef("--minutes, --steps and --flops exclude each other")
	}
	for _, path := range append(append([]string{f.o.Tokenizer, f.config}, f.o.Data...), f.o.Pairs...) {
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
	r, err := pretrain.Run(ctx, recipe, f.o)
	if err != nil {
		if missing != nil {
			tidyRun(f.o.Out, err)
		}
		return err
	}
	return c.answer(r, func(w io.Writer) error {
		beside := ""
		if r.UnigramLoss > 0 { // only what predicts tokens compares with them
			beside = fmt.Sprintf(" (unigrams: %.4f and %.4f)", r.UnigramLoss, r.UnigramAccuracy)
		}
		_, err := fmt.Fprintf(w, "%s: %d steps in %.0f s, %.2f a second\nheld back: loss %.4f and accuracy %.4f%s\n%s\n",
			f.o.Out, r.Steps, r.Seconds, r.PerSecond, r.EvalLoss, r.EvalAccuracy, beside, r.Digest)
		return err
	})
}

// tidyRun removes what a run that never began has left in a folder of its own making. A run that was stopped keeps everything.
func tidyRun(dir string, err error) {
	if errors.Is(err, train.ErrStopped) || errors.Is(err, context.Canceled) {
		return
	}
	if _, err := os.Stat(filepath.Join(dir, "recipe.json")); err == nil {
		return
	}
	_ = os.RemoveAll(dir)
}

// recipe is the preset's, then the file's, then the flags'.
func (f *pretrainFlags) recipe() (pretrain.Config, error) {
	c, err := pretrain.Default(f.preset)
	if err != nil {
		return c, err
	}
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return c, err
		}
		if c, err = pretrain.ParseConfig(raw, f.preset); err != nil {
			return c, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	for name, put := range map[string]func(){
		"steps": func() { c.Train = c.Train.WithSteps(f.steps) },
		"seed":  func() { c.Train.Seed = f.seed }, "lr": func() { c.Train.LR = f.lr },
		"accumulate": func() { c.Train.Accumulate = f.accumulate },
		"eval-every": func() { c.Train.EvalEvery = f.evalEvery }, "save-every": func() { c.Train.SaveEvery = f.saveEvery },
		"vocab": func() { c.Model.VocabSize = f.vocab }, "length": func() { c.Length = f.length }, "short": func() { c.Short = f.short },
		"batch": func() { c.Batch = f.batch }, "held-back": func() { c.Held = f.heldBack },
		"tokenizer-model": func() { c.Tokenizer = f.model }, "cased": func() { c.Cased = f.cased }, "half": func() { c.Half = f.half },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	return c, nil
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/text/pretrain"
)

// newPretrain trains base models.
func newPretrain(c *console) *cobra.Command {
	return group("pretrain", "Train a base model on data without labels", newPretrainText(c), newPretrainVision(c), newPretrainRL(c))
}

// pretrainFlags are the choices of pretrain text. Those of the recipe count only where they are set.
type pretrainFlags struct {
	runFlags
	o pretrain.Options

	vocab, length int
	short         float64
	model         string
	cased         bool
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
	f.add(s, "mini", "windows", "text")
	s.StringSliceVar(&f.o.Data, "data", nil, "text files and folders, or one corpus folder")
	s.StringSliceVar(&f.o.Pairs, "pairs", nil, "files of pairs of texts for the contrastive objective, JSON lines of a, b, kind and source; a corpus folder brings its own")
	s.Float64Var(&f.o.FLOPs, "flops", 0, "as many steps as this many floating-point operations allow, such as 1e15")
	s.StringVar(&f.o.Tokenizer, "tokenizer", "", "tokenizer.json; without it one is learnt from the data")
	s.StringVar(&f.model, "tokenizer-model", "", "wordpiece or bpe, where one is learnt")
	s.BoolVar(&f.cased, "cased", false, "keep case and accents (wordpiece)")
	s.IntVar(&f.vocab, "vocab", 0, "size of the vocabulary")
	s.IntVar(&f.length, "length", 0, "tokens of a window")
	s.Float64Var(&f.short, "short", 0, "fraction of windows cut to a random length")
	return cmd
}

func (f *pretrainFlags) run(ctx context.Context, c *console) error {
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
	if err := f.check(append(append([]string{f.o.Tokenizer}, f.o.Data...), f.o.Pairs...)...); err != nil {
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
	r, err := tidying(f.out, func() (pretrain.Result, error) { return pretrain.Run(ctx, recipe, f.o) })
	if err != nil {
		return err
	}
	return c.answer(r, func(w io.Writer) error {
		beside := ""
		if r.UnigramLoss > 0 { // only what predicts tokens compares with them
			beside = fmt.Sprintf(" (unigrams: %.4f and %.4f)", r.UnigramLoss, r.UnigramAccuracy)
		}
		_, err := fmt.Fprintf(w, "%s: %d steps in %.0f s, %.2f a second\nheld back: loss %.4f and accuracy %.4f%s\n%s\n",
			f.out, r.Steps, r.Seconds, r.PerSecond, r.EvalLoss, r.EvalAccuracy, beside, r.Digest)
		return err
	})
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
	f.apply(&c.Train, &c.Batch, &c.Held, &c.Half)
	f.put(map[string]func(){
		"vocab": func() { c.Model.VocabSize = f.vocab }, "length": func() { c.Length = f.length }, "short": func() { c.Short = f.short },
		"tokenizer-model": func() { c.Tokenizer = f.model }, "cased": func() { c.Cased = f.cased },
	})
	return c, nil
}

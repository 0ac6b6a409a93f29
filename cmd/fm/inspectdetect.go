package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/inspector"
	inspecttrain "github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
)

// detectFlags are the choices of adapt inspect where it learns from marked defects. Those of the recipe count only where they are set.
type detectFlags struct {
	method, eval, optimizer            string
	shots, steps, batch, folds, rank   int
	lr, held, falseBoxes, focus, level float64
	zoom, paste                        float64
	pad, turns                         int
	template, upright, resume          bool
	negative                           bool
	opposite                           map[string]string
}

// detectNames are the flags that only this has, and bankNames those that it lacks.
var (
	detectNames = []string{"eval", "shots", "steps", "batch", "folds", "rank", "lr", "held-back", "false-boxes", "focus", "level", "pad", "template", "upright", "zoom", "paste", "turns", "negative", "opposite", "optimizer", "resume"}
	bankNames   = []string{"size", "layers", "step", "cell", "standardize", "neighbourhood", "whiten", "whole", "coreset", "false-alarms", "names", "few", "blur", "min-area"}
)

func (f *detectFlags) add(s *pflag.FlagSet) {
	s.StringVar(&f.method, "method", "", "memory_bank (default), or learn from marked defects: full, head, scratch, lora, ia3, prefix, bottleneck, bitfit or last-k")
	s.StringVar(&f.eval, "eval", "", "with --method: pictures to score on; without it a seeded part of --data is held back, whole groups where it has some")
	s.IntVar(&f.shots, "shots", 0, "with --method: defective pictures of each label to learn from, by seed; 0 means all")
	s.IntVar(&f.steps, "steps", 0, "with --method: optimizer steps, each time it is trained")
	s.Float64Var(&f.lr, "lr", 0, "with --method: peak learning rate")
	s.IntVar(&f.batch, "batch", 0, "with --method: windows a step")
	s.IntVar(&f.rank, "rank", 0, "with --method lora: of the low-rank changes; default 8")
	s.IntVar(&f.folds, "folds", 0, "with --method: parts of the pictures, whole groups, each looked at by a detector trained without it to set the threshold; default 3, 0 means the held-back ones set it")
	s.Float64Var(&f.held, "held-back", 0, "with --method: fraction held back; default 0.1")
	s.Float64Var(&f.falseBoxes, "false-boxes", 0, "with --method: false boxes a picture that the threshold allows; default 1")
	s.Float64Var(&f.focus, "focus", 0, "with --method: share of the windows that are laid round defects")
	s.Float64Var(&f.level, "level", 0, "with --method, without templates: chance from which on a pixel belongs to a box")
	s.IntVar(&f.pad, "pad", 0, "with --method: boxes are this much larger each way than what is learnt to be the defect, pixels")
	s.BoolVar(&f.template, "template", true, "with --method: compare with templates; default where there are some and the base reads three channels")
	s.BoolVar(&f.upright, "upright", false, "with --method: learn from windows as they are, neither turned nor mirrored, where what is up matters")
	s.Float64Var(&f.zoom, "zoom", 0, "with --method: learn from windows that show the picture larger or smaller by at most this, where defects come in sizes that few pictures show")
	s.Float64Var(&f.paste, "paste", 0, "with --method: share of the windows into which defects of other pictures are pasted, those of pictures that come with a template, though none is compared with (--template=false)")
	s.BoolVar(&f.negative, "negative", false, "with --method, without templates: learn from negatives, too, white for black, where those look like other good pictures")
	s.StringToStringVar(&f.opposite, "opposite", nil, "with --negative: kinds of defects that are one another's in a negative, such as open=short,spur=mousebite")
	s.IntVar(&f.turns, "turns", 0, "with --method: look at every window in so many ways, turned and mirrored, up to 8, and take the mean; an answer takes as many times longer")
	s.StringVar(&f.optimizer, "optimizer", "", "with --method: adamw, or muon, which moves hidden matrices by Muon")
	s.BoolVar(&f.resume, "resume", false, "with --method: go on with a stopped run")
}

// recipe is the default, then the file's, then the flags'.
func (f *inspectFlags) recipe(base *vision.Model) (inspecttrain.Config, error) {
	set, err := dataset.Open(f.data)
	if err != nil {
		return inspecttrain.Config{}, badData(err)
	}
	l := &f.learn
	templates := inspecttrain.Templates(base, set.Items)
	if f.set.Changed("template") {
		templates = l.template
	}
	c := inspecttrain.Default(templates)
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return c, err
		}
		if c, err = inspecttrain.ParseConfig(raw); err != nil {
			return c, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	if c.Method != l.method {
		c.Method, c.Config = l.method, peft.Config{}
	}
	for name, put := range map[string]func(){
		"seed": func() { c.Train.Seed = f.s.Seed }, "abstain": func() { c.Abstain = f.s.Abstain }, "shots": func() { c.Shots = l.shots },
		"steps": func() { c.Train = c.Train.WithSteps(l.steps) }, "batch": func() { c.Batch = l.batch }, "lr": func() { c.Train.LR = l.lr },
		"folds": func() { c.Folds = l.folds }, "held-back": func() { c.Held = l.held }, "false-boxes": func() { c.FalseBoxes = l.falseBoxes },
		"focus": func() { c.Focus = l.focus }, "level": func() { c.Detector.Level = l.level },
		"upright": func() { c.Upright = l.upright }, "zoom": func() { c.Zoom = l.zoom }, "paste": func() { c.Paste = l.paste }, "turns": func() { c.Detector.Turns = l.turns }, "negative": func() { c.Negative = l.negative }, "opposite": func() { c.Opposite = l.opposite }, "optimizer": func() { c.Train.Optimizer = l.optimizer },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	if f.set.Changed("rank") {
		if l.method != peft.MethodLoRA {
			return c, usagef("--rank goes with --method lora")
		}
		if c.Config == (peft.Config{}) {
			c.Config, _ = peft.Default(l.method)
		}
		c.LoRA.Rank, c.LoRA.Alpha = l.rank, 2*float64(l.rank)
	}
	if t := c.Detector.Template; f.set.Changed("pad") && t != nil {
		t.Pad = l.pad
	} else if f.set.Changed("pad") {
		c.Detector.Pad = l.pad
	}
	return c, c.Validate()
}

// detect trains a detector.
func (f *inspectFlags) detect(cmd *cobra.Command, c *console) error {
	if err := oneOf("--method", f.learn.method, "full", "head", "scratch", "lora", "ia3", "prefix", "bottleneck", "bitfit", "last-k"); err != nil {
		return err
	}
	if err := f.goes("--method "+inspector.MemoryBank, bankNames); err != nil {
		return err
	}
	for _, path := range []string{f.data, f.learn.eval, f.config} {
		if _, err := os.Stat(path); path != "" && err != nil {
			return usageError{err}
		}
	}
	base, err := loadVision(cmd.Context(), c, f.base)
	if err != nil {
		return err
	}
	recipe, err := f.recipe(base)
	if err != nil {
		return err
	}
	d, err := inspecttrain.ReadData(f.data, f.learn.eval, recipe)
	if err != nil {
		return badData(err)
	}
	begin := time.Now()
	o := inspecttrain.Options{Out: f.out, Resume: f.learn.resume, Log: c.log, Terminal: c.terminal()}
	det, p, err := inspecttrain.Adapt(cmd.Context(), base, d, recipe, o)
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	answer := map[string]any{
		"adapter": f.out, "task": p.Task, "method": p.Method, "digest": p.Digest, "steps": p.Steps, "seconds": seconds, "metrics": p.Metrics,
		"kinds": det.Labels(), "pictures": len(d.Train), "threshold": det.Settings().Score, "template": recipe.Detector.Template != nil,
	}
	return c.answer(answer, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: kinds %q from %d pictures, %d steps, %.1f s\n%s\n%s\n", f.out, det.Labels(), len(d.Train), p.Steps, seconds, p.Metrics, p.Digest)
		return err
	})
}

// isDetector says whether a passport is that of an inspector that has learnt from marked defects.
func isDetector(p *adapter.Passport) bool { return p.Method != inspector.MemoryBank }

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/train"
)

// adaptFlags are the choices of adapt. Those of the recipe count only where they are set.
type adaptFlags struct {
	base, data, eval, out string
	taskFlags
	resume bool

	method        string
	few           fewFlags
	scratch, half bool
	shots         int
	seed          uint64
	epochs, lr    float64
	layerDecay    float64
	optimizer     string
	steps, batch  int
	length        int
	heldBack      float64
	grid          []string
	trust         trustFlags
	probe         string
	contrastive   float64
	logistic      float64
	config        string
}

// newAdapt trains an adapter.
func newAdapt(c *console) *cobra.Command {
	var subs []*cobra.Command
	for _, t := range tasks() {
		if t.adapt != nil {
			subs = append(subs, newAdaptTask(c, t))
		}
	}
	subs = append(subs, newAdaptSearch(c), newAdaptDocument(c), newAdaptAssist(c), newAdaptInspect(c), newAdaptPolicy(c))
	return group("adapt", "Train an adapter for a task on a base model", subs...)
}

func newAdaptTask(c *console, t task) *cobra.Command {
	f := &adaptFlags{}
	cmd := &cobra.Command{
		Use: t.name + " --base MODEL --data PATH --out DIR", Short: t.short, Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base", "data", "out"); err != nil {
				return err
			}
			return runAdapt(cmd, c, t, f)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.base, "base", "", "base model: "+baseUsage)
	s.StringVar(&f.data, "data", "", "what to train on: a file, of pictures a folder or a manifest")
	s.StringVar(&f.out, "out", "", "folder for the adapter, replaced if it holds one")
	s.StringVar(&f.eval, "eval", "", "what to score on; without it a seeded part of --data is held back")
	s.StringVar(&f.config, "config", "", "recipe in JSON, as an adapter's fmkit.json has it; other flags win")
	s.StringVar(&f.method, "method", "", "full, head, lora, ia3, prefix, bottleneck, bitfit or last-k")
	f.few.add(s)
	s.StringVar(&f.optimizer, "optimizer", train.AdamW, "`name`: adamw, or muon, which moves hidden matrices by Muon")
	s.Float64Var(&f.layerDecay, "layer-decay", 0, "with --method full a block learns at this times the rate of the block above it, such as 0.8")
	s.BoolVar(&f.scratch, "scratch", false, "start from random weights instead of the base's: what pretraining has to beat")
	s.BoolVar(&f.half, "half", false, "round the weights to float16 and store them so, in half the space")
	s.IntVar(&f.shots, "shots", 0, "examples of each class to train on, by seed; 0 means all")
	s.Uint64Var(&f.seed, "seed", 1, "seed of everything random")
	s.Float64Var(&f.epochs, "epochs", 0, "passes over the examples")
	s.IntVar(&f.steps, "steps", 0, "optimizer steps instead of epochs")
	s.Float64Var(&f.lr, "lr", 0, "peak learning rate")
	s.IntVar(&f.batch, "batch", 0, "rows a step")
	s.IntVar(&f.length, "length", 0, "most tokens of a row")
	s.Float64Var(&f.heldBack, "held-back", 0, "fraction held back to score on")
	s.Float64Var(&f.logistic, "logistic", 0, "inverse regularization of the logistic regression that the head starts from before the whole model is tuned, and that is all of it with --method head, unless --lr, --epochs, --steps or --batch say to learn it step by step; 0: a random head (classify; default 0.3, of pictures 1)")
	s.StringVar(&f.probe, "probe", "", "rate and epochs, such as 1e-2:60, at which the head alone is fitted before the whole model is tuned")
	s.Float64Var(&f.contrastive, "contrastive", 0, "tune the model by drawing together the vectors of a class and pushing others apart, at this temperature such as 0.1, and fit the head at once in the end (classify; full, lora and others)")
	s.StringSliceVar(&f.grid, "grid", nil, "choices of rate and epochs for a development split, such as 1e-4:5,1e-3:20")
	if t.trust != nil {
		t.trust(&f.trust, s)
	}
	s.BoolVar(&f.resume, "resume", false, "go on with a stopped run")
	if t.flags != nil {
		t.flags(&f.taskFlags, s)
	}
	return cmd
}

func runAdapt(cmd *cobra.Command, c *console, t task, f *adaptFlags) error {
	if err := oneOf("--method", f.method, "full", "head", "lora", "ia3", "prefix", "bottleneck", "bitfit", "last-k", "scratch"); err != nil {
		return err
	}
	for _, path := range []string{f.data, f.eval, f.config} {
		if path == "" {
			continue
		}
		if _, err := os.Stat(path); err != nil {
			return usageError{err}
		}
	}
	if f.config != "" {
		var err error
		if f.recipe, err = readBounded(f.config, 1<<20); err != nil {
			return err
		}
	}
	b, err := findBase(cmd.Context(), c, f.base)
	if err != nil {
		return err
	}
	begin := time.Now()
	p, err := t.adapt(cmd.Context(), b, f, finetune.Options{Out: f.out, Resume: f.resume, Log: c.log, Terminal: c.terminal()})
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	answer := map[string]any{
		"adapter": f.out, "task": p.Task, "method": p.Method, "digest": p.Digest, "steps": p.Steps, "seconds": seconds, "metrics": p.Metrics,
	}
	return c.answer(answer, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %s, %d steps, %.1f s\n%s\n%s\n", f.out, p.Task, p.Steps, seconds, p.Metrics, p.Digest)
		return err
	})
}

// apply puts the flags that are set into a recipe.
func (f *adaptFlags) apply(c *finetune.Config) error {
	for name, put := range map[string]func(){
		"method": func() { c.Method = f.method }, "shots": func() { c.Shots = f.shots }, "seed": func() { c.Seed = f.seed },
		"epochs": func() { c.Epochs, c.Steps = f.epochs, 0 }, "lr": func() { c.LR = f.lr }, "batch": func() { c.Batch = f.batch },
		"length": func() { c.MaxLength = f.length }, "held-back": func() { c.Held = f.heldBack },
		"half": func() { c.Half = f.half }, "layer-decay": func() { c.LayerDecay = f.layerDecay },
		"optimizer": func() { c.Optimizer = f.optimizer },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	if f.set.Changed("steps") {
		c.Steps = f.steps
	}
	if f.scratch {
		if f.method != "" && f.method != "scratch" {
			return usagef("--scratch goes with no --method")
		}
		c.Method = "scratch"
	}
	if err := f.few.apply(f.set, c); err != nil {
		return err
	}
	f.trust.apply(f.set, &c.Calibration)
	gradual := f.set.Changed("lr") || f.set.Changed("epochs") || f.set.Changed("steps") || f.set.Changed("batch")
	if f.set.Changed("probe") || c.Method == adapter.Head && gradual {
		c.Logistic = 0 // of the task's own recipe
	}
	if f.set.Changed("probe") {
		var err error
		if c.Probe, err = parseChoice("--probe", f.probe); err != nil {
			return err
		}
	}
	if f.set.Changed("contrastive") {
		c.Contrastive = f.contrastive
	}
	if f.set.Changed("logistic") {
		c.Logistic = f.logistic
	}
	if f.set.Changed("grid") {
		c.Grid = nil
		for _, g := range f.grid {
			choice, err := parseChoice("--grid", g)
			if err != nil {
				return err
			}
			c.Grid = append(c.Grid, choice)
		}
	}
	return nil
}

// parseChoice reads LR:EPOCHS.
func parseChoice(flag, s string) (finetune.Choice, error) {
	lr, epochs, ok := strings.Cut(s, ":")
	a, err1 := strconv.ParseFloat(lr, 64)
	b, err2 := strconv.ParseFloat(epochs, 64)
	if !ok || err1 != nil || err2 != nil {
		return finetune.Choice{}, usagef("%s: got %q, want a rate and epochs such as 1e-4:5", flag, s)
	}
	return finetune.Choice{LR: a, Epochs: b}, nil
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/policy"
	qatrain "github.com/fmkit/fmkit/adapters/qa/train"
	sumtrain "github.com/fmkit/fmkit/adapters/summarizer/train"
	tagtrain "github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/shared/transfer"
)

// transferFlags are the choices of report transfer.
type transferFlags struct {
	base, data, eval, out string
	arms, budgets         []string
	shots, seeds, batch   int
	first                 uint64
	held, pretrained      float64
	group                 string
	upright               bool
	env, expert           string
	recorded, episodes    int
	elsewhere             elsewhere
	grid                  []string
	probe, optimizer      string
	logistic              float64
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
		Long: "Examples of a TASK (classify, of texts or with a vision base of pictures, qa, summarize, tag, inspect, policy) learnt by five arms: a cheap baseline, the base's model from " +
			"random weights, and the base with a head alone, by low-rank changes, and tuned as a whole; from several numbers of labels, with several seeds.\n\n" +
			"The baselines are TF-IDF + linear, HOG + linear SVM, a sliding window (qa), the first sentences or TextRank (summarize), a perceptron (tag), and the difference from a " +
			"template or principal components (inspect), and a plain network (policy).\n\n" + inspectTransferHelp + "\n\n" + policyTransferHelp + "\n\nEach arm " +
			"chooses its settings on a development split, those that are trained from the same grid; all are scored on the same examples with every seed. Pretraining pays where " +
			"the base beats both scratch and the baseline by intervals, paired by seed and example, that exclude zero. With --out the report is written there as " +
			"report.html and report.json, and a report that was stopped goes on when it is called again.",
		Args: exactly("TASK"),
		RunE: func(cmd *cobra.Command, args []string) error {
			compare, ok := comparisons()[args[0]]
			if !ok {
				return usagef("report transfer: got task %q, want classify, qa, summarize, tag, inspect or policy", args[0])
			}
			wanted := []string{"base", "data"}
			if args[0] == policy.Task {
				wanted = wanted[:1]
			}
			if err := need(cmd, wanted...); err != nil {
				return err
			}
			if err := f.goes(args[0]); err != nil {
				return err
			}
			defer f.elsewhere.close()
			r, err := f.run(cmd.Context(), c, args[0], compare)
			if err != nil {
				return err
			}
			return c.answer(r, r.WriteText)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.base, "base", "", "base model: "+baseUsage)
	s.StringVar(&f.data, "data", "", "what to train on: a file, of pictures a folder or a manifest, of policy a folder of episodes")
	s.StringVar(&f.eval, "eval", "", "what to score on; without it a seeded part of --data is held back")
	s.StringVar(&f.out, "out", "", "folder for report.html, report.json and what is done so far")
	s.StringSliceVar(&f.arms, "arms", transfer.Names(), "what to compare; another method of adapt, such as ia3, may be one")
	s.StringSliceVar(&f.budgets, "budgets", nil, "numbers of labels, of each class or kind of defect where there are some, ascending, or all (default a hundredth, a tenth and all)")
	s.Float64Var(&f.held, "held-back", 0.2, "fraction held back to score on (inspect: default 0.5)")
	s.IntVar(&f.shots, "shots", 0, "the same as --budgets with one number")
	s.IntVar(&f.seeds, "seeds", 3, "how many seeds to run with")
	s.Uint64Var(&f.first, "first-seed", 1, "the first of them")
	s.IntVar(&f.batch, "batch", 32, "rows, of inspect windows and of policy observations, a step (default what the task's recipe has, of classify 32)")
	s.StringSliceVar(&f.grid, "grid", nil, "choices of rate and epochs, such as 3e-4:20,1e-3:20; no epochs (3e-4:0) means as many as suit the number of examples; of inspect and policy rate and steps, such as 1e-3:400 (default by task)")
	s.Float64Var(&f.logistic, "logistic", 0, "inverse regularization of the logistic regression that the heads of all trained arms start from; 0: random heads (classify; default 0.3, of pictures 1)")
	s.StringVar(&f.probe, "probe", "", "fit the heads alone first, in the arms that tune more: rate and epochs, such as 1e-2:60")
	s.StringVar(&f.optimizer, "optimizer", train.AdamW, "of arms that tune blocks, full, scratch and last-k: adamw, or muon, which moves hidden matrices by Muon")
	s.Float64Var(&f.pretrained, "pretraining-minutes", 0, "what the base took to pretrain, to say when it has paid by compute (default what its card says)")
	s.StringVar(&f.group, "test-group", "", "inspect: group of pictures to score on, such as a kind of board")
	s.BoolVar(&f.upright, "upright", false, "inspect: learn from windows as they are, neither turned nor mirrored, where what is up matters")
	s.StringVar(&f.env, "env", "", "policy: environment, one of fm env list, or python:ID of Python's Gymnasium; with --data the episodes' own")
	s.StringVar(&f.expert, "expert", "", "policy: whose episodes are recorded and learnt from instead of --data: scripted, or the folder of a policy")
	s.IntVar(&f.recorded, "expert-episodes", 50, "policy: how many of them")
	s.IntVar(&f.episodes, "episodes", 20, "policy: episodes that are played for a score")
	f.elsewhere.flags(s)
	f.addColumns(s)
	f.addNormalize(s)
	return cmd
}

// goes refuses flags that a task has no use for.
func (f *transferFlags) goes(task string) error {
	for _, g := range []struct {
		names, tasks []string
	}{
		{[]string{"test-group", "upright"}, []string{inspector.Task}},
		{[]string{"env", "expert", "expert-episodes", "episodes", "python", "mjcf"}, []string{policy.Task}},
		{[]string{"eval", "held-back"}, []string{"classify", "qa", "summarize", "tag", inspector.Task}},
		{[]string{"probe", "logistic", "optimizer"}, []string{"classify", "qa", "summarize", "tag"}},
	} {
		for _, name := range g.names {
			if f.set.Changed(name) && !slices.Contains(g.tasks, task) {
				return usagef("report transfer: --%s goes with %s", name, strings.Join(g.tasks, ", "))
			}
		}
	}
	return nil
}

// A comparing compares the arms of one task for a base.
type comparing func(ctx context.Context, c *console, b *base, f *transferFlags, o transfer.Options) (*transfer.Report, error)

// comparisons are those that report transfer knows, by task.
func comparisons() map[string]comparing {
	texts := transferOf(classifytrain.TransferTexts(), (*base).load, (*transferFlags).classified)
	pictures := transferOf(classifytrain.TransferPictures(), (*base).loadVision, (*transferFlags).classified)
	return map[string]comparing{
		"classify": func(ctx context.Context, c *console, b *base, f *transferFlags, o transfer.Options) (*transfer.Report, error) {
			if b.vision() {
				return pictures(ctx, c, b, f, o)
			}
			return texts(ctx, c, b, f, o)
		},
		"qa":        transferOf(qatrain.Transfer(), (*base).load, nil),
		"summarize": transferOf(sumtrain.Transfer(), (*base).load, nil),
		"tag":       transferOf(tagtrain.Transfer(), (*base).load, nil),
		"inspect":   transferInspect,
		"policy":    transferPolicy,
	}
}

// transferOf makes the comparison of a subject. own puts the flags that only its task has into the recipe; nil where it has none.
func transferOf[M finetune.Base[M], C, E any, P finetune.Predictor](s transfer.Subject[M, C, E, P], model func(b *base) (M, error), own func(f *transferFlags, c *C)) comparing {
	return func(ctx context.Context, _ *console, b *base, f *transferFlags, o transfer.Options) (*transfer.Report, error) {
		c := s.Task.Defaults()
		if err := f.apply(s.Task.Tuning(&c)); err != nil {
			return nil, err
		}
		if own != nil {
			own(f, &c)
		}
		m, err := model(b)
		if err != nil {
			return nil, err
		}
		d, err := s.Task.ReadData(f.data, f.eval, c)
		if err != nil {
			return nil, badData(err)
		}
		return s.Compare(ctx, m, d, c, o)
	}
}

// minis are the bases that mini alone means, where it isn't text/mini.
var minis = map[string]string{inspector.Task: "vision/mini", policy.Task: "rl/mini"}

func (f *transferFlags) run(ctx context.Context, c *console, task string, compare comparing) (*transfer.Report, error) {
	if f.eval == "" && !(f.held > 0 && f.held < 1) {
		return nil, usagef("--held-back: got %g, want more than 0 and less than 1", f.held)
	}
	budgets, err := f.numbers()
	if err != nil {
		return nil, err
	}
	name := f.base
	if mini := minis[task]; name == "mini" && mini != "" {
		name = mini
	}
	b, err := findBase(ctx, c, name)
	if err != nil {
		return nil, err
	}
	o := transfer.Options{Arms: f.arms, Budgets: budgets, Seeds: f.seeds, First: f.first, Held: f.held, Dir: f.out, Log: c.log}
	if o.Pretraining = 60 * f.pretrained; !f.set.Changed("pretraining-minutes") {
		o.Pretraining = transfer.PretrainingSeconds(b.fsys)
	}
	r, err := compare(ctx, c, b, f, o)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return r, f.write(r)
}

// numbers reads the budgets; none: those of the task.
func (f *transferFlags) numbers() ([]int, error) {
	switch {
	case f.set.Changed("shots") && f.set.Changed("budgets"):
		return nil, usagef("--shots goes with no --budgets")
	case f.set.Changed("shots"):
		return []int{f.shots}, nil
	}
	var all []int
	for _, s := range f.budgets {
		n, err := strconv.Atoi(s)
		if s == "all" {
			n = transfer.All
		} else if err != nil || n < 1 {
			return nil, usagef("--budgets: got %q, want a number of labels or all", s)
		}
		all = append(all, n)
	}
	return all, nil
}

// settings reads a grid of rates and steps; none: that of the task.
func (f *transferFlags) settings() ([]transfer.Setting, error) {
	var all []transfer.Setting
	for _, g := range f.grid {
		rate, steps, ok := strings.Cut(g, ":")
		lr, err1 := strconv.ParseFloat(rate, 64)
		n, err2 := strconv.Atoi(steps)
		if !ok || err1 != nil || err2 != nil {
			return nil, usagef("--grid: got %q, want a rate and a number of steps such as 1e-3:400", g)
		}
		all = append(all, transfer.Setting{LR: lr, Steps: n})
	}
	return all, nil
}

// apply puts the flags that every task has into a recipe.
func (f *transferFlags) apply(c *finetune.Config) error {
	if f.set.Changed("batch") {
		c.Batch = f.batch
	}
	for _, g := range f.grid {
		choice, err := parseChoice("--grid", g)
		if err != nil {
			return err
		}
		c.Grid = append(c.Grid, choice)
	}
	if f.set.Changed("optimizer") {
		c.Optimizer = f.optimizer
	}
	if f.probe != "" {
		var err error
		if c.Probe, err = parseChoice("--probe", f.probe); err != nil {
			return err
		}
	}
	return nil
}

// classified puts the flags of classify into a recipe.
func (f *transferFlags) classified(c *classifytrain.Config) {
	if !f.set.Changed("batch") {
		c.Batch = 32
	}
	switch {
	case f.set.Changed("logistic"):
		c.Logistic = f.logistic
	case f.probe != "":
		c.Logistic = 0
	}
	f.classify(c)
}

// write leaves the report in its folder, where there is one.
func (f *transferFlags) write(r *transfer.Report) error {
	if f.out == "" {
		return nil
	}
	var page, object bytes.Buffer
	if err := r.WriteHTML(&page); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := writeLine(&object, r); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for name, content := range map[string][]byte{"report.html": page.Bytes(), "report.json": object.Bytes()} {
		if err := checkpoint.WriteFile(filepath.Join(f.out, name), content); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return nil
}

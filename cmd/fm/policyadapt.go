package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/policy"
	policytrain "github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/adapter"
)

// policyFlags are the choices of adapt policy. Those of the recipe count only where they are set.
type policyFlags struct {
	base, env, data, algorithm, method, out, config string
	steps, episodes, context                        int
	seed                                            uint64
	lr, top, target, margin                         float64
	fallback                                        []float32
	resume                                          bool
	elsewhere                                       elsewhere
	set                                             *pflag.FlagSet
}

func newAdaptPolicy(c *console) *cobra.Command {
	f := &policyFlags{}
	cmd := &cobra.Command{
		Use: policy.Task + " --base MODEL|none (--env ID | --data DIR) --out DIR", Short: "Act in an environment, learning by playing it or from recorded episodes", Args: none,
		Long: "Act in an environment.\n\n  ppo     by playing it: proximal policy optimization\n  clone   from episodes: what was done after an observation; --top 0.1 learns from the best tenth\n" +
			"  return  from episodes: what was done after some steps, given the return that was to come; it is asked for a return, --target times the best one seen\n\n" +
			"Without a base the model begins with random weights.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base", "out"); err != nil {
				return err
			}
			return f.run(cmd, c)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.base, "base", "", "model of trajectories: rl/mini, a folder, org/name[@revision] of the hub, or none")
	s.StringVar(&f.env, "env", "", "environment, one of fm env list, or python:ID of Python's Gymnasium; with --data the episodes' own")
	f.elsewhere.flags(s)
	s.StringVar(&f.data, "data", "", "folder of episodes to learn from")
	s.StringVar(&f.algorithm, "algorithm", "", "ppo, clone or return; default ppo, with --data clone")
	s.StringVar(&f.method, "method", "", "what is trained: full, head, lora, ia3, prefix, bottleneck, bitfit, last-k, or scratch, which starts from random weights (default full, without a base scratch)")
	s.StringVar(&f.out, "out", "", "folder for the adapter, replaced if it holds one")
	s.StringVar(&f.config, "config", "", "recipe in JSON, as an adapter's fmkit.json has it; other flags win")
	s.IntVar(&f.steps, "steps", 0, "steps of the environment, or with --data of the optimizer")
	s.Uint64Var(&f.seed, "seed", 1, "seed of everything random")
	s.Float64Var(&f.lr, "lr", 0, "peak learning rate")
	s.IntVar(&f.episodes, "episodes", 0, "episodes played at the end for a score")
	s.IntVar(&f.context, "context", 0, "return: steps that the policy reads")
	s.Float64Var(&f.top, "top", 0, "clone, return: fraction of the episodes, those of the highest return, to learn from")
	s.Float64Var(&f.target, "target", 0, "return: what is asked for, times the best return")
	s.Float64Var(&f.margin, "margin", 0, "how far outside its training an observation may be, as a share of the range there")
	s.Var(&float32s{&f.fallback}, "fallback", "action after an observation further out, numbers separated by commas; default 0 or what is nearest to it")
	s.BoolVar(&f.resume, "resume", false, "go on with a stopped run")
	return cmd
}

// recipe is the default for the algorithm and environment, then the file's, then the flags'.
func (f *policyFlags) recipe() (policytrain.Config, error) {
	algorithm := policytrain.Online
	if f.data != "" {
		algorithm = policytrain.Clone
	}
	c := policytrain.Default(cmp.Or(f.algorithm, algorithm), f.env)
	if f.base == policy.NoBase {
		c.Method = adapter.Scratch
	}
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return c, err
		}
		if c, err = policytrain.ParseConfig(raw); err != nil {
			return c, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	for name, put := range map[string]func(){
		"algorithm": func() { c.Algorithm = f.algorithm }, "env": func() { c.Environment = f.env }, "method": func() { c.Method = f.method }, "steps": func() { c.Steps = f.steps },
		"seed": func() { c.Seed = f.seed }, "lr": func() { c.PPO.LR, c.Cloning.LR = f.lr, f.lr }, "episodes": func() { c.Episodes = f.episodes },
		"context": func() { c.Cloning.Context = f.context }, "top": func() { c.Cloning.Top = f.top }, "target": func() { c.Cloning.Target = f.target },
		"margin": func() { c.Margin = f.margin }, "fallback": func() { c.Fallback = f.fallback },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	return c, c.Validate()
}

func (f *policyFlags) run(cmd *cobra.Command, c *console) error {
	if err := oneOf("--algorithm", f.algorithm, policytrain.Online, policytrain.Clone, policytrain.Return); err != nil {
		return err
	}
	if f.data == "" && f.env == "" && f.config == "" {
		return usagef("adapt policy: want --env to play or --data to learn from")
	}
	for _, path := range []string{f.data, f.config} {
		if _, err := os.Stat(path); path != "" && err != nil {
			return usageError{err}
		}
	}
	recipe, err := f.recipe()
	if err != nil {
		return err
	}
	if (f.data == "") != (recipe.Algorithm == policytrain.Online) {
		return usagef("adapt policy: algorithm %s: want --data with clone and return only", recipe.Algorithm)
	}
	base, err := loadTrajectories(cmd.Context(), c, f.base)
	if err != nil {
		return err
	}
	if base != nil && f.config == "" && !f.set.Changed("context") {
		recipe.Cloning.Context = min(recipe.Cloning.Context, base.Config.Context) // the default is for a base that reads as much
	}
	var episodes trajectory.Source
	if f.data != "" {
		if episodes, err = openEpisodes(f.data); err != nil {
			return badData(err)
		}
		if closer, ok := episodes.(io.Closer); ok {
			defer closer.Close()
		}
	}
	constructor, err := f.elsewhere.of(cmd.Context(), recipe.Environment, false)
	if err != nil {
		return err
	}
	defer f.elsewhere.close()
	begin := time.Now()
	_, p, err := policytrain.Adapt(cmd.Context(), base, episodes, recipe, policytrain.Options{
		Out: f.out, Resume: f.resume, Data: f.data, Log: c.log, Terminal: c.terminal(), New: constructor,
	})
	if err != nil {
		return err
	}
	seconds := time.Since(begin).Seconds()
	answer := map[string]any{
		"adapter": f.out, "task": p.Task, "algorithm": recipe.Algorithm, "method": p.Method, "digest": p.Digest, "steps": p.Steps, "seconds": seconds, "metrics": p.Metrics,
	}
	return c.answer(answer, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %s, %d steps, %.1f s\n%s\n%s\n", f.out, p.Task, p.Steps, seconds, p.Metrics, p.Digest)
		return err
	})
}

// openEpisodes opens a folder of episodes.
func openEpisodes(dir string) (trajectory.Source, error) { return trajectory.Open(dir) }

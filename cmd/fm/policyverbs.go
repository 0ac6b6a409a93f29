package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/policy"
	policytrain "github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/shared/adapter"
)

// policyFields is the line of predict's help about policies.
const policyFields = "  policy     {\"observation\"}            {\"action\", \"probabilities\", \"value\", \"fallback\", \"episode\", \"step\", \"verdict\", \"confidence\", \"why\"}; in lines also begin, reward, target, sample\n"

// policyPlay are the flags of eval and predict that only policies have.
type policyPlay struct {
	env, log string
	also     []string
	episodes int
	seed     int64
	sample   bool
	target   float64
	elsewhere
	set *pflag.FlagSet
}

// add adds those of predict.
func (f *policyPlay) add(s *pflag.FlagSet) {
	f.set = s
	s.Int64Var(&f.seed, "seed", 1, "policy: seed of what is drawn, and of the first episode")
	s.BoolVar(&f.sample, "sample", false, "policy: draw actions instead of taking the likeliest")
	s.Float64Var(&f.target, "target", 0, "policy: return to ask for, of one that reads returns")
	s.StringVar(&f.log, "log", "", "policy: file for all decisions as JSON lines, which fm verify --log replays")
}

// addEval adds those of eval.
func (f *policyPlay) addEval(s *pflag.FlagSet) {
	f.add(s)
	s.StringVar(&f.env, "env", "", "policy: environment to play; default the one that it was trained for")
	f.elsewhere.flags(s)
	s.IntVar(&f.episodes, "episodes", 100, "policy: episodes to play")
	s.StringSliceVar(&f.also, "also", nil, "policy: adapters of other seeds, to score together")
}

// logTo begins the log of p, nil for none. done closes it.
func (f *policyPlay) logTo(p *policy.Policy) (l *policy.Log, done func() error, err error) {
	if f.log == "" {
		return nil, func() error { return nil }, nil
	}
	file, err := os.Create(f.log)
	if err != nil {
		return nil, nil, usageError{err}
	}
	w := bufio.NewWriter(file)
	done = func() error { return errors.Join(w.Flush(), file.Close()) }
	if l, err = policy.NewLog(w, p, uint64(f.seed)); err != nil {
		return nil, nil, errors.Join(err, done())
	}
	return l, done, nil
}

// eval scores policies by playing.
func (f *policyPlay) eval(cmd *cobra.Command, c *console, dir, baseName string) (err error) {
	if err := need(cmd, "adapter"); err != nil {
		return err
	}
	if f.episodes < 1 || f.episodes > maxEpisodes || f.seed < 0 {
		return usagef("eval policy: got %d episodes from seed %d on, want 1 to %d from 0 on", f.episodes, f.seed, maxEpisodes)
	}
	if f.log != "" && len(f.also) > 0 {
		return usagef("eval policy: --log is of one adapter")
	}
	var all []*policy.Policy
	for _, d := range append([]string{dir}, f.also...) {
		p, err := openPolicy(cmd.Context(), c, d, baseName)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	if f.env == "" {
		f.env = all[0].Settings().Environment.ID
	}
	o := policy.EvaluateOptions{Episodes: f.episodes, Seed: f.seed, Sample: f.sample}
	if o.New, err = f.of(cmd.Context(), f.env, false); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	if f.set.Changed("target") {
		o.Target = &f.target
	}
	var done func() error
	if o.Log, done, err = f.logTo(all[0]); err != nil {
		return err
	}
	s, err := policy.Evaluate(cmd.Context(), all, f.env, o)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	return c.answer(s, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: mean return %.2f %.2f, middle half %.2f %.2f, from %.2f to %.2f; %d episodes of %.1f steps, %d seeds\n",
			s.Env, s.MeanReturn, s.Interval["mean_return"], s.IQM, s.Interval["iqm"], s.MinReturn, s.MaxReturn, s.Episodes, s.MeanLength, s.Seeds)
		return err
	})
}

// predict answers lines of observations, of one episode after another.
func (f *policyPlay) predict(ctx context.Context, c *console, dir, baseName string) error {
	p, err := openPolicy(ctx, c, dir, baseName)
	if err != nil {
		return err
	}
	log, done, err := f.logTo(p)
	if err != nil {
		return err
	}
	s := p.NewSession(uint64(f.seed))
	if f.set.Changed("target") {
		s.Ask(f.target)
	}
	err = predictLines(ctx, c, func(ctx context.Context, line []byte) (any, error) {
		a, err := s.PredictJSON(ctx, line, f.sample)
		if err == nil && log != nil {
			err = log.Write(a.Decision)
		}
		return a, err
	})
	return errors.Join(err, done())
}

// unused refuses the flags where they mean nothing.
func (f *policyPlay) unused(verb string) error {
	for _, name := range []string{"seed", "sample", "target", "log", "env", "episodes", "also", "python", "mjcf"} {
		if f.set.Changed(name) {
			return usagef("%s: --%s is for policies", verb, name)
		}
	}
	return nil
}

// verifyPolicy trains a policy again, or where log is set makes its decisions again.
func verifyPolicy(ctx context.Context, c *console, dir, baseName string) (adapter.Verification, error) {
	base, err := policyBase(ctx, c, dir, baseName)
	if err != nil {
		return adapter.Verification{}, err
	}
	return policytrain.Verify(ctx, dir, base, openEpisodes, policytrain.Options{Log: c.log, Terminal: c.terminal()})
}

// replayPolicy makes the decisions of a log again.
func replayPolicy(ctx context.Context, c *console, dir, baseName, log string) error {
	if !isPolicy(dir) {
		return usagef("verify: --log is for policies")
	}
	p, err := openPolicy(ctx, c, dir, baseName)
	if err != nil {
		return err
	}
	file, err := os.Open(log)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	n, err := p.Replay(bufio.NewReader(file))
	if err != nil {
		return err
	}
	return c.answer(map[string]any{"decisions": n, "match": true}, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%d decisions, all the same\n", n)
		return err
	})
}

// float32s is a flag of numbers separated by commas.
type float32s struct{ v *[]float32 }

// Set implements pflag.Value.
func (f *float32s) Set(text string) error {
	*f.v = nil
	for part := range bytes.SplitSeq([]byte(text), []byte(",")) {
		x, err := strconv.ParseFloat(strings.TrimSpace(string(part)), 32)
		if err != nil {
			return err
		}
		*f.v = append(*f.v, float32(x))
	}
	return nil
}

// String implements pflag.Value.
func (f *float32s) String() string {
	if f.v == nil || len(*f.v) == 0 {
		return ""
	}
	return strings.Trim(fmt.Sprint(*f.v), "[]")
}

// Type implements pflag.Value.
func (f *float32s) Type() string { return "numbers" }

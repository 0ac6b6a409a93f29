package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	trajectories "github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/rerun"
	"github.com/fmkit/fmkit/text/pretrain"
	autoencoder "github.com/fmkit/fmkit/vision/pretrain"
)

var (
	// errDigest: what was trained again has other weights.
	errDigest = errors.New("the weights differ")
	// errChanged: weights or recipe are not those on record.
	errChanged = errors.New("not what was trained")
)

// newVerify trains again and compares.
func newVerify(c *console) *cobra.Command {
	var baseName, log string
	var last, workers int
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Train an adapter or a run again from its recipe and data, and compare the SHA-256 of the weights",
		Args:  exactly("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if last < 0 || workers < 0 {
				return usagef("--last %d and --workers %d: want 0 or more", last, workers)
			}
			if workers > 0 {
				kernels.SetWorkers(workers)
				defer kernels.SetWorkers(0)
			}
			if log != "" {
				return replayPolicy(cmd.Context(), c, args[0], baseName, log)
			}
			v, err := verify(cmd.Context(), c, args[0], baseName, last)
			if errors.Is(err, adapter.ErrDigest) || errors.Is(err, adapter.ErrRecipe) || errors.Is(err, adapter.ErrChanged) {
				return fmt.Errorf("%w: %s: %v", errChanged, args[0], err) // a verification that failed, no bad input
			}
			if err != nil {
				return err
			}
			err = c.answer(v, func(w io.Writer) error {
				verdict := "the same weights"
				if !v.Match {
					verdict = "other weights: " + v.Got
				}
				_, err := fmt.Fprintf(w, "%s\n%d steps in %.1f s gave %s\n", v.Want, v.Steps, v.Seconds, verdict)
				return err
			})
			if err == nil && !v.Match {
				return fmt.Errorf("%w: got %s, want %s", errDigest, v.Got, v.Want)
			}
			return err
		},
	}
	cmd.Flags().IntVar(&last, "last", 0, "of a run: train the last steps only, at least this many, from a checkpoint that it has kept")
	cmd.Flags().StringVar(&log, "log", "", "of a policy: make the decisions in this log again and compare them, instead of training")
	cmd.Flags().IntVar(&workers, "workers", 0, "workers to share the work among; the weights don't depend on it")
	cmd.Flags().StringVar(&baseName, "base", "", "base model of an adapter, "+baseUsage+"; default the one that it names")
	return cmd
}

// verify tells an adapter from a run by its files.
func verify(ctx context.Context, c *console, dir, baseName string, last int) (adapter.Verification, error) {
	if _, err := os.Stat(dir); err != nil {
		return adapter.Verification{}, usageError{err}
	}
	again := rerun.Options{Log: c.log, Terminal: c.terminal(), Last: last}
	switch {
	case pretrain.IsRun(dir):
		return pretrain.Verify(ctx, dir, again)
	case autoencoder.IsRun(dir):
		return autoencoder.Verify(ctx, dir, again)
	case trajectories.IsRun(dir):
		return trajectories.Verify(ctx, dir, again)
	}
	if last > 0 {
		return adapter.Verification{}, usagef("--last: %s is an adapter, want the folder of a run", dir)
	}
	if isInspector(dir) {
		return verifyInspector(ctx, c, dir, baseName)
	}
	if isPolicy(dir) {
		return verifyPolicy(ctx, c, dir, baseName)
	}
	if isAssistant(dir) {
		return verifyAssist(ctx, c, dir, baseName)
	}
	t, b, err := openAdapter(ctx, c, dir, baseName)
	if err != nil {
		return adapter.Verification{}, err
	}
	return t.verify(ctx, dir, b, finetune.Options{Log: c.log, Terminal: c.terminal()})
}

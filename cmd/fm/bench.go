package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/bench"
)

// newBench compares speed with other libraries.
func newBench(c *console) *cobra.Command {
	return group(
		"bench", "Time this module, beside another library",
		newBenchKind(c, "kernels", "Matrix products of encoder layers, in three forms", []string{"openblas", "torch"}, bench.Kernels),
		newBenchTrain(c),
		newBenchInfer(c),
		newBenchTokenizer(c),
		newBenchPictures(c),
		newBenchInspect(c),
		newBenchServe(c),
	)
}

// newBenchKind is a bench that needs nothing but a peer and numbers of threads.
func newBenchKind(c *console, name, short string, peers []string, run func(context.Context, bench.Options) (bench.Report, error)) *cobra.Command {
	cmd, o := benchCommand(c, name, short)
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", peers))
	threadsFlag(cmd, o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkThreads(o.Threads); err != nil {
			return err
		}
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		return runBench(c, *o, func() (bench.Report, error) { return run(cmd.Context(), *o) })
	}
	return cmd
}

func newBenchTrain(c *console) *cobra.Command {
	peers := []string{"torch"}
	cmd, o := benchCommand(c, "train", "A training step of the mini preset")
	var names, methods []string
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", peers))
	cmd.Flags().StringSliceVar(&names, "objective", nil, fmt.Sprintf("pretraining objectives whose steps are timed, of %v, or autoencoder alone, on pictures, or trajectory alone, on episodes; none: masked, without a recipe", bench.ObjectiveNames()))
	cmd.Flags().StringSliceVar(&methods, "method", nil, fmt.Sprintf("methods of adapt whose steps are timed instead, on the shape of all-MiniLM-L6, of %v", bench.AdaptNames()))
	threadsFlag(cmd, o)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkThreads(o.Threads); err != nil {
			return err
		}
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		if len(methods) > 0 {
			for _, name := range methods {
				if err := oneOf("--method", name, bench.AdaptNames()...); err != nil {
					return err
				}
			}
			return runBench(c, *o, func() (bench.Report, error) {
				return bench.Adapt(cmd.Context(), bench.AdaptOptions{Options: *o, Names: methods})
			})
		}
		if slices.Equal(names, []string{"autoencoder"}) {
			return runBench(c, *o, func() (bench.Report, error) {
				return bench.Autoencoder(cmd.Context(), bench.AutoencoderOptions{Options: *o})
			})
		}
		if slices.Equal(names, []string{"trajectory"}) {
			return runBench(c, *o, func() (bench.Report, error) {
				return bench.Trajectory(cmd.Context(), bench.TrajectoryOptions{Options: *o})
			})
		}
		for _, name := range names {
			if err := oneOf("--objective", name, bench.ObjectiveNames()...); err != nil {
				return err
			}
		}
		return runBench(c, *o, func() (bench.Report, error) {
			if len(names) == 0 {
				return bench.Train(cmd.Context(), *o)
			}
			return bench.Objectives(cmd.Context(), bench.ObjectiveOptions{Options: *o, Names: names})
		})
	}
	return cmd
}

func newBenchTokenizer(c *console) *cobra.Command {
	var t bench.TokenizerOptions
	peers := []string{"tokenizers"}
	cmd, o := benchCommand(c, "tokenizer", "Encoding text on one thread")
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", peers))
	cmd.Flags().StringVar(&t.Tokenizer, "tokenizer", "", "tokenizer.json")
	cmd.Flags().StringSliceVar(&t.Data, "data", nil, "text files and folders")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := need(cmd, "tokenizer", "data"); err != nil {
			return err
		}
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		t.Options = *o
		return runBench(c, *o, func() (bench.Report, error) { return bench.Tokenizer(cmd.Context(), t) })
	}
	return cmd
}

func newBenchPictures(c *console) *cobra.Command {
	peers := []string{"pillow"}
	cmd, o := benchCommand(c, "pictures", "Decoding and resizing pictures on one thread")
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", peers))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		return runBench(c, *o, func() (bench.Report, error) {
			return bench.Pictures(cmd.Context(), bench.PictureOptions{Options: *o})
		})
	}
	return cmd
}

// benchCommand has the flags that all benches share.
func benchCommand(c *console, name, short string) (*cobra.Command, *bench.Options) {
	o := &bench.Options{Log: c.log}
	cmd := &cobra.Command{
		Use: name, Short: short, Args: none,
		Long: short + ".\n\nThe peer runs in the Python interpreter that FMKIT_PYTHON names, python3 where it is unset.",
	}
	cmd.Flags().IntVar(&o.Pairs, "pairs", bench.Pairs, "alternating pairs of timings")
	return cmd, o
}

func threadsFlag(cmd *cobra.Command, o *bench.Options) {
	cmd.Flags().IntSliceVar(&o.Threads, "threads", []int{1, 2}, "numbers of threads")
}

func checkThreads(threads []int) error {
	for _, n := range threads {
		if n < 1 || n > 1024 {
			return usagef("--threads: got %d, want 1 to 1024", n)
		}
	}
	return nil
}

// runBench checks the flags that all benches share, runs one and writes its report.
func runBench(c *console, o bench.Options, run func() (bench.Report, error)) error {
	if o.Pairs < 1 {
		return usagef("--pairs: got %d, want at least 1", o.Pairs)
	}
	r, err := run()
	if errors.Is(err, bench.ErrNoPeer) {
		return errors.New(err.Error()) // no input of the bench's is wrong
	}
	if err != nil {
		return err
	}
	return c.answer(r, r.WriteTable)
}

// oneOf refuses a value that is set and isn't one of those known.
func oneOf(flag, got string, want ...string) error {
	if got == "" {
		return nil
	}
	for _, w := range want {
		if got == w {
			return nil
		}
	}
	return usagef("%s: got %q, want one of %q", flag, got, want)
}

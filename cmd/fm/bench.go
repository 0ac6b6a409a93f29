package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/bench"
)

// A benchKind is something that can be timed, and the libraries that it can be timed against.
type benchKind struct {
	name, short string
	peers       []string
	time        func(context.Context, bench.Options) (bench.Report, error)
}

func benches() []benchKind {
	return []benchKind{
		{"kernels", "Matrix products of encoder layers, in three forms", []string{"openblas", "torch"}, bench.Kernels},
	}
}

// newBench compares speed with other libraries.
func newBench(c *console) *cobra.Command {
	var subs []*cobra.Command
	for _, k := range benches() {
		subs = append(subs, newBenchKind(c, k))
	}
	return group("bench", "Time this module, beside another library", subs...)
}

func newBenchKind(c *console, k benchKind) *cobra.Command {
	o := bench.Options{Log: c.log}
	cmd := &cobra.Command{
		Use: k.name, Short: k.short, Args: none,
		Long: k.short + ".\n\nThe peer runs in the Python interpreter that FMKIT_PYTHON names, python3 where it is unset.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("--peer", o.Peer, k.peers...); err != nil {
				return err
			}
			for _, n := range o.Threads {
				if n < 1 || n > 1024 {
					return usagef("--threads: got %d, want 1 to 1024", n)
				}
			}
			if o.Pairs < 0 {
				return usagef("--pairs: got %d, want at least 1", o.Pairs)
			}
			r, err := k.time(cmd.Context(), o)
			if err != nil {
				return err
			}
			return c.answer(r, r.WriteTable)
		},
	}
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("library to compare with: one of %v", k.peers))
	cmd.Flags().IntSliceVar(&o.Threads, "threads", []int{1, 2}, "numbers of threads")
	cmd.Flags().IntVar(&o.Pairs, "pairs", bench.Pairs, "alternating pairs of timings")
	return cmd
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

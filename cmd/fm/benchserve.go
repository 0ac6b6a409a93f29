package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/cmd/bench"
)

// newBenchServe loads servers.
func newBenchServe(c *console) *cobra.Command {
	var s bench.ServeOptions
	peers := []string{"fastapi"}
	cmd, o := benchCommand(c, "serve", "Requests for vectors by low-rank adapters over HTTP")
	cmd.Flags().StringVar(&s.Base, "base", "", "model that sentence-transformers reads too: "+baseUsage)
	cmd.Flags().StringVar(&o.Peer, "peer", "", fmt.Sprintf("server to compare with: one of %v", peers))
	cmd.Flags().IntVar(&s.Adapters, "adapters", 1000, "adapters that are resident at once")
	cmd.Flags().IntVar(&s.Clients, "clients", 32, "clients that send one request after the other")
	cmd.Flags().DurationVar(&s.Piece, "piece", 3*time.Second, "length of the load on one side")
	cmd.Flags().IntSliceVar(&o.Threads, "threads", []int{2}, "numbers of threads")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := need(cmd, "base"); err != nil {
			return err
		}
		if err := checkThreads(o.Threads); err != nil {
			return err
		}
		if err := oneOf("--peer", o.Peer, peers...); err != nil {
			return err
		}
		if s.Adapters < 1 || s.Adapters > 1024 || s.Clients < 1 || s.Clients > 256 || s.Piece <= 0 {
			return usagef("bench serve: got %d adapters, %d clients, pieces of %v; want 1 to 1024, 1 to 256, more than 0", s.Adapters, s.Clients, s.Piece)
		}
		b, err := findBase(cmd.Context(), c, s.Base)
		if err != nil {
			return err
		}
		dir, done, err := b.folder()
		if err != nil {
			return err
		}
		defer done()
		if s.Program, err = os.Executable(); err != nil {
			return err
		}
		s.Base, s.Options = dir, *o
		return runBench(c, *o, func() (bench.Report, error) { return bench.Serve(cmd.Context(), s) })
	}
	return cmd
}

// Command deeppcb measures inspector detectors on DeepPCB, one board group left out at a time: what is learnt from six groups is tested on the seventh.
//
//	go run ./cmd/bench/deeppcb --data $FMKIT_DATA/vis-deeppcb --out RESULTS
//	go run ./cmd/bench/deeppcb --data $FMKIT_DATA/vis-deeppcb --out RESULTS-alone --template=false
//	go run ./cmd/bench/deeppcb --table RESULTS
//
// A fold leaves GROUP.json, which is not computed again, and a fold that was stopped goes on where it was. The threshold of
// score is set by training pictures, each looked at by a detector that learnt from other groups, with at most --false boxes a picture. With --inner the next group stands in for the one that is tested, and neither is
// trained on: a recipe is chosen so, on groups that its figures don't use.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var b bench
	b.flags(flag.CommandLine)
	table := flag.String("table", "", "print the table of a folder of results")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *table != "" {
		err = printTable(os.Stdout, *table)
	} else {
		if err = b.prepare(); err == nil {
			err = b.run(ctx)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "deeppcb:", err)
		os.Exit(1)
	}
}

// Command deeppcb measures inspector detectors on DeepPCB, one board group left out at a time: what is learnt from six groups is tested on the seventh.
//
//	go run ./cmd/bench/deeppcb --data $FMKIT_DATA/vis-deeppcb --out RESULTS
//	go run ./cmd/bench/deeppcb --data $FMKIT_DATA/vis-deeppcb --out RESULTS-alone --template=false --stem 32,64,128 --image 96 --folds 0 --negative --paste 0.5 --turns 8 --step 6
//	go run ./cmd/bench/deeppcb --table RESULTS
//
// Beside it stands the same network trained in PyTorch, with pictures, proposed places and recipe from here. The export takes the same flags of the recipe; its folder
// serves all folds. The peer's results are of the same form, without a threshold unless --folds is 0, and --table prints them; --check proves that network and
// rules are ours, by a detector trained here and what it says.
//
//	go run ./cmd/bench/deeppcb --data $FMKIT_DATA/vis-deeppcb --export PICTURES [--detector RESULTS/GROUP]
//	python cmd/bench/deeppcb/peer_torch.py --pictures PICTURES --check RESULTS/GROUP
//	python cmd/bench/deeppcb/peer_torch.py --pictures PICTURES --out PEER [--fold GROUP] [--steps N] [--folds 0]
//	go run ./cmd/bench/deeppcb --table PEER
//
// What came of it stands in the comment of package adapters/inspector/train.
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
	export := flag.String("export", "", "write pictures, places and recipe into this folder, for peer_torch.py, and train nothing")
	detector := flag.String("detector", "", "with --export: folder of a detector trained by the same flags, for peer_torch.py --check")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *table != "":
		err = printTable(os.Stdout, *table)
	case *export != "":
		b.out = *export
		if err = b.prepare(); err == nil {
			err = b.export(ctx, *detector)
		}
	default:
		if err = b.prepare(); err == nil {
			err = b.run(ctx)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "deeppcb:", err)
		os.Exit(1)
	}
}

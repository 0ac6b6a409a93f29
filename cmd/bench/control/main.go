// Command control measures whether pretraining pays in control: an expert's actions are cloned from 1, 5 and 20 of its episodes, from different beginnings.
//
//	go run ./cmd/bench/control --out RESULTS
//	go run ./cmd/bench/control --table RESULTS
//
// A run leaves a file, which is not computed again, so a bench that was stopped goes on where it was. Experts are trained by PPO and recorded once, into
// RESULTS/experts; the episodes of a run are drawn by its seed.
//
// What came of it, with 5 seeds, is in the card of rl/mini (rl/mini/model/README.md): pretraining does not pay there. It was run as
//
//	control --out RESULTS --seeds 1                                                             # seed 0
//	control --out RESULTS --first 1 --seeds 4 --targets CartPole-v1 --shots 1                   # CartPole-v1 is solved from 5 on
//	control --out RESULTS --first 1 --seeds 4 --targets Acrobot-v1,MountainCar-v0
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
		err = b.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "control:", err)
		os.Exit(1)
	}
}

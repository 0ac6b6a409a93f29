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
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "control:", err)
		os.Exit(1)
	}
}

// run does what the arguments say.
func run(ctx context.Context, args []string) error {
	verb := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	f := flag.NewFlagSet(strings.TrimSpace("control "+verb), flag.ContinueOnError)
	table := f.String("table", "", "print the table of a folder of results")
	var does interface {
		flags(f *flag.FlagSet)
		run(ctx context.Context) error
	}
	print := printTable
	switch verb {
	case "":
		does = &bench{}
	case "masks":
		does, print = &masks{}, printMasks
	case "unlabelled":
		does, print = &unlabelled{}, printUnlabelled
	default:
		return fmt.Errorf("got %q, want masks, unlabelled, or nothing", verb)
	}
	does.flags(f)
	if err := f.Parse(args); err != nil {
		return err
	}
	if *table != "" {
		return print(os.Stdout, *table)
	}
	return does.run(ctx)
}

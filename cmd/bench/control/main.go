// Command control measures what models of trajectories are worth in control.
//
//	go run ./cmd/bench/control --out RESULTS             # does pretraining pay? an expert is cloned from 1, 5 and 20 of its episodes, from different beginnings
//	go run ./cmd/bench/control masks --data DATA --out RESULTS    # one model that answers four questions beside models that learnt one alone
//	go run ./cmd/bench/control unlabelled --out RESULTS           # are observations without actions worth anything? as the first, after pretraining on them
//	go run ./cmd/bench/control [VERB] --table RESULTS
//
// A run leaves a file, which is not computed again, so a bench that was stopped goes on where it was. Experts are trained by PPO (of the sorting cell it is the script) and
// recorded once, into RESULTS/experts; the episodes of a run are drawn by its seed. Every arm takes the peak rate and the number of steps from the same grid: those by which it
// returned most from the target, over all numbers of episodes, with a seed, and episodes to play, that no result has. They are kept in RESULTS/grid.
//
// What came of the first is in the card of rl/mini (rl/mini/model/README.md).
//
// # Masks
//
// Models 64 wide of two layers and a context of 8 steps, 1,500 steps of 32 windows on four fifths of the random, half-way and scripted episodes that cmd/bench/recipes/rl-mini.sh
// records of three environments; means over three seeds, with 95 % intervals over seeds:
//
//	environment     question       one model               a model of that alone
//	CartPole-v1     return         348 [266, 493]          493 [478, 500]
//	                forward error  0.0121 [0.0099, 0.0141]  0.00084 [0.00072, 0.00094]
//	                inverse        0.999 [0.998, 0.999]    1.000 [1.000, 1.000]
//	                AUROC          0.955 [0.953, 0.961]    1.000 [1.000, 1.000]    every fifth push goes the other way
//	Pendulum-v1     return         -879 [-1003, -729]      -1024 [-1118, -881]
//	                forward error  0.0041 [0.0038, 0.0043]  0.00010 [0.00006, 0.00012]
//	                inverse        0.373 [0.366, 0.378]    0.996 [0.994, 0.997]
//	                AUROC          0.654 [0.639, 0.682]    0.912 [0.902, 0.923]    gravity 12 instead of 10
//	SortingCell-v0  return         -5.0 [-5.1, -4.8]       -4.4 [-4.7, -3.8]
//	                forward error  0.195 [0.158, 0.231]    0.109 [0.104, 0.116]
//	                inverse        0.856 [0.850, 0.867]    0.961 [0.960, 0.963]
//	                AUROC          0.248 [0.216, 0.309]    0.356 [0.341, 0.368]    25 mm a step instead of 20
//
// One model does answer all four, but at equal steps a model of one question alone answers it better in eleven of the twelve rows; the paired intervals exclude zero in all.
// The forward model tells what is unusual. A faster belt carries fewer parts at a time, which are easier to expect: an area below 0.5 is that, and neither model finds it.
//
// # Unlabelled
//
// Models of the preset tiny, pretrained for 500 steps of 16 windows on 30 episodes without actions, half of them random and half of the script; then MountainCar-v0 is cloned
// with actions (--pretrain 500 --targets MountainCar-v0 --grid 1e-3:100,1e-3:400, of which all take 400; interquartile means over five seeds):
//
//	episodes  watched             recovered           fresh               scratch             plain
//	1         -128 [-136, -114]   -136 [-142, -125]   -124 [-134, -117]   -122 [-130, -111]   -143 [-147, -137]
//	5         -113 [-122, -99]    -120 [-126, -105]   -109 [-121, -99]    -114 [-122, -99]    -102 [-110, -98]
//	20        -99 [-104, -99]     -114 [-119, -102]   -105 [-117, -99]    -104 [-113, -99]    -98 [-98, -98]
//
// Recovered clones those 30 episodes too, the better half of them, by actions that an inverse model recovers which learns from the episodes with actions for 400 steps. The script that
// played them returns less than the expert, so there is little to gain, and none is: the intervals of the differences from scratch hold zero, and from 5 and 20 episodes plain returns more.
// Watching is not told from random weights either: the paired intervals of all six differences from fresh and scratch hold zero. The same from pictures, SortingCellCamera-v0 (--pretrain 400
// --arms rl/mini,scratch --grid 1e-3:1500 --shots 5,20 --seeds 3; mean returns of the three seeds, 20 is the script's):
//
//	episodes  watched            scratch            watched - scratch
//	5         -3.0 -0.8 -5.0     14.5 18.8 -5.0     -12.4 [-20.3, 0.0]
//	20        -2.1 -3.7 -4.0     -1.9 -4.2 -3.9     +0.1 [-1.2, 1.0]
//
// Cloning recovered actions (--arms recovered) returns -5 with all three seeds from 5 and from 20 episodes. With at most 300 steps, and from one episode, all that were tried return -5: they wait. Steps rather than episodes are what is short here, and watching is no help.
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

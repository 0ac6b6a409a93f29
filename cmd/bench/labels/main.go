// Command labels measures what labelled defects are worth to an inspector: the recall of a detector that learnt from 5, 10, 20, 50 or all of them, started from a pretrained base
// and from random weights, beside a way that needs none.
//
//	go run ./cmd/bench/labels --data $FMKIT_DATA/vis-deeppcb --test-group group50600 --base BASE --out RESULTS
//	go run ./cmd/bench/labels --data TEXTILE --base BASE --out RESULTS --upright
//	go run ./cmd/bench/labels --table --out RESULTS
//
// Where pictures have templates and the base reads three channels, recall is that of boxes at one false box a picture, and the other way is the edge-tolerant difference; else it is that of
// pictures at one false alarm in a hundred good ones, and the other way is principal components of good pictures. Neither depends on a threshold. The pictures to
// test on are --test-group, or half of the defective ones of each label and the good ones of split test; nothing is learnt from them.
//
// Every training leaves ARM-LABELS-SEED.json and isn't done again; one that was stopped goes on where it was. What is printed stands in labels.md, and the curve with its
// 95 % intervals, over pictures drawn anew and averaged over seeds, in labels.html.
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
	table := flag.Bool("table", false, "only write table and plot of the results that are there")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := b.check()
	if err == nil && !*table {
		err = b.run(ctx)
	}
	if err == nil {
		err = write(os.Stdout, b.out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "labels:", err)
		os.Exit(1)
	}
}

// Command recipes compares pretraining recipes at equal compute: it trains a recipe for a number of floating-point operations, measures what the
// base is worth frozen and tuned on development splits, and keeps one row of figures.
//
//	go build -o fm ./cmd/fm
//	cmd/bench/recipes/prepare.sh ./fm WORK
//	export FMKIT_PREPARED=WORK/prepared
//	go run ./cmd/bench/recipes --fm ./fm --recipe cmd/bench/recipes/masked.json --data WORK/corpus --tasks cmd/bench/recipes/tasks.json --flops 6e14 --out RESULTS
//	go run ./cmd/bench/recipes --table RESULTS
//
// A run that was stopped goes on where it was. Tasks are listed as {"name", "task" (classify, qa, summarize), "data", "eval", "shots", "tuned" and
// "frozen" (flags of fm adapt for the two ways, empty: not that way)}; what they score on are development splits, which the bases' own figures don't use.
//
// shakespeare.json stands by itself. It is nanoGPT's recipe for Shakespeare's characters on a CPU (Karpathy, 2022), whose validation loss is 1.88:
//
//	fm pretrain text --data $FMKIT_DATA/text/tinyshakespeare.txt --config cmd/bench/recipes/shakespeare.json --out RUN --json
//	python cmd/bench/peer_shakespeare.py RUN/data
//
// Its vocabulary of 261 is five special tokens and the bytes, so no pair is merged. A window of 66 is [CLS], 64 characters and [SEP], and every
// character is predicted from those before it. A tenth of the text is held back: it is cut at line ends into pieces of about 2,500 bytes, of
// every ten of which one is drawn. Unlike nanoGPT's, the model normalises the embeddings and has BERT's dense layer in its head.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var r row
	flag.StringVar(&r.FM, "fm", "fm", "the fm binary")
	flag.StringVar(&r.Recipe, "recipe", "", "recipe in JSON, as fm pretrain text --config takes it")
	flag.StringVar(&r.Data, "data", "", "corpus folder, as fm data prepare corpus makes it")
	flag.StringVar(&r.Tokenizer, "tokenizer", "", "tokenizer.json; without it one is learnt")
	flag.StringVar(&r.Tasks, "tasks", "", "tasks in JSON")
	flag.Float64Var(&r.FLOPs, "flops", 6e14, "floating-point operations of the training")
	flag.IntVar(&r.Seeds, "seeds", 3, "draws of the shots for each task, from seed 11 on")
	flag.StringVar(&r.Out, "out", "", "folder of results")
	table := flag.String("table", "", "print the rows of a folder of results")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if *table != "" {
		err = printTable(os.Stdout, *table)
	} else {
		err = r.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "recipes:", err)
		os.Exit(1)
	}
}

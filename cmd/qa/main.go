// Qa answers questions from a text: qa [--base DIR --adapter DIR] TEXT-FILE QUESTION...
//
// Base and adapter are folders as fm adapt qa leaves them; those that are part of the binary are the default.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text"
)

//go:embed model
var model embed.FS

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "qa:", err)
		os.Exit(1)
	}
}

// run answers every question with a line of question, answer and probability.
func run(ctx context.Context, args []string, out io.Writer) error {
	if err := kernels.CheckPath(); err != nil {
		return err
	}
	flags := flag.NewFlagSet("qa", flag.ContinueOnError)
	base, adapter := flags.String("base", "", "folder of the base model"), flags.String("adapter", "", "folder of the adapter")
	if err := flags.Parse(args); err != nil || flags.NArg() < 2 {
		return errors.Join(err, errors.New("want a file of text and at least one question"))
	}
	passage, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	m, err := text.LoadFS(text.Folder(*base, model, "model/base"))
	if err != nil {
		return fmt.Errorf("base (--base, else the one in the binary): %w", err)
	}
	p, err := qa.LoadFS(text.Folder(*adapter, model, "model/adapter"), m)
	if err != nil {
		return err
	}
	var inputs []qa.Input
	for _, q := range flags.Args()[1:] {
		inputs = append(inputs, qa.Input{Question: q, Context: string(passage)})
	}
	answers, err := p.Answer(ctx, inputs)
	for i, a := range answers {
		fmt.Fprintf(out, "%s\t%s\t%.2f\n", inputs[i].Question, a.Answer, a.Score)
	}
	return err
}

// Qa answers questions from a text: qa [--base DIR] [--adapter DIR] TEXT-FILE QUESTION...
//
// Without flags it is text/mini-distilled with an adapter for SQuAD's questions, both part of the binary.
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
	minidistilled "github.com/fmkit/fmkit/text/mini-distilled"
)

//go:embed adapter
var files embed.FS

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
	base, adapter := flags.String("base", "", "folder of the base model, if not text/mini-distilled"), flags.String("adapter", "", "folder of the adapter, if not the one in the binary")
	if err := flags.Parse(args); err != nil || flags.NArg() < 2 {
		return errors.Join(err, errors.New("want a file of text and at least one question"))
	}
	passage, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	m, err := text.LoadFS(text.Folder(*base, minidistilled.FS(), "."))
	if err != nil {
		return err
	}
	p, err := qa.LoadFS(text.Folder(*adapter, files, "adapter"), m)
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

// Summarize prints the sentences that say most of a text: summarize [--base DIR --adapter DIR] [--sentences N] TEXT-FILE
//
// Base and adapter are folders as fm adapt summarize leaves them; those that are part of the binary are the default.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text"
)

//go:embed model
var model embed.FS

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "summarize:", err)
		os.Exit(1)
	}
}

// run prints a sentence a line.
func run(ctx context.Context, args []string, out io.Writer) error {
	if err := kernels.CheckPath(); err != nil {
		return err
	}
	flags := flag.NewFlagSet("summarize", flag.ContinueOnError)
	base, adapter := flags.String("base", "", "folder of the base model"), flags.String("adapter", "", "folder of the adapter")
	sentences := flags.Int("sentences", 3, "length of the summary")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || *sentences < 1 {
		return errors.Join(err, errors.New("want one file of text, and at least one sentence"))
	}
	document, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	m, err := text.LoadFS(text.Folder(*base, model, "model/base"))
	if err != nil {
		return fmt.Errorf("base (--base, else the one in the binary): %w", err)
	}
	p, err := summarizer.LoadFS(text.Folder(*adapter, model, "model/adapter"), m)
	if err != nil {
		return err
	}
	s, err := p.Summarize(ctx, []summarizer.Input{{Text: string(document)}}, summarizer.Options{Sentences: *sentences})
	if err != nil {
		return err
	}
	for _, i := range s[0].Picked {
		fmt.Fprintln(out, s[0].Sentences[i])
	}
	return nil
}

// Summarize prints the sentences that say most of a text: summarize [--base DIR] [--adapter DIR] [--sentences N] TEXT-FILE
//
// Without flags it is text/mini-distilled with an adapter for SciTLDR's summaries, both part of the binary.
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
	minidistilled "github.com/fmkit/fmkit/text/mini-distilled"
)

//go:embed adapter
var files embed.FS

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
	base, adapter := flags.String("base", "", "folder of the base model, if not text/mini-distilled"), flags.String("adapter", "", "folder of the adapter, if not the one in the binary")
	sentences := flags.Int("sentences", 3, "length of the summary")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || *sentences < 1 {
		return errors.Join(err, errors.New("want one file of text, and at least one sentence"))
	}
	document, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	m, err := text.LoadFS(text.Folder(*base, minidistilled.FS(), "."))
	if err != nil {
		return err
	}
	p, err := summarizer.LoadFS(text.Folder(*adapter, files, "adapter"), m)
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

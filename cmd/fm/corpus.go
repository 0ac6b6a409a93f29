package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/data/corpus"
)

// corpusName is the name under which data prepare makes a corpus out of many sources.
const corpusName = "corpus"

// corpusHelp describes it.
const corpusHelp = `corpus takes a JSON file {"sources": [{"name", "format", "paths", "weight"}], "exclude": [evaluation files], "near_duplicate": 0.8, "seed": 1} and
writes NAME.txt for each source, pairs.jsonl and corpus.json.`

// prepareCorpus makes the corpus that the configuration file src describes.
func prepareCorpus(ctx context.Context, c *console, src, out string, strict bool) error {
	config, err := corpus.ReadConfig(src, os.Getenv)
	if err != nil {
		return badData(err)
	}
	m, err := corpus.Build(ctx, config, out, corpus.Options{Strict: strict, Log: func(s string) { fmt.Fprintln(c.log, s) }})
	switch {
	case errors.Is(err, corpus.ErrOverlap):
		return err
	case err != nil:
		return badData(err)
	}
	return c.answer(m, func(w io.Writer) error {
		for _, s := range m.Sources {
			fmt.Fprintf(w, "%s.txt  %d documents, %d sentences, %d words\n", s.Name, s.Written.Documents, s.Written.Sentences, s.Written.Words)
		}
		var kinds []string
		for k, n := range m.Pairs {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, k))
		}
		slices.Sort(kinds)
		fmt.Fprintf(w, "%s  %s\n", corpus.PairsFile, strings.Join(kinds, ", "))
		return nil
	})
}

// errOverlap ends a check that found evaluation text.
var errOverlap = errors.New("the text holds text of an evaluation set")

func newDataOverlap(c *console) *cobra.Command {
	var (
		text string
		with []string
	)
	cmd := &cobra.Command{
		Use:   "overlap --text DIR --with FILE...",
		Short: "Look for texts of evaluation sets in text for pretraining",
		Long: "Look for texts of evaluation sets in text for pretraining: runs of 13 words, whole texts of 5 words and more, and shorter ones that are a\n" +
			"whole line. Prints {\"hits\": [...]} and ends with exit code 1 if there is one.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := need(cmd, "text", "with"); err != nil {
				return err
			}
			hits, err := corpus.CheckOverlap(cmd.Context(), text, append(with, args...))
			if err != nil {
				return badData(err)
			}
			if hits == nil {
				hits = []corpus.Overlap{}
			}
			if err := c.object(map[string]any{"hits": hits}); err != nil {
				return err
			}
			if len(hits) > 0 {
				return fmt.Errorf("data overlap: %w: %d lines", errOverlap, len(hits))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&text, "text", "", "folder or file of text")
	cmd.Flags().StringSliceVar(&with, "with", nil, "files of evaluation texts, as exclude takes them; further arguments are more of them")
	return cmd
}

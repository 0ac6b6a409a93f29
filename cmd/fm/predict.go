package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/shared/strictjson"
)

// newPredict answers JSON lines.
func newPredict(c *console) *cobra.Command {
	var dir, baseName string
	cmd := &cobra.Command{
		Use:   "predict --adapter DIR",
		Short: "JSON lines in, JSON lines out",
		Long: "JSON lines in, JSON lines out, with the fields of Hugging Face's pipelines:\n\n" +
			"  classify   {\"text\"}                 {\"label\", \"score\"}\n" +
			"  qa         {\"question\", \"context\"}  {\"score\", \"start\", \"end\", \"answer\"}\n" +
			"  summarize  {\"text\"}                 {\"summary_text\"}\n\n" +
			"An \"id\" in a line comes back in its answer.",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "adapter"); err != nil {
				return err
			}
			t, base, err := openAdapter(cmd.Context(), c, dir, baseName)
			if err != nil {
				return err
			}
			l, err := t.load(dir, base)
			if err != nil {
				return err
			}
			return predictLines(cmd.Context(), c, l.predict)
		},
	}
	cmd.Flags().StringVar(&dir, "adapter", "", "adapter folder")
	cmd.Flags().StringVar(&baseName, "base", "", "base model, a folder or org/name[@revision]; default the one that the adapter names")
	return cmd
}

// predictLines writes every answer before it reads on, so that a program may talk to it.
func predictLines(ctx context.Context, c *console, predict func(context.Context, []byte) (any, error)) error {
	out := bufio.NewWriter(c.out)
	err := eachLine(ctx, c.in, func(n int, line []byte) error {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		answer, err := predict(ctx, line)
		if err != nil {
			return lineError(n, err)
		}
		if err := writeLine(out, answer); err != nil {
			return err
		}
		return out.Flush()
	})
	return flushed(out, err)
}

var errMissing = errors.New("is missing or empty")

// parseLine reads a JSON object and looks for the fields that must be there.
func parseLine(line []byte, v any, fields map[string]*string) error {
	if err := strictjson.Decode(line, v, strictjson.Limits{Bytes: maxLine}); err != nil {
		return err
	}
	for name, field := range fields {
		if *field == "" {
			return fmt.Errorf("%q %w", name, errMissing)
		}
	}
	return nil
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newPredict answers JSON lines.
func newPredict(c *console) *cobra.Command {
	var adapters []string
	var baseName, aggregation string
	var fields strings.Builder
	inspect, play := &inspectPredict{}, &policyPlay{}
	for _, t := range tasks() {
		fmt.Fprintf(&fields, "  %-10s %-24s %s\n", t.name, t.input, t.output)
	}
	cmd := &cobra.Command{
		Use:   "predict --adapter DIR | --adapter NAME=DIR... | --base MODEL",
		Short: "JSON lines in, JSON lines out",
		Long: "JSON lines in, JSON lines out, with the fields of Hugging Face's pipelines:\n\n" +
			fields.String() + assistFields + inspectFields + policyFields + "\nWithout --adapter, --base is a checkpoint of transformers with a head of its own:\n\n" +
			"  fill-mask             {\"text\"}      [{\"score\", \"token\", \"token_str\", \"sequence\"}], a list for each of several masks\n" +
			"  token-classification  {\"text\"}      [{\"entity\", \"score\", \"index\", \"word\", \"start\", \"end\"}]; with --aggregation first as tag\n" +
			"  image-classification  {\"image\"}     [{\"label\", \"score\"}], the best five; so answers classify on a vision base\n" +
			"  text-classification and question-answering as classify and qa\n\n" +
			"An \"id\" in a line comes back in its answer.\n\n" + fanOutLong,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(adapters) == 0 && baseName != "" {
				if err := oneOf("--aggregation", aggregation, "none", "first"); err != nil {
					return err
				}
				predict, err := loadHead(cmd.Context(), c, baseName, aggregation == "first")
				if err != nil {
					return err
				}
				return predictLines(cmd.Context(), c, predict)
			}
			if err := need(cmd, "adapter"); err != nil {
				return err
			}
			if aggregation != "" {
				return usagef("--aggregation is for a --base with a head of its own")
			}
			if named(adapters) {
				if err := errors.Join(inspect.unused(), play.unused("predict")); err != nil {
					return err
				}
				f, err := newFanOut(cmd.Context(), c, adapters, baseName)
				if err != nil {
					return err
				}
				return predictLines(cmd.Context(), c, f.predict)
			}
			dir := adapters[0]
			if isPolicy(dir) {
				if err := inspect.unused(); err != nil {
					return err
				}
				return play.predict(cmd.Context(), c, dir, baseName)
			}
			if err := play.unused("predict"); err != nil {
				return err
			}
			if isInspector(dir) {
				return inspect.run(cmd.Context(), c, dir, baseName)
			}
			if err := inspect.unused(); err != nil {
				return err
			}
			if isAssistant(dir) {
				return predictAssist(cmd.Context(), c, dir, baseName)
			}
			l, err := readAdapter(cmd.Context(), c, dir, baseName)
			if err != nil {
				return err
			}
			return predictLines(cmd.Context(), c, l.predict)
		},
	}
	cmd.Flags().StringArrayVar(&adapters, "adapter", nil, "adapter folder, or several with names, NAME=DIR")
	cmd.Flags().StringVar(&baseName, "base", "", "base model, "+baseUsage+"; default the one that the adapter names")
	cmd.Flags().StringVar(&aggregation, "aggregation", "", "of a token-classification head: none, every token, or first, entities of words; default none")
	inspect.add(cmd.Flags())
	play.add(cmd.Flags())
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

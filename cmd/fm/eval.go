package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/adapter"
)

// evalFlags are the choices of eval.
type evalFlags struct {
	adapter, base, data, predictions, baseline, train string
	curve                                             string
	sentences                                         int
	taskFlags
	play policyPlay
}

// newEval scores an adapter, or predictions made elsewhere.
func newEval(c *console) *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval TASK (--data FILE (--adapter DIR | --predictions FILE | --baseline NAME) | --adapter DIR --env ID)",
		Short: "Score an adapter, or predictions made elsewhere",
		Long: "Score an adapter, or predictions made elsewhere, with 95 % intervals.\n\nPredictions for qa are one JSON object of answers by question id; " +
			"for summarize lines of {\"summary_text\": ...} in the order of the data. Questions without an answer are scored by SQuAD 2.0's rules, where an empty answer says that there is none; " +
			"HasAns_ and NoAns_ are the scores of either kind. No threshold is chosen here.\n\n" +
			"Data for document are lines of {\"text\", \"type\", \"entities\", \"summary\", \"answers\": {question: [text, ...]}}, all but the text optional.",
		Args: exactly("TASK"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == policy.Task {
				return f.play.eval(cmd, c, f.adapter, f.base)
			}
			if err := f.play.unused("eval"); err != nil {
				return err
			}
			if args[0] == inspector.Task {
				return f.inspect(cmd, c)
			}
			if args[0] == assistant.Task {
				return f.assist(cmd.Context(), c)
			}
			t, err := taskNamed(args[0])
			if err != nil {
				return err
			}
			if err := need(cmd, "data"); err != nil {
				return err
			}
			s, err := f.run(cmd.Context(), c, t)
			if err != nil {
				return err
			}
			return c.answer(s, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, s)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&f.adapter, "adapter", "", "adapter folder")
	cmd.Flags().StringVar(&f.base, "base", "", "base model, "+baseUsage+"; default the one that the adapter names")
	cmd.Flags().StringVar(&f.data, "data", "", "file to score on")
	cmd.Flags().StringVar(&f.predictions, "predictions", "", "score this file instead of an adapter (qa, summarize)")
	cmd.Flags().StringVar(&f.baseline, "baseline", "", "score lead, textrank or oracle (summarize), tfidf (multilabel, regress, learnt from --train), perceptron (tag, learnt from --train), bm25 (search, of the passages of --train) or pca (inspect) instead of an adapter")
	cmd.Flags().StringVar(&f.train, "train", "", "file that the baseline learns from (multilabel, regress, tag, search), and with an adapter what its cheap rivals do (assist)")
	cmd.Flags().IntVar(&f.sentences, "sentences", 1, "length of the baseline's summaries")
	cmd.Flags().StringVar(&f.curve, "curve", "", "write the coverage-risk curve to this file, a page where it ends in .html, else JSON (classify)")
	f.addColumns(cmd.Flags())
	f.play.addEval(cmd.Flags())
	return cmd
}

func (f evalFlags) run(ctx context.Context, c *console, t task) (adapter.Scores, error) {
	given := 0
	for _, s := range []string{f.adapter, f.predictions, f.baseline} {
		if s != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return adapter.Scores{}, usagef("eval: want one of --adapter, --predictions and --baseline")
	case f.curve != "" && f.adapter == "":
		return adapter.Scores{}, usagef("eval: --curve is for an adapter for classify")
	case f.baseline != "" && t.baseline == nil:
		return adapter.Scores{}, usagef("eval: --baseline is for multilabel, regress, summarize, tag and search")
	case f.baseline != "":
		return t.baseline(ctx, &f)
	case f.predictions != "" && t.score == nil:
		return adapter.Scores{}, usagef("eval: --predictions is for qa and summarize")
	case f.predictions != "":
		return t.score(f.predictions, f.data)
	}
	own, l, err := loadAdapter(ctx, c, f.adapter, f.base)
	if err != nil {
		return adapter.Scores{}, err
	}
	if own.name != t.name {
		return adapter.Scores{}, usagef("eval: %s is an adapter for %s, want %s", f.adapter, own.name, t.name)
	}
	if f.curve != "" && l.curve == nil {
		return adapter.Scores{}, usagef("eval: --curve is for an adapter for classify, got one for %s", own.name)
	}
	s, err := l.eval(ctx, f.data, &f.taskFlags)
	if err == nil && f.curve != "" {
		err = writeCurve(ctx, l, &f)
	}
	return s, err
}

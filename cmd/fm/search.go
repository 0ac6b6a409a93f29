package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/search/baseline"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
)

// searchTask is an index of passages, which nothing is trained for.
func searchTask() task {
	return task{
		name: search.Task, short: "Find passages by meaning (JSONL of id and text)",
		fields: []string{"query", "k"},
		input:  `{"query", "k"}`, output: `[{"corpus_id", "score", "id", "text"}]`,
		load: func(dir string, b *base) (loaded, error) {
			m, err := b.load()
			if err != nil {
				return loaded{}, err
			}
			x, err := search.Load(dir, m)
			if err != nil {
				return loaded{}, err
			}
			return loaded{predict: x.PredictJSON, eval: func(ctx context.Context, dataFile string, _ *taskFlags) (adapter.Scores, error) {
				queries, err := data.Collect(data.ReadQueries(dataFile))
				if err != nil {
					return adapter.Scores{}, badData(err)
				}
				return search.Evaluate(ctx, x, queries)
			}}, nil
		},
		verify: func(ctx context.Context, dir string, b *base, _ finetune.Options) (adapter.Verification, error) {
			m, err := b.load()
			if err != nil {
				return adapter.Verification{}, err
			}
			return search.Verify(ctx, dir, m)
		},
		baseline: scoreSearchBaseline,
	}
}

// scoreSearchBaseline scores BM25 over the passages of --train.
func scoreSearchBaseline(_ context.Context, f *evalFlags) (adapter.Scores, error) {
	if err := oneOf("--baseline", f.baseline, "bm25"); err != nil {
		return adapter.Scores{}, err
	}
	if f.train == "" {
		return adapter.Scores{}, usagef("eval search: --baseline %s searches the passages of --train, want a file", f.baseline)
	}
	passages, err := data.Collect(data.ReadPassages(f.train))
	if err != nil {
		return adapter.Scores{}, badData(err)
	}
	queries, err := data.Collect(data.ReadQueries(f.data))
	if err != nil {
		return adapter.Scores{}, badData(err)
	}
	return baseline.New(passages).Evaluate(queries)
}

// newAdaptSearch makes an index.
func newAdaptSearch(c *console) *cobra.Command {
	var baseName, file, out string
	var s search.Settings
	cmd := &cobra.Command{
		Use: search.Task + " --base MODEL --data FILE --out DIR", Short: searchTask().short, Args: none,
		Long: "Turn passages, lines of {\"id\", \"text\"}, into vectors that queries are compared with. Nothing is trained.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base", "data", "out"); err != nil {
				return err
			}
			if err := oneOf("--pooling", s.Pooling, "mean", "cls", "max"); err != nil {
				return err
			}
			if s.MaxLength < 0 {
				return usagef("--length: got %d, want 0 or more", s.MaxLength)
			}
			if _, err := os.Stat(file); err != nil {
				return usageError{err}
			}
			b, err := findBase(cmd.Context(), c, baseName)
			if err != nil {
				return err
			}
			m, err := b.load()
			if err != nil {
				return err
			}
			began := time.Now()
			x, p, err := search.Build(cmd.Context(), m, file, s, out)
			if err != nil {
				return badData(err)
			}
			seconds := time.Since(began).Seconds()
			answer := map[string]any{
				"adapter": out, "task": p.Task, "method": p.Method, "digest": p.Digest, "seconds": seconds, "passages": x.Len(), "width": x.Width(),
			}
			return c.answer(answer, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d passages as vectors of %d, %.1f s\n%s\n", out, x.Len(), x.Width(), seconds, p.Digest)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&baseName, "base", "", "model: "+baseUsage)
	cmd.Flags().StringVar(&file, "data", "", "passages")
	cmd.Flags().StringVar(&out, "out", "", "folder for the index, replaced if it holds one")
	cmd.Flags().StringVar(&s.Pooling, "pooling", "", "mean, cls or max; default what the folder's modules.json says, else mean")
	cmd.Flags().IntVar(&s.MaxLength, "length", 0, "most tokens of a text; default what the folder says, else as many as the model reads")
	return cmd
}

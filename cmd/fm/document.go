package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// documentTask reads documents by adapters that are trained already.
func documentTask() task {
	return task{
		name: document.Task, short: "Put adapters together that read a whole document: type, fields, entities, summary, answers",
		fields: []string{"text"},
		input:  `{"text"}`, output: `{"type", "fields", "entities", "summary", "answers", "segments", "shared"}`,
		load: func(dir string, b *base) (loaded, error) {
			m, err := b.load()
			if err != nil {
				return loaded{}, err
			}
			a, err := document.Load(dir, m)
			if err != nil {
				return loaded{}, err
			}
			return loaded{predict: a.PredictJSON, eval: func(ctx context.Context, dataFile string, _ *taskFlags) (adapter.Scores, error) {
				examples, err := data.Collect(data.ReadDocuments(dataFile))
				if err != nil {
					return adapter.Scores{}, badData(err)
				}
				return document.Evaluate(ctx, a, examples)
			}}, nil
		},
		verify: func(_ context.Context, dir string, _ *base, _ finetune.Options) (adapter.Verification, error) {
			return document.Verify(dir)
		},
	}
}

const adaptDocumentLong = `Put trained adapters on one base together in a folder that reads whole documents. Nothing is trained, and any part may be left out.

--questions has what is asked of every document, such as

  {"questions": [{"name": "sharing", "question": "Do you share my data?"}],
   "fields": [{"name": "amount", "question": "How much is to be paid?"}, {"name": "payer", "entity": "person"}],
   "summary": {"sentences": 3}, "threshold": 1.5, "overlap": 32}

A field is the answer to a question or the entity of a type with the highest score. The threshold is that of no answer, in the place of the one that the adapter was trained with; overlap
counts tokens that neighbouring windows of the tagger share.`

// newAdaptDocument puts a document's parts together.
func newAdaptDocument(c *console) *cobra.Command {
	var baseName, questions, known, out string
	parts := map[string]*string{}
	cmd := &cobra.Command{
		Use: document.Task + " --out DIR [--type DIR] [--entities DIR] [--summary DIR] [--answers DIR] [--questions FILE]", Short: documentTask().short,
		Long: adaptDocumentLong, Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "out"); err != nil {
				return err
			}
			dirs := map[string]string{}
			for name, dir := range parts {
				if *dir == "" {
					continue
				}
				dirs[name] = *dir
				p, err := adapter.ReadPassport(*dir)
				if err != nil {
					return inputError{fmt.Errorf("--%s: %w", name, err)}
				}
				if !cmd.Flags().Changed("base") {
					baseName = p.Base.Name
				}
			}
			if len(dirs) == 0 {
				return usagef("adapt document: want at least one of --type, --entities, --summary and --answers")
			}
			var s document.Settings
			if questions != "" {
				raw, err := readBounded(questions, 1<<20)
				if err != nil {
					return err
				}
				if err := strictjson.Decode(raw, &s, strictjson.Limits{Bytes: len(raw)}); err != nil {
					return inputError{fmt.Errorf("%s: %w", questions, err)}
				}
			}
			b, err := findBase(cmd.Context(), c, baseName)
			if err != nil {
				return err
			}
			m, err := b.load()
			if err != nil {
				return err
			}
			var documents []data.Document
			if known != "" {
				if documents, err = data.Collect(data.ReadDocuments(known)); err != nil {
					return badData(err)
				}
			}
			p, err := document.Assemble(cmd.Context(), out, m, dirs, s, documents)
			if err != nil {
				return err
			}
			answer := map[string]any{"adapter": out, "task": p.Task, "method": p.Method, "digest": p.Digest, "parts": len(dirs)}
			return c.answer(answer, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d parts\n%s\n", out, len(dirs), p.Digest)
				return err
			})
		},
	}
	f := cmd.Flags()
	for name, usage := range map[string]string{
		"type": "adapter folder of a classifier", "entities": "adapter folder of a tagger, for entities and fields", "summary": "adapter folder of a summarizer",
		"answers": "adapter folder for questions, standing ones and those of fields",
	} {
		parts[name] = f.String(name, "", usage)
	}
	f.StringVar(&baseName, "base", "", "base model of the parts, "+baseUsage+"; default the one that they name")
	f.StringVar(&questions, "questions", "", "file of JSON with the questions and fields")
	f.StringVar(&known, "calibrate", "", "documents whose answers are known, as fm eval document has them: choose the threshold of no answer on them")
	f.StringVar(&out, "out", "", "folder for the parts together, replaced if it holds one")
	return cmd
}

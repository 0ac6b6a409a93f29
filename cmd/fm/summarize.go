package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer"
	sumtrain "github.com/fmkit/fmkit/adapters/summarizer/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/finetune"
)

// summarizeTask makes extracts.
func summarizeTask() task {
	return task{
		name: summarizer.Task, short: "Summarize a document by some of its sentences (JSONL of source and target)",
		adapt: adaptSummarizer, score: scoreSummaries, baseline: scoreBaseline, verify: sumtrain.Verify,
		load: func(dir string, base *text.Model) (loaded, error) {
			p, err := summarizer.Load(dir, base)
			return loaded{eval: evalSummarizer(p), predict: predictSummary(p)}, err
		},
	}
}

func adaptSummarizer(ctx context.Context, base *text.Model, f *adaptFlags, o finetune.Options) (*adapter.Passport, error) {
	c := sumtrain.Defaults()
	if f.recipe != nil {
		var err error
		if c, err = sumtrain.ParseConfig(f.recipe); err != nil {
			return nil, err
		}
	}
	if err := f.apply(&c.Config); err != nil {
		return nil, err
	}
	d, err := sumtrain.ReadData(f.data, f.eval, c)
	if err != nil {
		return nil, badData(err)
	}
	return sumtrain.Adapt(ctx, base, d, c, o)
}

func readSummaries(file string) ([]data.Summary, error) {
	docs, err := data.Collect(data.ReadSummaries(file, data.SummaryOptions{}))
	return docs, badData(err)
}

func evalSummarizer(p *summarizer.Predictor) func(context.Context, string, data.LabelledOptions) (adapter.Scores, error) {
	return func(ctx context.Context, file string, _ data.LabelledOptions) (adapter.Scores, error) {
		docs, err := readSummaries(file)
		if err != nil {
			return adapter.Scores{}, err
		}
		return summarizer.Evaluate(ctx, p, docs, summarizer.Options{})
	}
}

func predictSummary(p *summarizer.Predictor) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, line []byte) (any, error) {
		var in struct {
			ID        string   `json:"id"`
			Text      string   `json:"text"`
			Sentences []string `json:"sentences"`
		}
		if err := parseLine(line, &in, nil); err != nil {
			return nil, err
		}
		if in.Text == "" && len(in.Sentences) == 0 {
			return nil, fmt.Errorf("%q %w", "text", errMissing)
		}
		s, err := p.Summarize(ctx, []summarizer.Input{{Text: in.Text, Sentences: in.Sentences}}, summarizer.Options{})
		if err != nil {
			return nil, err
		}
		return struct {
			ID string `json:"id,omitempty"`
			summarizer.Summary
		}{in.ID, s[0]}, nil
	}
}

// scoreBaseline scores extracts of one sentence that nothing was learnt for.
func scoreBaseline(ctx context.Context, name, file string, sentences int) (adapter.Scores, error) {
	if err := oneOf("--baseline", name, summarizer.Lead, summarizer.TextRank, summarizer.Oracle); err != nil {
		return adapter.Scores{}, err
	}
	if sentences < 1 {
		return adapter.Scores{}, usagef("--sentences: got %d, want at least 1", sentences)
	}
	docs, err := readSummaries(file)
	if err != nil {
		return adapter.Scores{}, err
	}
	return summarizer.EvaluateBaseline(ctx, name, docs, summarizer.Options{Sentences: sentences})
}

// scoreSummaries scores a file of {"summary_text": "..."} lines, in the order of the data. Sentences of a summary are lines.
func scoreSummaries(file, dataFile string) (adapter.Scores, error) {
	docs, err := readSummaries(dataFile)
	if err != nil {
		return adapter.Scores{}, err
	}
	raw, err := readBounded(file, maxPredictions)
	if err != nil {
		return adapter.Scores{}, err
	}
	var summaries []string
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		s, err := parseSummary(lines.Bytes(), docs, len(summaries))
		if err != nil {
			return adapter.Scores{}, &data.RowError{File: file, Line: n, Err: err}
		}
		summaries = append(summaries, s)
	}
	if err := lines.Err(); err != nil {
		return adapter.Scores{}, badData(fmt.Errorf("%s: %w", file, err))
	}
	if len(summaries) != len(docs) {
		return adapter.Scores{}, inputError{fmt.Errorf("%s: got %d lines, want %d, one for each document", file, len(summaries), len(docs))}
	}
	return summarizer.Score(docs, summaries)
}

// parseSummary reads the prediction for document i.
func parseSummary(line []byte, docs []data.Summary, i int) (string, error) {
	if i >= len(docs) {
		return "", fmt.Errorf("more lines than the %d documents", len(docs))
	}
	var p struct {
		ID   string  `json:"id"`
		Text *string `json:"summary_text"`
	}
	if err := strictjson.Decode(line, &p, strictjson.Limits{AllowUnknown: true}); err != nil {
		return "", err
	}
	if p.Text == nil {
		return "", errors.New(`"summary_text" is missing`)
	}
	if p.ID != "" && docs[i].ID != "" && p.ID != docs[i].ID {
		return "", fmt.Errorf("id: got %q, want %q: predictions stand in the order of the data", p.ID, docs[i].ID)
	}
	return *p.Text, nil
}

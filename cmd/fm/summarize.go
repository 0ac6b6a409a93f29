package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/strictjson"
)

func readSummaries(file string) ([]data.Summary, error) {
	docs, err := data.Collect(data.ReadSummaries(file, data.SummaryOptions{}))
	return docs, badData(err)
}

// scoreBaseline scores extracts of one sentence that nothing was learnt for.
func scoreBaseline(ctx context.Context, f *evalFlags) (adapter.Scores, error) {
	if err := oneOf("--baseline", f.baseline, summarizer.Lead, summarizer.TextRank, summarizer.Oracle); err != nil {
		return adapter.Scores{}, err
	}
	if f.sentences < 1 {
		return adapter.Scores{}, usagef("--sentences: got %d, want at least 1", f.sentences)
	}
	docs, err := readSummaries(f.data)
	if err != nil {
		return adapter.Scores{}, err
	}
	return summarizer.EvaluateBaseline(ctx, f.baseline, docs, summarizer.Options{Sentences: f.sentences})
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

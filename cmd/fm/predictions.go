package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// maxPredictions bounds a file of predictions, in bytes.
const maxPredictions = 256 << 20

// scoreAnswers scores a file of {question id: answer} by SQuAD's rules: those of 2.0, where an empty answer says that there is none, when the data
// have questions without an answer.
func scoreAnswers(questions []data.Question, file string) (adapter.Scores, error) {
	raw, err := readBounded(file, maxPredictions)
	if err != nil {
		return adapter.Scores{}, err
	}
	var answers map[string]string
	if err := strictjson.Decode(raw, &answers, strictjson.Limits{Bytes: maxPredictions}); err != nil {
		return adapter.Scores{}, inputError{fmt.Errorf("predictions %s: %w", file, err)}
	}
	items := make([]metrics.SQuADItem, len(questions))
	score := metrics.SQuAD
	for i, q := range questions {
		items[i].ID = q.ID
		for _, a := range q.Answers {
			items[i].Answers = append(items[i].Answers, a.Text)
		}
		if q.Impossible {
			items[i].Answers, score = nil, metrics.SQuAD2
		}
	}
	s, err := score(items, answers)
	if err != nil {
		return adapter.Scores{}, inputError{err}
	}
	if s.Missing == s.N {
		return adapter.Scores{}, inputError{fmt.Errorf("predictions %s: no question of the data has an answer in it", file)}
	}
	return withIntervals(s.N, map[string][]float64{"exact_match": s.ItemEM, "f1": s.ItemF1})
}

// scoreSummaries scores a file of {"summary_text": "..."} lines, in the order of the data, by ROUGE with stemming; sentences are lines.
func scoreSummaries(docs []data.Summary, file string) (adapter.Scores, error) {
	raw, err := readBounded(file, maxPredictions)
	if err != nil {
		return adapter.Scores{}, err
	}
	items := map[string][]float64{}
	n, number := 0, 0
	for lines := bufio.NewReader(bytes.NewReader(raw)); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if number++; len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		fail := func(format string, args ...any) (adapter.Scores, error) {
			return adapter.Scores{}, &data.RowError{File: file, Line: number, Err: fmt.Errorf(format, args...)}
		}
		if n == len(docs) {
			return fail("more predictions than the %d documents", len(docs))
		}
		var p struct {
			ID   string  `json:"id"`
			Text *string `json:"summary_text"`
		}
		if err := strictjson.Decode(line, &p, strictjson.Limits{AllowUnknown: true}); err != nil {
			return fail("%w", err)
		}
		if p.Text == nil {
			return fail(`"summary_text" is missing`)
		}
		if p.ID != "" && docs[n].ID != "" && p.ID != docs[n].ID {
			return fail("id: got %q, want %q: predictions stand in the order of the data", p.ID, docs[n].ID)
		}
		s, err := metrics.ROUGE{Stem: true}.ScoreMulti(docs[n].Targets, *p.Text)
		if err != nil {
			return fail("%w", err)
		}
		for k, v := range map[string]metrics.RougeScore{"rouge1": s.Rouge1, "rouge2": s.Rouge2, "rougeL": s.RougeL, "rougeLsum": s.RougeLsum} {
			items[k] = append(items[k], v.F1)
		}
		n++
	}
	if n != len(docs) {
		return adapter.Scores{}, inputError{fmt.Errorf("predictions %s: got %d lines, want %d, one for each document", file, n, len(docs))}
	}
	return withIntervals(n, items)
}

// withIntervals gives the means of metrics known for every item, with their intervals.
func withIntervals(n int, items map[string][]float64) (adapter.Scores, error) {
	s := adapter.Scores{N: n, Values: map[string]float64{}, Interval: map[string][2]float64{}}
	for k, values := range items {
		i, err := metrics.Bootstrap(values, 1)
		if err != nil {
			return s, err
		}
		s.Values[k], s.Interval[k] = i.Mean, [2]float64{i.Low, i.High}
	}
	return s, nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{err}
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, usageError{err}
	}
	if int64(len(raw)) > limit {
		return nil, inputError{fmt.Errorf("%s: more than %d bytes", path, limit)}
	}
	return raw, nil
}

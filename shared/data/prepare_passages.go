package data

import (
	"iter"
	"path/filepath"
	"strings"
)

// passage is a line of text for pretraining.
type passage struct {
	Text string `json:"text"`
}

// preparePassages keeps the running text of a source and drops what was asked or answered about it: each paragraph of a SQuAD
// file once, or the source of each pair of document and summary.
func preparePassages(src, dir string, _ PrepareOptions) ([]Prepared, error) {
	ext := filepath.Ext(src)
	texts := summarySources(ReadSummaries(src, SummaryOptions{}))
	if ext == ".json" {
		texts = squadContexts(ReadSQuAD(src))
	} else if isQMSum(src) {
		texts = summarySources(ReadQMSum(src))
	}
	path := filepath.Join(dir, filepath.Base(filepath.Dir(src))+"-"+strings.TrimSuffix(filepath.Base(src), ext)+".jsonl")
	n, err := WriteJSONL(path, texts)
	return []Prepared{{Path: path, Rows: n}}, err
}

// isQMSum says whether the first record is one of QMSum, which calls its target a summary.
func isQMSum(src string) bool {
	for _, err := range ReadQMSum(src) {
		return err == nil
	}
	return false
}

func summarySources(in iter.Seq2[Summary, error]) iter.Seq2[passage, error] {
	return func(yield func(passage, error) bool) {
		for s, err := range in {
			if !yield(passage{s.Source}, err) {
				return
			}
		}
	}
}

// squadContexts gives every paragraph once: the questions on it follow each other.
func squadContexts(in iter.Seq2[Question, error]) iter.Seq2[passage, error] {
	return func(yield func(passage, error) bool) {
		last := ""
		for q, err := range in {
			if err == nil && q.Context == last {
				continue
			}
			if last = q.Context; !yield(passage{q.Context}, err) {
				return
			}
		}
	}
}

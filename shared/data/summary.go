package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// A Summary is a document with its reference summaries.
type Summary struct {
	ID        string
	Query     string   // what the summary should answer, empty when it covers the whole
	Source    string   // the document; sentences given as a list are joined by a space
	Sentences []string // the document's sentences where the file gives them, else nil
	Targets   []string // one or more references
}

// A Spoken is a turn of a dialogue that is summarized.
type Spoken struct {
	Speaker string `json:"speaker"` // may be empty
	Text    string `json:"text"`
}

// Sentence is the turn as one sentence of a document, as QMSum writes it: "Speaker: text".
func (t Spoken) Sentence() string {
	if t.Speaker == "" {
		return t.Text
	}
	return t.Speaker + ": " + t.Text
}

// turnsKey is where a dialogue's turns are, in the place of a source.
const turnsKey = "turns"

// spokenField reads a list of turns as sentences.
func spokenField(obj map[string]json.RawMessage) ([]string, error) {
	var turns []Spoken
	if err := json.Unmarshal(obj[turnsKey], &turns); err != nil || len(turns) == 0 {
		return nil, errors.New("want a list of turns, one at least")
	}
	all := make([]string, len(turns))
	for i, t := range turns {
		if strings.TrimSpace(t.Text) == "" {
			return nil, fmt.Errorf("turn %d: text: %w", i, ErrEmpty)
		}
		all[i] = t.Sentence()
	}
	return all, nil
}

// SummaryOptions says where things are. Zero values mean the defaults.
type SummaryOptions struct {
	Source string // key of the document, default "source"
	Target string // key of the references, default "target"
	Query  string // key of the query, default "query"; used when present
	ID     string // key of the identifier, default "id" or, where that is missing, "paper_id"; used when present
}

func (o SummaryOptions) filled() SummaryOptions {
	for _, f := range []struct {
		at *string
		to string
	}{{&o.Source, "source"}, {&o.Target, "target"}, {&o.Query, "query"}, {&o.ID, "id"}} {
		if *f.at == "" {
			*f.at = f.to
		}
	}
	return o
}

// ReadSummaries streams a JSONL file of {"source": text or list of sentences, "target": text or list of references}. SciTLDR's own
// files have this form. A dialogue has, in the place of a source, {"turns": [{"speaker", "text"}]}, speaker optional: its turns are the sentences. Other keys are ignored.
func ReadSummaries(path string, o SummaryOptions) iter.Seq2[Summary, error] {
	return readFile(path, func(r io.Reader) iter.Seq2[Summary, error] { return ParseSummaries(r, path, o) })
}

// ReadQMSum streams query-focused meeting summaries, one {"id", "query", "source", "summary"} a line, where the source has one
// "Speaker: text" turn a line. The turns are the Sentences.
func ReadQMSum(path string) iter.Seq2[Summary, error] {
	return func(yield func(Summary, error) bool) {
		for s, err := range ReadSummaries(path, SummaryOptions{Target: "summary"}) {
			if err == nil && s.Sentences == nil {
				s.Sentences = strings.Split(s.Source, "\n")
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// ParseSummaries is ReadSummaries on a reader; name is used in errors.
func ParseSummaries(r io.Reader, name string, o SummaryOptions) iter.Seq2[Summary, error] {
	o = o.filled()
	return parseLines(r, name, func(obj map[string]json.RawMessage) (Summary, string, error) {
		var s Summary
		var list []string
		var one bool
		var err error
		if _, ok := obj[o.Source]; !ok && obj[turnsKey] != nil {
			if list, err = spokenField(obj); err != nil {
				return s, turnsKey, err
			}
		} else if list, one, err = listField(obj, o.Source); err != nil {
			return s, o.Source, err
		}
		if !one {
			s.Sentences = list
		}
		s.Source = strings.Join(list, " ")
		if strings.TrimSpace(s.Source) == "" {
			return s, o.Source, fmt.Errorf("source is empty: %w", ErrEmpty)
		}
		if s.Targets, _, err = listField(obj, o.Target); err != nil {
			return s, o.Target, err
		}
		if strings.TrimSpace(strings.Join(s.Targets, "")) == "" {
			return s, o.Target, fmt.Errorf("target is empty: %w", ErrEmpty)
		}
		if _, ok := obj[o.Query]; ok {
			if s.Query, err = stringField(obj, o.Query); err != nil {
				return s, o.Query, err
			}
		}
		for _, key := range []string{o.ID, "paper_id"} {
			if _, ok := obj[key]; ok && s.ID == "" {
				if s.ID, err = scalarField(obj, key); err != nil {
					return s, key, err
				}
			}
		}
		return s, "", nil
	})
}

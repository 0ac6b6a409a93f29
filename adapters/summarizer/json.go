package summarizer

import (
	"context"
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/text"
)

// A Line is a document to summarize as JSON has it: by one of Text, Sentences and Turns, a dialogue whose turns are the sentences.
type Line struct {
	ID        string        `json:"id"`
	Text      string        `json:"text"`
	Sentences []string      `json:"sentences"`
	Turns     []data.Spoken `json:"turns"`
}

// Input is the document of a line.
func (l *Line) Input() (Input, error) {
	given := 0
	for _, has := range []bool{l.Text != "", len(l.Sentences) > 0, len(l.Turns) > 0} {
		if has {
			given++
		}
	}
	switch {
	case given == 0:
		return Input{}, adapter.Missing("text")
	case len(l.Turns) == 0:
		return Input{Text: l.Text, Sentences: l.Sentences}, nil
	case given > 1:
		return Input{}, errors.New(`got "turns" and "text" or "sentences", want one of them`)
	}
	in := Input{Sentences: make([]string, len(l.Turns))}
	for i, t := range l.Turns {
		if t.Text == "" {
			return Input{}, adapter.Missing(fmt.Sprintf("turns[%d].text", i))
		}
		in.Sentences[i] = t.Sentence()
	}
	return in, nil
}

// PredictJSON answers one line {"text", "id"}, or {"sentences", "id"} where they are known, or {"turns": [{"speaker", "text"}], "id"} of a dialogue, id and speaker optional, with
// a summary of the adapter's own length: {"id", "summary_text", "sentences"}.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
	q, err := p.BeginJSON(line)
	if err != nil {
		return nil, err
	}
	return text.Ask(ctx, q, batch)
}

// BeginJSON lays a line of PredictJSON out for the model.
func (p *Predictor) BeginJSON(line []byte) (*text.Question, error) {
	var in Line
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	document, err := in.Input()
	if err != nil {
		return nil, err
	}
	r := p.Begin([]Input{document}, Options{})
	return &text.Question{Reader: r, Answer: func() (any, error) {
		all, err := r.Summaries()
		if err != nil {
			return nil, err
		}
		return Answer(in.ID, all[0]), nil
	}}, nil
}

// Answer is what PredictJSON gives for a summary.
func Answer(id string, s Summary) any {
	return struct {
		ID string `json:"id,omitempty"`
		Summary
	}{id, s}
}

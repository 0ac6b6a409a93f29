package document

import (
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// A Document is what was found. A part that the analyzer doesn't have leaves its field nil.
type Document struct {
	ID       string            `json:"id,omitempty"`
	Type     *classifier.Score `json:"type,omitempty"`
	Fields   []Answer          `json:"fields,omitempty"`
	Entities []Entity          `json:"entities,omitzero"`
	Summary  *Summary          `json:"summary,omitempty"`
	Answers  []Answer          `json:"answers,omitempty"`
	Segments Segments          `json:"segments"`
	Shared   [][]string        `json:"shared"` // names of parts that read equal rows in one pass: type, entities, summary, answers
}

// An Entity is a run of words of one type.
type Entity struct {
	Group string  `json:"entity_group"`
	Score float64 `json:"score"`
	Word  string  `json:"word"` // as the document has it
	Span
}

// A Summary is an extract.
type Summary struct {
	Text      string `json:"summary_text"`
	Sentences []int  `json:"sentences"` // numbers, from 0, in Segments.Sentences
	Spans     []Span `json:"spans"`     // of these
}

// An Answer is a field, or what a standing question got: nothing, from 0 to 0, where the document doesn't say.
type Answer struct {
	Name   string  `json:"name"`
	Answer string  `json:"answer"` // as the document has it
	Score  float64 `json:"score"`  // of an answer, its probability among those considered; of an entity, that of its type; of none, that there is none, or 0 for an entity
	Span
}

// Document gives what was found, once everything in Shared has been read.
func (r *Reading) Document() (*Document, error) {
	d := &Document{Segments: r.segments, Shared: [][]string{}}
	for _, s := range r.shared {
		for _, group := range s.Groups() {
			var names []string
			for _, i := range group {
				names = append(names, r.parts[i])
			}
			d.Shared = append(d.Shared, names)
		}
	}
	if r.kind != nil {
		d.Type = &r.kind.Judged[0].Scores[0]
	}
	if r.entities != nil {
		d.Entities = r.found()
	}
	if r.summary != nil {
		all, err := r.summary.Summaries()
		if err != nil {
			return nil, fmt.Errorf("document: %w", err)
		}
		d.Summary = &Summary{Text: all[0].Text, Sentences: all[0].Picked, Spans: []Span{}}
		for _, i := range all[0].Picked {
			d.Summary.Spans = append(d.Summary.Spans, r.segments.Sentences[i])
		}
	}
	answered := r.answered()
	for _, f := range r.from.settings.Fields {
		if f.Question != "" {
			answered[0].Name = f.Name
			d.Fields, answered = append(d.Fields, answered[0]), answered[1:]
			continue
		}
		d.Fields = append(d.Fields, best(f, d.Entities))
	}
	for i, q := range r.from.settings.Questions {
		answered[i].Name = q.label()
		d.Answers = append(d.Answers, answered[i])
	}
	return d, nil
}

// found groups the tags to entities. None goes on over the end of a paragraph.
func (r *Reading) found() []Entity {
	breaks := paragraphs(r.plain.read)
	tags := r.entities.Tags[0]
	next := 0
	for i, w := range r.entities.Sentences()[0].Words {
		begins := false
		for next < len(breaks) && breaks[next].Start <= w.Start {
			next, begins = next+1, true
		}
		if begins && kind(tags[i].Label) != tags[i].Label {
			tags[i].Label = "B-" + kind(tags[i].Label)
		}
	}
	all := r.entities.Entities()[0]
	bytes := make([]tokenizer.Span, len(all))
	for i, e := range all {
		bytes[i] = tokenizer.Span{Start: e.StartByte, End: e.EndByte}
	}
	out := make([]Entity, len(all))
	for i, s := range r.plain.spans(bytes) {
		out[i] = Entity{Group: all[i].Group, Score: all[i].Score, Word: r.plain.quote(s), Span: s}
	}
	return out
}

// answered gives what the questions got, in their order.
func (r *Reading) answered() []Answer {
	if r.answers == nil {
		return nil
	}
	all := make([]Answer, len(r.questions))
	for i, p := range r.answers.Answers() {
		all[i].Score = p.Score
		if p.EndByte > p.StartByte {
			all[i].Span = r.plain.span(p.StartByte, p.EndByte)
			all[i].Answer = r.plain.quote(all[i].Span)
		}
	}
	return all
}

// best is the field of the entity with the highest score, the first of equals.
func best(f Field, entities []Entity) Answer {
	a := Answer{Name: f.Name}
	for _, e := range entities {
		if e.Group == f.Entity && e.Score > a.Score {
			a.Answer, a.Score, a.Span = e.Word, e.Score, e.Span
		}
	}
	return a
}

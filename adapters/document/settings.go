package document

import (
	"errors"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/adapters/summarizer"
)

// ErrSettings: a setting is out of range, or asks for a part that isn't there; the error names it.
var ErrSettings = errors.New("bad settings")

// Settings say what is asked of every document.
type Settings struct {
	Fields    []Field            `json:"fields,omitempty"`    // key fields
	Questions []Question         `json:"questions,omitempty"` // standing questions
	Summary   summarizer.Options `json:"summary"`             // length of summaries; zero: the summarizer's own
	Threshold *float64           `json:"threshold,omitempty"` // of no answer, in the place of the one that the questions' part was trained with
	Overlap   int                `json:"overlap"`             // tokens that neighbouring windows of the tagger share; 0: a quarter of a row
}

// A Question is asked of every document.
type Question struct {
	Name     string `json:"name,omitempty"` // what the answer is called; without one the question itself
	Question string `json:"question"`
}

// A Field is one fact of a document: the answer to a question, or the entity of a type with the highest score.
type Field struct {
	Name     string `json:"name"`
	Question string `json:"question,omitempty"`
	Entity   string `json:"entity,omitempty"` // a type of the tagger's
}

// most bounds fields and questions, and their lengths in bytes.
const (
	mostQuestions = 1000
	mostText      = 10_000
)

// Validate reports what is out of range whatever the parts are.
func (s *Settings) Validate() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("document: %w: %s", ErrSettings, fmt.Sprintf(format, args...))
	}
	if n := len(s.Fields) + len(s.Questions); n > mostQuestions {
		return fail("got %d fields and questions, want at most %d", n, mostQuestions)
	}
	names := map[string]bool{}
	for i, f := range s.Fields {
		switch {
		case f.Name == "" || len(f.Name) > mostText:
			return fail("field %d: its name has %d bytes, want 1 to %d", i, len(f.Name), mostText)
		case (f.Question == "") == (f.Entity == ""):
			return fail("field %.100q: want a question or an entity", f.Name)
		case len(f.Question) > mostText || len(f.Entity) > mostText:
			return fail("field %.100q: got more than %d bytes", f.Name, mostText)
		case names[f.Name]:
			return fail("field %.100q occurs twice", f.Name)
		}
		names[f.Name] = true
	}
	clear(names)
	for i, q := range s.Questions {
		switch {
		case q.Question == "" || len(q.Question) > mostText || len(q.Name) > mostText:
			return fail("question %d: it has %d bytes, want 1 to %d", i, len(q.Question), mostText)
		case names[q.label()]:
			return fail("question %.100q occurs twice", q.label())
		}
		names[q.label()] = true
	}
	if t := s.Threshold; t != nil && (math.IsNaN(*t) || math.IsInf(*t, 0)) {
		return fail("threshold: got %v, want a finite number", *t)
	}
	if s.Overlap < 0 {
		return fail("overlap: got %d, want 0 or more", s.Overlap)
	}
	if o := s.Summary; o.Sentences < 0 || o.Words < 0 || !(o.MMR >= 0 && o.MMR <= 1) {
		return fail("summary: got %d sentences, %d words and mmr %v, want 0 or more and at most 1", o.Sentences, o.Words, o.MMR)
	}
	return nil
}

// label is what the answer to a question is called.
func (q *Question) label() string {
	if q.Name != "" {
		return q.Name
	}
	return q.Question
}

// asks says whether a field needs the part that answers questions, or else the tagger.
func (s *Settings) asks() (questions, entities bool) {
	questions = len(s.Questions) > 0
	for _, f := range s.Fields {
		questions, entities = questions || f.Question != "", entities || f.Entity != ""
	}
	return questions, entities
}

package document

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// batch is how many rows are encoded at once.
const batch = 16

// Parts are the adapters that an Analyzer is made of; any may be nil, not all.
type Parts struct {
	Type     *classifier.Predictor
	Entities *tagger.Predictor
	Summary  *summarizer.Predictor
	Answers  *qa.Predictor // to questions and for fields
}

// An Analyzer reads documents. It is safe for concurrent use.
type Analyzer struct {
	parts    Parts
	settings Settings
	overlap  int
	passport *adapter.Passport
}

// New makes an analyzer. It takes over parts.Answers where settings have a threshold. Settings that ask for a part which isn't there, or a type of entities that
// the tagger doesn't know, are an ErrSettings.
func New(parts Parts, s Settings) (*Analyzer, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	fail := func(format string, args ...any) error {
		return fmt.Errorf("document: %w: %s", ErrSettings, fmt.Sprintf(format, args...))
	}
	if parts == (Parts{}) {
		return nil, fail("got no part, want at least one")
	}
	questions, entities := s.asks()
	switch {
	case questions && parts.Answers == nil:
		return nil, fail("got questions without the part that answers them")
	case entities && parts.Entities == nil:
		return nil, fail("got fields of entities without the part that finds them")
	case s.Threshold != nil && (parts.Answers == nil || !parts.Answers.Settings().NoAnswer):
		return nil, fail("threshold: the part that answers questions has learnt to leave none without an answer")
	case s.Summary != (summarizer.Options{}) && parts.Summary == nil:
		return nil, fail("summary: got options without the part that summarizes")
	}
	for _, f := range s.Fields {
		if f.Entity != "" && !slices.ContainsFunc(parts.Entities.Labels(), func(l string) bool { return kind(l) == f.Entity }) {
			return nil, fail("field %.100q: the tagger doesn't know the entity %.100q", f.Name, f.Entity)
		}
	}
	a := &Analyzer{parts: parts, settings: s}
	if s.Threshold != nil {
		a.parts.Answers.SetThreshold(*s.Threshold)
	}
	if parts.Entities != nil {
		if a.overlap = s.Overlap; a.overlap == 0 {
			a.overlap = parts.Entities.Settings().MaxLength / 4
		}
	}
	return a, nil
}

// kind is the type of entity that a tag is of.
func kind(tag string) string {
	if rest, ok := strings.CutPrefix(tag, "B-"); ok {
		return rest
	}
	return strings.TrimPrefix(tag, "I-")
}

// Settings say what is asked of every document.
func (a *Analyzer) Settings() Settings { return a.settings }

// Passport says where the analyzer comes from; nil for one that no folder was loaded for.
func (a *Analyzer) Passport() *adapter.Passport { return a.passport }

// Analyze reads a document. It returns ErrText, ErrEmpty or ErrSize for one that it can't.
func (a *Analyzer) Analyze(ctx context.Context, document string) (*Document, error) {
	r, err := a.Begin(document)
	if err != nil {
		return nil, err
	}
	for _, s := range r.Shared() {
		if err := text.Read(ctx, s, batch); err != nil {
			return nil, err
		}
	}
	return r.Document()
}

package document

import (
	"strings"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/text"
)

// A Reading is a document on its way to what is in it.
type Reading struct {
	from     *Analyzer
	plain    *plain
	segments Segments

	kind      *classifier.Reading
	entities  *tagger.Reading
	summary   *summarizer.Reading
	answers   *qa.Reading // of the fields' questions, then of the standing ones
	parts     []string    // names of the parts that read, beside shared's numbers
	shared    []*text.Shared
	questions []string // beside answers
}

// names of the parts, as Document.Shared and folders have them.
const (
	partType     = "type"
	partEntities = "entities"
	partSummary  = "summary"
	partAnswers  = "answers"
)

// Begin lays a document out for the parts.
func (a *Analyzer) Begin(document string) (*Reading, error) {
	p, err := newPlain(document)
	if err != nil {
		return nil, err
	}
	r := &Reading{from: a, plain: p, segments: p.segment()}
	var readers []text.Reader
	add := func(name string, reader text.Reader) {
		r.parts, readers = append(r.parts, name), append(readers, reader)
	}
	if c := a.parts.Type; c != nil {
		r.kind = c.Begin([]string{p.read})
		add(partType, r.kind)
	}
	if t := a.parts.Entities; t != nil {
		s, err := tagger.NewSentence(t.Model(), p.read)
		if err != nil {
			return nil, err
		}
		r.entities = t.BeginWindows([]*tagger.Sentence{s}, a.overlap)
		add(partEntities, r.entities)
	}
	if m := a.parts.Summary; m != nil {
		r.summary = m.Begin([]summarizer.Input{{Sentences: r.sentences()}}, a.settings.Summary)
		add(partSummary, r.summary)
	}
	r.questions = a.settings.questions()
	if q := a.parts.Answers; q != nil && len(r.questions) > 0 {
		inputs := make([]qa.Input, len(r.questions))
		for i, question := range r.questions {
			inputs[i] = qa.Input{Question: question, Context: p.read}
		}
		if r.answers, err = q.Begin(inputs); err != nil {
			return nil, err
		}
		add(partAnswers, r.answers)
	}
	r.shared = text.Together(readers)
	return r, nil
}

// questions lists those of fields, then the standing ones.
func (s *Settings) questions() []string {
	var all []string
	for _, f := range s.Fields {
		if f.Question != "" {
			all = append(all, f.Question)
		}
	}
	for _, q := range s.Questions {
		all = append(all, q.Question)
	}
	return all
}

// sentences gives the sentences as the summarizer reads them: the same whatever the line ends are.
func (r *Reading) sentences() []string {
	all := make([]string, len(r.segments.Sentences))
	for i, s := range r.segments.Sentences {
		all[i] = strings.ReplaceAll(r.plain.read[s.StartByte-r.plain.shift:s.EndByte-r.plain.shift], " \n", "\n")
	}
	return all
}

// Shared gives what is to be read, in any order, before Document.
func (r *Reading) Shared() []*text.Shared { return r.shared }

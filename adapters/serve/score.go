package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// A scorer is an adapter that a text alone is a question for.
type scorer interface {
	Question(id, in string) *text.Question
	Model() *text.Model
	Passport() *adapter.Passport
}

// loadScorer serves a task whose requests are {"adapter", "text"}: labels and numbers of texts.
func loadScorer[P scorer](task string, load func(fs.FS, *text.Model) (P, error)) func(*model, fs.FS, *adapter.Passport) error {
	return func(m *model, fsys fs.FS, _ *adapter.Passport) error {
		if m.base.Text == nil {
			return errWrongKind
		}
		p, err := load(fsys, m.base.Text)
		if err != nil {
			return err
		}
		m.Digest = p.Passport().Digest
		m.tasks[task] = asksText(p.Question)
		return m.addEmbed(Base{Text: p.Model()})
	}
}

// asksText answers requests of a text alone by what question makes of it.
func asksText(question func(id, in string) *text.Question) ask {
	return func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			Text string `json:"text"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		if in.Text == "" {
			return nil, missing("text")
		}
		q := question(in.ID, in.Text)
		if err := b.read(ctx, q); err != nil {
			return nil, err
		}
		return q.Answer()
	}
}

package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadTag serves names and slots: {"adapter", "text"} or {"adapter", "tokens"}.
func loadTag(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	p, err := tagger.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = p.Passport().Digest
	m.tasks[tagger.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			Text   string   `json:"text"`
			Tokens []string `json:"tokens"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		var s *tagger.Sentence
		var err error
		switch {
		case in.Text == "" && len(in.Tokens) == 0:
			return nil, missing("text")
		case in.Text != "" && len(in.Tokens) > 0:
			return nil, badf(`got "text" and "tokens", want one of them`)
		case in.Text != "":
			s, err = tagger.NewSentence(p.Model(), in.Text)
		default:
			s, err = tagger.JoinWords(p.Model(), in.Tokens)
		}
		if err != nil {
			return nil, badf("%w", err)
		}
		r := p.Begin([]*tagger.Sentence{s})
		if err := b.read(ctx, r); err != nil {
			return nil, err
		}
		return adapter.WithID(in.ID, r.Entities()[0]), nil
	}
	return m.addEmbed(Base{Text: p.Model()})
}

package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadSummarize serves extracts: {"adapter", "text"} or {"adapter", "sentences"}.
func loadSummarize(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	p, err := summarizer.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = p.Passport().Digest
	m.tasks[summarizer.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			Text      string   `json:"text"`
			Sentences []string `json:"sentences"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		if in.Text == "" && len(in.Sentences) == 0 {
			return nil, missing("text")
		}
		r := p.Begin([]summarizer.Input{{Text: in.Text, Sentences: in.Sentences}}, summarizer.Options{})
		if err := b.read(ctx, r); err != nil {
			return nil, err
		}
		s, err := r.Summaries()
		if err != nil {
			return nil, err
		}
		return summarizer.Answer(in.ID, s[0]), nil
	}
	return m.addEmbed(Base{Text: p.Model()})
}

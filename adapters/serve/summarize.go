package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
)

// loadSummarize serves extracts: {"adapter", "text"}, {"adapter", "sentences"} or {"adapter", "turns": [{"speaker", "text"}]}.
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
			Text      string        `json:"text"`
			Sentences []string      `json:"sentences"`
			Turns     []data.Spoken `json:"turns"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		line := summarizer.Line{Text: in.Text, Sentences: in.Sentences, Turns: in.Turns}
		document, err := line.Input()
		if err != nil {
			return nil, badf("%w", err)
		}
		r := p.Begin([]summarizer.Input{document}, summarizer.Options{})
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

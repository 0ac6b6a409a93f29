package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/multilabel"
	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// loadMultilabel serves any number of labels of a text: {"adapter", "text"}.
func loadMultilabel(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	p, err := multilabel.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = p.Passport().Digest
	m.tasks[multilabel.Task] = asksText(p.Begin)
	return m.addEmbed(Base{Text: p.Model()})
}

// loadRegress serves a number for a text: {"adapter", "text"}.
func loadRegress(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	p, err := regressor.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = p.Passport().Digest
	m.tasks[regressor.Task] = asksText(p.Begin)
	return m.addEmbed(Base{Text: p.Model()})
}

// asksText answers requests of a text alone by what begin makes of it.
func asksText(begin func(id, in string) *text.Question) func(context.Context, *batcher, []byte) (any, error) {
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
		q := begin(in.ID, in.Text)
		if err := b.read(ctx, q); err != nil {
			return nil, err
		}
		return q.Answer()
	}
}

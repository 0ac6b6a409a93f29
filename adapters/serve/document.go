package serve

import (
	"context"
	"errors"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadDocument serves whole documents: {"adapter", "text"}. What the parts read goes into batches.
func loadDocument(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	a, err := document.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = a.Passport().Digest
	m.tasks[document.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
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
		r, err := a.Begin(in.Text)
		if errors.Is(err, document.ErrText) || errors.Is(err, document.ErrEmpty) || errors.Is(err, document.ErrSize) {
			return nil, badf("%w", err)
		}
		if err != nil {
			return nil, err
		}
		for _, s := range r.Shared() {
			if err := b.read(ctx, s); err != nil {
				return nil, err
			}
		}
		d, err := r.Document()
		if err != nil {
			return nil, err
		}
		d.ID = in.ID
		return d, nil
	}
	return m.addEmbed(m.base)
}

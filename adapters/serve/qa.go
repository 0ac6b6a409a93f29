package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadQA serves answers to questions: {"adapter", "question", "context"}, or "contexts" in the place of "context" for a list of passages.
func loadQA(m *model, fsys fs.FS, _ *adapter.Passport) error {
	if m.base.Text == nil {
		return errWrongKind
	}
	q, err := qa.LoadFS(fsys, m.base.Text)
	if err != nil {
		return err
	}
	m.Digest = q.Passport().Digest
	m.tasks[qa.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			qa.Query
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		inputs, err := in.Inputs()
		if err != nil {
			return nil, badf("%w", err)
		}
		r, err := q.Begin(inputs)
		if err != nil {
			return nil, badf("%w", err)
		}
		if err := b.read(ctx, r); err != nil {
			return nil, err
		}
		return in.Query.Answer(in.ID, r.Answers()), nil
	}
	return m.addEmbed(Base{Text: q.Model()})
}

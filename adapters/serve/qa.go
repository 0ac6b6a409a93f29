package serve

import (
	"context"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadQA serves answers to questions: {"adapter", "question", "context"}.
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
			Question string `json:"question"`
			Context  string `json:"context"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		switch {
		case in.Question == "":
			return nil, missing("question")
		case in.Context == "":
			return nil, missing("context")
		}
		r, err := q.Begin([]qa.Input{{Question: in.Question, Context: in.Context}})
		if err != nil {
			return nil, badf("%w", err)
		}
		if err := b.read(ctx, r); err != nil {
			return nil, err
		}
		return qa.Answer(in.ID, r.Answers()[0]), nil
	}
	return m.addEmbed(Base{Text: q.Model()})
}

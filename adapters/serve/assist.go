package serve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

// loadAssist serves an assistant: {"adapter", "message", "state"}, the state that of the answer before. A request is computed by itself. Callers hold s.loading.
func (s *Server) loadAssist(ctx context.Context, name string, fsys fs.FS) (*model, error) {
	var first Base
	a, err := assistant.LoadFS(ctx, fsys, func(ctx context.Context, b adapter.Base) (*text.Model, error) {
		found, err := s.baseOf(ctx, &adapter.Passport{Base: b})
		if err != nil {
			return nil, err
		}
		if found.Text == nil {
			return nil, errWrongKind
		}
		if first.Text == nil {
			first = found
		}
		return found.Text, nil
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	p := a.Passport()
	m := &model{Model: Model{Name: name, Task: assistant.Task, Base: p.Parts[0].Base.Fingerprint, Digest: p.Digest}, base: first, tasks: map[string]ask{}}
	m.tasks[assistant.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			Adapter string `json:"adapter"`
			assistant.Line
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		if in.Message == "" {
			return nil, missing("message")
		}
		var answer any
		err := b.do(ctx, func() (err error) {
			answer, err = a.Line(ctx, in.Line)
			return err
		})
		if errors.Is(err, assistant.ErrMessage) || errors.Is(err, assistant.ErrState) {
			return nil, badf("%w", err)
		}
		return answer, err
	}
	return m, m.addEmbed(first)
}

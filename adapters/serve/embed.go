package serve

import (
	"context"
	"errors"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
)

// embedTask makes vectors. Every model can, bases too; the name of a base stands where that of an adapter would.
const embedTask = "embed"

// addEmbed lets m make vectors by the encoder of b: {"adapter", "text"}, or "image" on a base that reads pictures. A base whose folder asks for a module that isn't known
// has none, and one that reads trajectories neither.
func (m *model) addEmbed(b Base) error {
	if b.Trajectories != nil {
		return nil
	}
	if b.Vision != nil {
		e, err := vision.NewEmbedder(b.Vision, vision.EmbedConfig{})
		if err == nil {
			m.tasks[embedTask] = embedPicture(e)
		}
		return err
	}
	e, err := text.NewEmbedder(b.Text, text.EmbedConfig{})
	if errors.Is(err, text.ErrUnsupportedModel) {
		return nil
	}
	if err != nil {
		return err
	}
	m.embedder = e
	m.tasks[embedTask] = asksText(func(id, in string) *text.Question {
		r := e.Begin([]string{in})
		return &text.Question{Reader: r, Answer: func() (any, error) { return adapter.WithID(id, r.Vectors[0]), nil }}
	})
	return nil
}

func embedPicture(e *vision.Embedder) ask {
	return func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			Image string `json:"image"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		shown, err := b.picture(ctx, "image", in.Image)
		if err != nil {
			return nil, err
		}
		v := make([]float32, e.Width())
		if err := b.do(ctx, func() error { return e.Embed(v, shown) }); err != nil {
			return nil, err
		}
		return adapter.WithID(in.ID, v), nil
	}
}

package serve

import (
	"context"
	"image"
	"io/fs"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadClassify serves classifiers: {"adapter", "text"} or, on a base that reads pictures, {"adapter", "image"}.
func loadClassify(m *model, fsys fs.FS, p *adapter.Passport) error {
	if m.base.Vision != nil {
		return loadClassifyPictures(m, fsys, p)
	}
	return loadScorer(classifier.Task, classifier.LoadFS)(m, fsys, p)
}

func loadClassifyPictures(m *model, fsys fs.FS, _ *adapter.Passport) error {
	c, err := pictures.LoadFS(fsys, m.base.Vision)
	if err != nil {
		return err
	}
	m.Digest = c.Passport().Digest
	m.tasks[classifier.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
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
		var judged []head.Judged
		err = b.do(ctx, func() error {
			var err error
			judged, err = c.Judge(ctx, []*image.NRGBA{shown})
			return err
		})
		if err != nil {
			return nil, err
		}
		return pictures.Answer(in.ID, judged[0]), nil
	}
	return m.addEmbed(Base{Vision: c.Model()})
}

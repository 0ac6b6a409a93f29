package serve

import (
	"context"
	"image"
	"io/fs"
	"time"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/adapter"
)

// loadInspect serves verdicts on pictures: {"adapter", "image"} and, for a detector that compares with one, "template".
func loadInspect(m *model, fsys fs.FS, p *adapter.Passport) error {
	if m.base.Vision == nil {
		return errWrongKind
	}
	var judge func(shown, template *image.NRGBA) (*inspector.Answer, error)
	templates := false
	if p.Method == inspector.MemoryBank {
		s, err := inspector.OpenFS(fsys, m.base.Vision)
		if err != nil {
			return err
		}
		judge, m.Digest = func(shown, _ *image.NRGBA) (*inspector.Answer, error) { return s.Judge(shown) }, s.Passport().Digest
	} else {
		d, err := inspector.LoadDetectorFS(fsys, m.base.Vision)
		if err != nil {
			return err
		}
		judge, m.Digest, templates = d.Inspect, d.Passport().Digest, d.Settings().Template != nil
	}
	m.tasks[inspector.Task] = func(ctx context.Context, b *batcher, raw []byte) (any, error) {
		var in struct {
			address
			Image    string `json:"image"`
			Template string `json:"template"`
		}
		if err := parse(raw, &in); err != nil {
			return nil, err
		}
		shown, err := b.picture(ctx, "image", in.Image)
		if err != nil {
			return nil, err
		}
		var template *image.NRGBA
		switch {
		case templates:
			if template, err = b.picture(ctx, "template", in.Template); err != nil {
				return nil, err
			}
			if shown.Rect.Size() != template.Rect.Size() {
				return nil, badf("template: got %v pixels, want the %v of the image", template.Rect.Size(), shown.Rect.Size())
			}
		case in.Template != "":
			return nil, badf("template: got one, want none: the adapter compares with no template")
		}
		var out inspector.Line
		err = b.do(ctx, func() error {
			begin := time.Now()
			a, err := judge(shown, template)
			if err == nil {
				out = inspector.NewLine(in.ID, a, float64(time.Since(begin).Microseconds())/1000)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return m.addEmbed(m.base)
}

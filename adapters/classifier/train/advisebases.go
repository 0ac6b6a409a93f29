package train

import (
	"context"
	"image"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// AdviseTexts is a probe of labelled texts, beside TF-IDF with a linear model.
func AdviseTexts(examples []data.Labelled, bases []Candidate[data.Labelled]) Probe[data.Labelled] {
	return Probe[data.Labelled]{
		Examples: examples, Label: Task().Label, Bases: bases, Cheap: Linear(), Seed: 1,
		Settings: []int{4, 7}, // an SVM with C 1 over words and pairs, and over these and runs of characters
	}
}

// AdvisePictures is a probe of labelled pictures, beside HOG with a linear SVM on gray pictures of side pixels.
func AdvisePictures(items []dataset.Item, bases []Candidate[dataset.Item], side int) Probe[dataset.Item] {
	return Probe[dataset.Item]{
		Examples: items, Label: Pictures().Label, Bases: bases, Cheap: HOG(&vision.Config{ImageSize: side, Channels: 1}), Seed: 1,
		Settings: []int{1, 4}, // C 0.1 with seven and with four cells a side
	}
}

// TextEncoder makes the vectors that a classifier's head reads: means of length 1.
func TextEncoder(m *text.Model) (Encoder[data.Labelled], error) {
	e, err := text.NewEmbedder(m, text.EmbedConfig{Pooling: string(nn.PoolMean), Normalize: true})
	if err != nil {
		return Encoder[data.Labelled]{}, err
	}
	out := Encoder[data.Labelled]{Width: e.Width(), Params: count(m.Params())}
	if out.LoRA, err = lowRank(m.Clone()); err != nil {
		return out, err
	}
	out.Embed = func(ctx context.Context, examples []data.Labelled) ([]float32, error) {
		vectors, err := e.Embed(ctx, textsOf(examples))
		var x []float32
		for _, v := range vectors {
			x = append(x, v...)
		}
		return x, err
	}
	return out, nil
}

// PictureEncoder makes the vectors that a classifier's head reads: means of length 1.
func PictureEncoder(m *vision.Model) (Encoder[dataset.Item], error) {
	e, err := vision.NewEmbedder(m, vision.EmbedConfig{Pooling: string(nn.PoolMean), Normalize: true})
	if err != nil {
		return Encoder[dataset.Item]{}, err
	}
	out := Encoder[dataset.Item]{Width: e.Width(), Params: count(m.Params())}
	if out.LoRA, err = lowRank(m.Clone()); err != nil {
		return out, err
	}
	out.Embed = func(ctx context.Context, items []dataset.Item) ([]float32, error) {
		x := make([]float32, len(items)*out.Width)
		for r, err := range dataset.Load(ctx, items, dataset.LoadOptions{Limits: picture.Limits{WebP: true}}, func(i int, m *image.NRGBA) ([]float32, error) {
			v := make([]float32, out.Width)
			return v, e.Embed(v, m)
		}) {
			if err != nil {
				return nil, err
			}
			copy(x[r.Index*out.Width:], r.Value)
		}
		return x, nil
	}
	return out, nil
}

// lowRank counts what low-rank changes of a model, which is a copy, learn.
func lowRank[M interface{ Backbone() *backbone.Encoder }](m M, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	c, _ := peft.Default(peft.MethodLoRA)
	change, err := peft.Attach(m.Backbone(), c, 1)
	if err != nil {
		return 0, err
	}
	return count(change.Params()), nil
}

func count(params []*nn.Param) int {
	n := 0
	for _, p := range params {
		n += len(p.Value)
	}
	return n
}

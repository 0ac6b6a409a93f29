package pictures

import (
	"context"
	"image"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/vision/picture"
)

// top is how many labels a line gets, as in Hugging Face's pipeline.
const top = 5

// PredictJSON answers one line {"image", "id"}, id optional, with the best five labels: a list of {"label", "score"}, or {"id", "answers"} where there is an
// id. The image is the path of a file, so lines must come from someone who may read what this program may read.
func (p *Predictor) PredictJSON(ctx context.Context, line []byte) (any, error) {
	var in struct {
		ID    string `json:"id"`
		Image string `json:"image"`
	}
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	if in.Image == "" {
		return nil, adapter.Missing("image")
	}
	m, err := picture.DecodeFile(in.Image, picture.Limits{WebP: true})
	if err != nil {
		return nil, err
	}
	scores, err := p.Predict(ctx, []*image.NRGBA{m})
	if err != nil {
		return nil, err
	}
	return Answer(in.ID, scores[0]), nil
}

// Answer is what PredictJSON gives for the scores of a picture.
func Answer(id string, scores []head.Score) any {
	return adapter.WithID(id, scores[:min(top, len(scores))])
}

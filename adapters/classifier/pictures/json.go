package pictures

import (
	"context"
	"image"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/vision/picture"
)

// top is how many labels a line gets, as in Hugging Face's pipeline.
const top = 5

// PredictJSON answers one line {"image", "id"}, id optional, with the best five labels: a list of {"label", "score"}, or {"id", "answers"} where there is an
// id. Where the adapter has a calibration, the first of them has {"verdict", "confidence", "why", "labels"} too. The image is the path of a file, so lines must come from someone who may read what this program may read.
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
	judged, err := p.Judge(ctx, []*image.NRGBA{m})
	if err != nil {
		return nil, err
	}
	return Answer(in.ID, judged[0]), nil
}

// Answer is what PredictJSON gives for a picture that was judged.
func Answer(id string, j head.Judged) any {
	n := min(top, len(j.Scores))
	if j.Verdict == nil {
		return adapter.WithID(id, j.Scores[:n])
	}
	type answer struct {
		head.Score
		*calibration.Verdict
		Labels []string `json:"labels,omitzero"`
	}
	all := make([]answer, n)
	for i := range all {
		all[i].Score = j.Scores[i]
	}
	all[0].Verdict, all[0].Labels = j.Verdict, j.Labels
	return adapter.WithID(id, all)
}

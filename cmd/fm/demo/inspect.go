package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/baseline"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/dataset"
	visionmini "github.com/fmkit/fmkit/vision/mini"
)

const (
	goodCloths = 60 // to learn from
	testCloths = 30 // good ones to score on, and as many scratched
)

// An Inspection is what came of looking at cloth.
type Inspection struct {
	Base  string     `json:"base"`
	Good  int        `json:"good"` // pictures to learn from
	Test  int        `json:"test"` // to score on, half of them scratched
	Arms  [2]Inspect `json:"arms"`
	Found int        `json:"found"` // scratched ones called defective
	False int        `json:"false"` // good ones called defective
	Heat  string     `json:"heat"`  // PNG file of a scratched one with its heat map
}

// An Inspect is a way of inspection with its score.
type Inspect struct {
	Name  string  `json:"name"`
	AUROC float64 `json:"image_AUROC"`
}

// cloths are pictures to learn from.
type cloths struct {
	pictures []*image.NRGBA
	windows  *inspector.Windows
}

func (c cloths) Len() int { return len(c.pictures) }

func (c cloths) Read(pixels []float32, i int) error { return c.windows.Process(pixels, c.pictures[i]) }

// inspect learns from good cloth, and scores that and principal components on further cloth, half of it scratched.
func (o *Options) inspect(ctx context.Context) (*Inspection, error) {
	base, err := visionmini.Load()
	if err != nil {
		return nil, err
	}
	s := inspector.Default(base.Config.Channels, weaveSide, weaveSide)
	s.View = inspector.DefaultView(&base.Config)
	s.View.Standardize, s.Whiten, s.Whole, s.Neighbourhood, s.FalseAlarms = true, 0.3, true, 1, 0.05
	w, err := inspector.NewWindows(base, s)
	if err != nil {
		return nil, err
	}
	key := random.Key(o.Seed, "demo.weave")
	good := cloths{windows: w}
	var grays []*image.Gray
	for i := range goodCloths {
		m := weave(random.Mix(key, uint64(i)), false)
		good.pictures, grays = append(good.pictures, m), append(grays, inspector.Gray(m))
	}
	p, err := inspector.Fit(ctx, w, good, s)
	if err != nil {
		return nil, err
	}
	components, err := baseline.FitPCA(grays, baseline.Options{})
	if err != nil {
		return nil, err
	}
	station := inspector.NewStation(p, w)
	r := &Inspection{Base: base.Name, Good: goodCloths, Test: 2 * testCloths, Heat: filepath.Join(o.Dir, "heat.png")}
	var kinds []string
	var scores [2][]float64
	for i := range 2 * testCloths {
		scratched := i >= testCloths
		m := weave(random.Mix(key, uint64(1000+i)), scratched)
		a, err := station.Judge(m)
		if err != nil {
			return nil, err
		}
		second, _, err := components.Score(inspector.Gray(m))
		if err != nil {
			return nil, err
		}
		scores[0], scores[1] = append(scores[0], a.Score), append(scores[1], second)
		kind := dataset.Good
		if scratched {
			kind = "scratch"
		}
		kinds = append(kinds, kind)
		switch {
		case a.Label != inspector.Defect:
		case scratched:
			r.Found++
		default:
			r.False++
		}
		if i == testCloths {
			if err := writeHeat(r.Heat, station, m, a); err != nil {
				return nil, err
			}
		}
	}
	for i, name := range []string{"memory of good patches", "principal components"} {
		s, err := inspector.ScorePictures(kinds, scores[i])
		if err != nil {
			return nil, err
		}
		r.Arms[i] = Inspect{name, s.Values["image_AUROC"]}
	}
	return r, nil
}

func writeHeat(path string, s *inspector.Station, m *image.NRGBA, a *inspector.Answer) error {
	painted, err := s.Paint(m, a)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := png.Encode(&raw, painted); err != nil {
		return fmt.Errorf("heat map: %w", err)
	}
	return checkpoint.WriteFile(path, raw.Bytes())
}

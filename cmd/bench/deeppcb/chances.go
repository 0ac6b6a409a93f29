package main

import (
	"fmt"
	"image"
	"reflect"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/vision"
)

// chancesOf is how many pictures the chances are of.
const chancesOf = 4

// windowChances are the chances that a detector gives the patches of some windows of a picture.
type windowChances struct {
	Picture int           `json:"picture"`
	At      []image.Point `json:"at"`
	Chances []float32     `json:"chances"` // [n, N, 1+C]
}

// chances writes those of a detector: with a template round what it proposes, without one here and there, past the edges too.
func (b *bench) chances(path, dir string, base *vision.Model, shown []*image.NRGBA, pictures []exported) error {
	d, err := inspector.LoadDetector(dir, base)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(d.Settings().Template, b.config.Detector.Template) {
		return fmt.Errorf("%s: template: got %+v, want %+v", dir, d.Settings().Template, b.config.Detector.Template)
	}
	var all []windowChances
	for i, m := range shown {
		c := windowChances{Picture: i}
		for _, p := range pictures[i].Places {
			box := inspector.Box{Box: p}
			c.At = append(c.At, box.Middle().Sub(image.Pt(b.image/2, b.image/2)))
		}
		if !b.template {
			for at := -b.image / 2; at < max(m.Rect.Dx(), m.Rect.Dy()); at += b.image - 1 {
				c.At = append(c.At, image.Pt(at, at), image.Pt(m.Rect.Dx()-at, at))
			}
		}
		if c.Chances, err = d.Chances(m, c.At); err != nil {
			return err
		}
		all = append(all, c)
	}
	return writeJSON(path, struct {
		Digest string          `json:"digest"`
		All    []windowChances `json:"all"`
	}{d.Passport().Digest, all})
}

package inspector_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// striped is a picture of stripes with noise.
func striped(seed uint64) *image.NRGBA {
	r := random.New(random.Key(seed, "striped"))
	m := image.NewNRGBA(image.Rect(0, 0, 24, 24))
	for y := range 24 {
		for x := range 24 {
			v := uint8(100 + 50*(y/2%2) + int(random.Mix(uint64(x), r.Uint64())%20))
			m.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	return m
}

// An inspector is fitted on a folder of good pictures and judges others. The base would be a pretrained one.
func ExampleAdapt() {
	dir, err := os.MkdirTemp("", "good-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for i := range 24 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%02d.png", i)))
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := png.Encode(f, striped(uint64(i))); err != nil {
			fmt.Println(err)
			return
		}
		f.Close()
	}
	c, _ := vision.Preset("tiny", 8, 4)
	c.Channels = 1
	base, err := vision.New(c, picture.NewProcessor(8, 8, 1), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := inspector.Recommended(base, dir, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.FalseAlarms = 0.05 // takes 19 good pictures
	station, passport, err := inspector.Adapt(context.Background(), base, dir, s, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	part := striped(100)
	a, _ := station.Judge(part)
	fmt.Println(passport.Task, a.Label)
	for i := range 6 { // a scratch
		part.SetNRGBA(8+i, 10+i, color.NRGBA{255, 255, 255, 255})
		part.SetNRGBA(9+i, 10+i, color.NRGBA{255, 255, 255, 255})
	}
	a, _ = station.Judge(part)
	fmt.Println(a.Label, len(a.Boxes) > 0)
	// Output:
	// inspect ok
	// defect true
}

func ExampleScorePictures() {
	s, err := inspector.ScorePictures([]string{"good", "good", "scratch", "stain"}, []float64{0.1, 0.4, 0.9, 0.3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Values["image_AUROC"], s.Kinds["scratch"].Values["image_AUROC"], s.Kinds["stain"].Values["image_AUROC"])
	// Output: 0.75 1 0.5
}

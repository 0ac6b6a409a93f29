package pictures_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// shade is a picture that is dark on one side.
func shade(left bool, level uint8) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for at := range 256 {
		v := level
		if (at%16 < 8) == left {
			v /= 4
		}
		m.SetNRGBA(at%16, at/16, color.NRGBA{v, v, v, 255})
	}
	return m
}

// shades writes class folders of n pictures each.
func shades(dir string, n int) error {
	for i := range 2 * n {
		path := filepath.Join(dir, []string{"left", "right"}[i%2], fmt.Sprintf("%02d.png", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := png.Encode(f, shade(i%2 == 0, uint8(100+5*i))); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// toyBase is a small ViT with random weights.
func toyBase() (*vision.Model, error) {
	c, err := vision.Preset("tiny", 16, 4)
	if err != nil {
		return nil, err
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate = 32, 2, 1, 64
	return vision.New(c, picture.NewProcessor(16, 16, 3), 1)
}

// A toy base learns which side is dark, from class folders; the adapter folder then answers on that base.
func Example() {
	dir, err := os.MkdirTemp("", "pictures")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := shades(filepath.Join(dir, "data"), 12); err != nil {
		fmt.Println(err)
		return
	}
	base, err := toyBase()
	if err != nil {
		fmt.Println(err)
		return
	}
	c := train.PictureDefaults()
	c.Epochs, c.Batch, c.LR, c.Held = 40, 8, 2e-3, 0
	c.Augment = &picture.Augment{Rotate: 5} // mirrored, a picture would be of the other class
	d, err := train.ReadPictures(filepath.Join(dir, "data"), "", c)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if _, err := train.Pictures().Adapt(ctx, base, d, c, finetune.Options{Out: filepath.Join(dir, "sides")}); err != nil {
		fmt.Println(err)
		return
	}

	p, err := pictures.Load(filepath.Join(dir, "sides"), base)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, err := p.Predict(ctx, []*image.NRGBA{shade(true, 200), shade(false, 90)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range scores {
		fmt.Println(s[0].Label, s[0].Score > 0.9)
	}
	// Output:
	// left true
	// right true
}

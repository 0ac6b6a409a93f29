package bench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/picture"
)

// A PictureSize is a picture that is brought to another size.
type PictureSize struct {
	Width, Height int // of the file
	Side          int // of the result
	Filter        picture.Filter
}

// pictureSizes are a photograph and a board, as a model of 224 pixels wants them.
var pictureSizes = []PictureSize{{1024, 768, 224, picture.Bicubic}, {1024, 768, 224, picture.Bilinear}, {640, 640, 224, picture.Bilinear}}

func (s PictureSize) String() string {
	return fmt.Sprintf("%dx%d to %d, %s", s.Width, s.Height, s.Side, map[picture.Filter]string{picture.Bicubic: "bicubic", picture.Bilinear: "bilinear"}[s.Filter])
}

// PictureOptions say which pictures are timed.
type PictureOptions struct {
	Options
	Sizes []PictureSize // nil: 1024x768, bicubic and bilinear, and 640x640, to 224
}

// Pictures times resizing, and decoding and resizing, in pictures a second on one thread, against Pillow. Levels of what is resized must be Pillow's; of a JPEG file they
// may differ a little, for decoders do.
func Pictures(ctx context.Context, o PictureOptions) (Report, error) {
	o.Options = o.filled()
	if o.Sizes == nil {
		o.Sizes = pictureSizes
	}
	r := Report{Machine: ThisMachine()}
	before := kernels.Workers()
	defer kernels.SetWorkers(before)
	kernels.SetWorkers(1)
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	var duels []Duel
	var args []string
	for i, s := range o.Sizes {
		made, err := s.duels(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			return r, fmt.Errorf("bench: %s: %w", s, err)
		}
		for _, d := range made {
			args = append(args, fmt.Sprintf("%s=%s:%d:%d:%s", d.Name, d.file, s.Side, s.Side, map[picture.Filter]string{picture.Bicubic: "BICUBIC", picture.Bilinear: "BILINEAR"}[s.Filter]))
			d.Duel.Work, d.Duel.Pairs = d.Name, o.Pairs
			duels = append(duels, d.Duel)
		}
	}
	var peer *Peer
	if o.Peer != "" {
		if peer, err = StartPeer(ctx, "peer_pictures.py", 1, args...); err != nil {
			return r, err
		}
		defer peer.Close()
		r.Peer = peer.Name
	}
	for _, d := range duels {
		d.Peer = peer
		x, err := d.Fight(ctx)
		if err != nil {
			return r, err
		}
		r.add(x)
		line(o.Log, x)
	}
	return r, nil
}

// A pictureDuel is a duel about a file.
type pictureDuel struct {
	Duel
	file string
}

// duels writes a picture as PNG and as JPEG, and gives what is timed of it.
func (s PictureSize) duels(path string) ([]pictureDuel, error) {
	shown := s.picture()
	var lossless, lossy bytes.Buffer
	if err := png.Encode(&lossless, shown); err != nil {
		return nil, err
	}
	if err := jpeg.Encode(&lossy, shown, &jpeg.Options{Quality: 90}); err != nil {
		return nil, err
	}
	for name, raw := range map[string][]byte{path + ".png": lossless.Bytes(), path + ".jpg": lossy.Bytes()} {
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			return nil, err
		}
	}
	small := picture.Resize(shown, s.Side, s.Side, s.Filter)
	levels := make([]float32, 0, 3*s.Side*s.Side)
	for i := 0; i < len(small.Pix); i += 4 {
		levels = append(levels, float32(small.Pix[i]), float32(small.Pix[i+1]), float32(small.Pix[i+2]))
	}
	decode := func(raw []byte) Work {
		return func() error {
			m, err := picture.Decode(raw, picture.Limits{})
			if err == nil {
				picture.Resize(m, s.Side, s.Side, s.Filter)
			}
			return err
		}
	}
	duel := func(name, kind string, output []float32, ours Work) pictureDuel {
		return pictureDuel{Duel{Name: name + " " + s.String(), Threads: 1, Unit: "pictures/s", Amount: 1, Ours: ours, Output: output}, path + kind}
	}
	return []pictureDuel{
		duel("resize", ".png", levels, func() error { picture.Resize(shown, s.Side, s.Side, s.Filter); return nil }),
		duel("decode PNG and resize", ".png", levels, decode(lossless.Bytes())),
		duel("decode JPEG and resize", ".jpg", nil, decode(lossy.Bytes())),
	}, nil
}

// picture draws patches of colours with some noise: neither flat nor pure noise, which no file is.
func (s PictureSize) picture() *image.NRGBA {
	r := random.New(1)
	m := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
	for y := range s.Height {
		for x := range s.Width {
			p := m.Pix[y*m.Stride+4*x:][:4]
			for c := range 3 {
				p[c] = uint8((x*(c+1)/3+y*(3-c)/2+97*(x/64)*(y/48)+r.IntN(9))%224 + 8)
			}
			p[3] = 255
		}
	}
	return m
}

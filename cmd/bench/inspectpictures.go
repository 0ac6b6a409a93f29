package bench

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/random"
)

// A PictureFile is a kind of file that a camera gives.
type PictureFile struct {
	Width, Height int
	JPEG          bool // of quality 90; else PNG
}

func (f PictureFile) String() string {
	kind := "PNG"
	if f.JPEG {
		kind = "JPEG"
	}
	return fmt.Sprintf("%dx%d %s", f.Width, f.Height, kind)
}

// write puts n pictures into folder, in files that begin with name and are sorted by number, and gives their bytes. Where defective is set every fourth has a defect.
func (f PictureFile) write(folder, name string, n int, defective bool) ([][]byte, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	raw := make([][]byte, n)
	for i := range raw {
		m := f.texture(random.Mix(random.Key(1, f.String()+name), uint64(i)), defective && i%4 == 3)
		var b bytes.Buffer
		kind, err := ".png", error(nil)
		if f.JPEG {
			kind, err = ".jpg", jpeg.Encode(&b, m, &jpeg.Options{Quality: 90})
		} else {
			err = png.Encode(&b, m)
		}
		if err != nil {
			return nil, err
		}
		raw[i] = b.Bytes()
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s%06d%s", name, i, kind)), raw[i], 0o600); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// texture draws a weave of two colours with some noise, which has 20 by 20 threads in every size, and where bad is set a stain of a tenth of the width.
func (f PictureFile) texture(key uint64, bad bool) *image.NRGBA {
	const threads = 20
	r := random.New(key)
	across, down := wave(f.Width, threads, r.Float64()), wave(f.Height, threads, r.Float64())
	light, centre, radius := r.IntN(17)-8, image.Pt(r.IntN(f.Width), r.IntN(f.Height)), max(1, f.Width/20)
	m := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	for y := range f.Height {
		for x := range f.Width {
			v := 120 + light + int(36*(across[x]+down[y]*across[x]/2))
			if dx, dy := x-centre.X, y-centre.Y; bad && dx*dx+dy*dy <= radius*radius {
				v -= 60
			}
			p := m.Pix[y*m.Stride+4*x:][:4]
			for c, tint := range []int{12, 0, -16} {
				p[c] = uint8(min(max(v+tint+r.IntN(9)-4, 0), 255))
			}
			p[3] = 255
		}
	}
	return m
}

// wave has n values of so many periods of a sine, which begins at a share of one.
func wave(n, periods int, phase float64) []float64 {
	all := make([]float64, n)
	for i := range all {
		all[i] = math.Sin(2 * math.Pi * (float64(i*periods)/float64(n) + phase))
	}
	return all
}

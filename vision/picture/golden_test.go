package picture_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision/picture"
)

// noise gives a picture of random pixels: 3 channels, or 4 with random alpha. testdata/golden.py makes the same.
func noise(seed uint64, w, h, channels int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Pix[4*i+3] = 255
		for c := range channels {
			m.Pix[4*i+c] = uint8(random.Mix(seed, uint64(i*channels+c)))
		}
	}
	return m
}

// TestResizeAgainstPillow holds every filter, up, down and both, with and without alpha, to Pillow's pixels. Tolerance: none.
func TestResizeAgainstPillow(t *testing.T) {
	for _, c := range readGolden(t).Resize {
		t.Run(fmt.Sprintf("filter %d, %dx%d of %d to %v", c.Filter, c.Width, c.Height, c.Channels, c.To), func(t *testing.T) {
			got := picture.Resize(noise(c.Seed, c.Width, c.Height, c.Channels), c.To[0], c.To[1], c.Filter)
			for i := range c.To[0] * c.To[1] {
				for k := range c.Channels {
					if got, want := got.Pix[4*i+k], c.Pixels[i*c.Channels+k]; got != want {
						t.Fatalf("pixel %d, channel %d: got %d, want %d", i, k, got, want)
					}
				}
			}
		})
	}
}

// TestProcessAgainstTransformers holds tensors of small pictures to those of transformers, to the bit.
func TestProcessAgainstTransformers(t *testing.T) {
	for i, c := range readGolden(t).Process {
		raw, err := base64.StdEncoding.DecodeString(c.Values)
		if err != nil {
			t.Fatal(err)
		}
		if d := farthest(t, c.Config, noise(c.Seed, c.Width, c.Height, 3), raw); d != 0 {
			t.Errorf("case %d: values differ by up to %g", i, d)
		}
	}
}

// TestHundredPictures does the same for larger PNG files, which the interpreter of FMKIT_PYTHON makes.
func TestHundredPictures(t *testing.T) {
	python := os.Getenv("FMKIT_PYTHON")
	if python == "" {
		t.Skip("FMKIT_PYTHON is unset")
	}
	const n = 100
	dir := t.TempDir()
	out, err := exec.Command(python, "testdata/golden.py", dir, fmt.Sprint(n)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
	worst := map[picture.Filter]float64{}
	imagingWorst := map[picture.Filter]int{}
	for i := range n {
		m, err := picture.DecodeFile(filepath.Join(dir, fmt.Sprintf("%d.png", i)), picture.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		config, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.json", i)))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.f32", i)))
		if err != nil {
			t.Fatal(err)
		}
		p, err := picture.ParseProcessor(config)
		if err != nil {
			t.Fatal(err)
		}
		worst[p.Filter] = max(worst[p.Filter], farthest(t, config, m, want))
		imagingWorst[p.Filter] = max(imagingWorst[p.Filter], fromImaging(m, p.Filter))
	}
	for f, d := range worst {
		t.Logf("filter %d: values differ from those of Pillow and numpy by up to %g, pixels of imaging from ours by %d", f, d, imagingWorst[f])
		if d != 0 {
			t.Errorf("filter %d: values differ by up to %g", f, d)
		}
	}
}

// fromImaging gives the largest difference between a picture that imaging resizes and ours.
func fromImaging(m *image.NRGBA, f picture.Filter) int {
	filter := imaging.Linear
	if f == picture.Bicubic {
		filter = imaging.CatmullRom
	}
	got, want := picture.Resize(m, 100, 77, f), imaging.Resize(m, 100, 77, filter)
	worst := 0
	for i := range got.Pix {
		d := int(got.Pix[i]) - int(want.Pix[i])
		worst = max(worst, d, -d)
	}
	return worst
}

// farthest processes m and gives the largest difference to want.
func farthest(t *testing.T, config []byte, m *image.NRGBA, want []byte) float64 {
	t.Helper()
	p, err := picture.ParseProcessor(config)
	if err != nil {
		t.Fatal(err)
	}
	w, h := p.Size()
	got := make([]float32, p.Channels()*w*h)
	if err := p.Process(got, m); err != nil {
		t.Fatal(err)
	}
	if len(want) != 4*len(got) {
		t.Fatalf("got %d values, want %d", len(got), len(want)/4)
	}
	worst := 0.0
	for i, v := range got {
		w := math.Float32frombits(binary.LittleEndian.Uint32(want[4*i:]))
		worst = max(worst, math.Abs(float64(v)-float64(w)))
	}
	return worst
}

type golden struct {
	Resize []struct {
		Seed                    uint64
		Width, Height, Channels int
		To                      [2]int
		Filter                  picture.Filter
		Pixels                  []byte
	}
	Process []struct {
		Seed          uint64
		Width, Height int
		Config        json.RawMessage
		Values        string
	}
	Files []struct {
		Name          string
		WebP          bool
		Width, Height int
		File          string
		Pixels        []byte
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Resize) < 48 || len(g.Process) < 12 || len(g.Files) < 5 {
		t.Fatalf("got %d, %d and %d golden cases", len(g.Resize), len(g.Process), len(g.Files))
	}
	return g
}

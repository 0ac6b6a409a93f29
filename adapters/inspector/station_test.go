package inspector

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// plate is a picture of w x h with noise, and with a white square of 8 pixels in it where it is bad.
func plate(seed uint64, w, h int, bad bool) *image.NRGBA {
	r := random.New(random.Key(seed, "plate"))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(100 + r.IntN(40))
			if bad && x >= 16 && x < 24 && y >= 8 && y < 16 {
				v = 255
			}
			m.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	return m
}

// plates writes a folder of good pictures.
func plates(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(100+i)+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, plate(uint64(i), 32, 24, false)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestStation: an adapter folder attaches to its base and processor and to no other; answers are in the picture's own pixels.
func TestStation(t *testing.T) {
	base, good, dir := smallBase(t), plates(t, 24), filepath.Join(t.TempDir(), "adapter")
	s, err := Recommended(base, good, 0)
	if err != nil {
		t.Fatal(err)
	}
	if s.Width != 32 || s.Height != 24 || s.Channels != 1 {
		t.Fatalf("recommended %+v", s)
	}
	s.View.Standardize = true
	if s.View.Contrast, err = Contrast(base, good, s); err != nil || s.View.Contrast < 0.08 || s.View.Contrast > 0.1 {
		t.Fatalf("contrast: got %g, %v", s.View.Contrast, err)
	}
	s.FalseAlarms, s.Blur, s.MinArea = 0.05, 1, 4
	made, passport, err := Adapt(t.Context(), base, good, s, dir)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := Open(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	want, err := made.Judge(plate(99, 32, 24, true))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := opened.Judge(plate(99, 32, 24, true)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("opened: got %+v, %v, want %+v", got, err, want)
			}
		})
	}
	wg.Wait()
	if want.Label != Defect || len(want.Boxes) == 0 {
		t.Fatalf("got %+v", want)
	}
	if b := want.Boxes[0].Box; b.XMin > 20 || b.XMax < 20 || b.YMin > 12 || b.YMax < 12 {
		t.Errorf("box %+v is not round the square", b)
	}
	large, err := opened.Judge(picture.Resize(plate(99, 32, 24, true), 64, 48, picture.Nearest))
	if err != nil || len(large.Boxes) == 0 || large.Boxes[0].Box.XMax < 33 {
		t.Errorf("twice as large: %+v, %v", large, err)
	}
	if m, err := opened.Paint(plate(99, 32, 24, true), want); err != nil || m.Rect.Dx() != 32 {
		t.Errorf("paint: %v", err)
	}
	if v, err := Verify(t.Context(), dir, base); err != nil || !v.Match || v.Got != passport.Digest {
		t.Errorf("verify: %+v, %v", v, err)
	}

	other, err := vision.New(base.Config, base.Processor, 8)
	if err != nil {
		t.Fatal(err)
	}
	processor := base.Processor
	processor.Filter = picture.Bicubic
	another, err := vision.New(base.Config, processor, 7)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*vision.Model{other, another} {
		if _, err := Open(dir, m); !errors.Is(err, adapter.ErrBaseMismatch) {
			t.Errorf("another base: got %v", err)
		}
		if _, err := Verify(t.Context(), dir, m); !errors.Is(err, adapter.ErrBaseMismatch) {
			t.Errorf("verify with another base: got %v", err)
		}
	}
	path := filepath.Join(dir, "fmkit.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old, new string
		want     error
	}{
		{passport.Base.Tokenizer, sum, adapter.ErrBaseMismatch},
		{`"step": 8`, `"step": 99`, adapter.ErrPassport},
		{`"height": 24`, `"height": 4`, adapter.ErrPassport},
		{`"whole": true`, `"whole": false`, adapter.ErrTensors},
		{`"whiten": 1`, `"whiten": 0`, adapter.ErrTensors},
	} {
		changed := strings.Replace(string(raw), c.old, c.new, 1)
		if changed == string(raw) {
			t.Fatalf("no %s in %s", c.old, raw)
		}
		if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, base); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.new, err, c.want)
		}
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(good, "100.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(t.Context(), dir, base); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("a picture less: got %v", err)
	}
	if _, _, err := Adapt(t.Context(), base, t.TempDir(), s, ""); err == nil {
		t.Error("no pictures: no error")
	}
}

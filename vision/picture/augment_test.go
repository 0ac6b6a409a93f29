package picture_test

import (
	"hash/fnv"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/fmkit/fmkit/vision/picture"
)

func everything() picture.Augment {
	return picture.Augment{
		Crop:  &picture.RandomCrop{Width: 24, Height: 20, Filter: picture.Bicubic},
		FlipH: 0.5, FlipV: 0.3, QuarterTurns: true, Rotate: 15,
		Jitter: &picture.Jitter{Brightness: 0.4, Contrast: 0.4, Saturation: 0.4},
		Blur:   &picture.Blur{P: 0.5, Sigma: [2]float64{0.1, 2}},
		Cutout: &picture.Cutout{P: 0.5, Side: 0.4},
	}
}

// TestAugmentPinned holds the bits of augmented pictures: they are the same on every machine and in every release.
func TestAugmentPinned(t *testing.T) {
	a := everything()
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	for key := range uint64(300) {
		m := noise(key, 20+int(key%40), 60-int(key%37), 3+int(key%2))
		before := slices.Clone(m.Pix)
		got := a.Apply(m, key)
		if !slices.Equal(m.Pix, before) {
			t.Fatalf("key %d: the picture itself changed", key)
		}
		if again := a.Apply(m, key); !slices.Equal(got.Pix, again.Pix) {
			t.Fatalf("key %d: two results of one key differ", key)
		}
		if s := got.Rect.Size(); s != image.Pt(24, 20) && s != image.Pt(20, 24) {
			t.Fatalf("key %d: got size %v", key, s)
		}
		_, _ = h.Write(got.Pix)
	}
	if got, want := h.Sum64(), uint64(pinnedAugment); got != want {
		t.Errorf("got pixels of hash %#x, want %#x", got, want)
	}
}

const pinnedAugment = 0xa010d8d43e019a11

// TestZeroAugment holds that nothing set changes nothing, and that the result is a copy.
func TestZeroAugment(t *testing.T) {
	m := noise(1, 9, 7, 4)
	got := new(picture.Augment).Apply(m, 5)
	if !slices.Equal(got.Pix, m.Pix) {
		t.Error("pixels changed")
	}
	if &got.Pix[0] == &m.Pix[0] {
		t.Error("the result shares its pixels")
	}
}

// TestAugmentOddPictures holds that no size and no lie panics.
func TestAugmentOddPictures(t *testing.T) {
	a := everything()
	for _, s := range []image.Point{{1, 1}, {1, 2000}, {2000, 1}, {2, 2}} {
		for key := range uint64(20) {
			if got := a.Apply(image.NewNRGBA(image.Rectangle{Max: s}), key); got.Rect.Empty() {
				t.Errorf("%v: got an empty picture", s)
			}
		}
	}
	part := noise(1, 30, 30, 3).SubImage(image.Rect(5, 6, 25, 19)).(*image.NRGBA)
	for key := range uint64(20) {
		b := everything()
		b.Crop = nil
		if got, want := b.Apply(part, key), b.Apply(imaging.Clone(part), key); !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("key %d: a part of a picture isn't treated as the picture it is", key)
		}
	}
	for name, m := range liars() {
		if n, ok := m.(*image.NRGBA); ok {
			if got := a.Apply(n, 1); !got.Rect.Empty() {
				t.Errorf("%s: got %v", name, got.Rect)
			}
			for _, got := range []*image.NRGBA{
				picture.Resize(n, 3, 3, picture.Bilinear), picture.Crop(n, image.Rect(0, 0, 2, 2)), picture.CenterCrop(n, 2, 2), picture.FlipH(n), picture.FlipV(n),
				picture.QuarterTurns(n, 1), picture.Rotate(n, 1), picture.GaussianBlur(n, 1),
			} {
				if !got.Rect.Empty() {
					t.Errorf("%s: got %v", name, got.Rect)
				}
			}
		}
	}
}

func TestAugmentRefuses(t *testing.T) {
	for _, spoil := range []func(*picture.Augment){
		func(a *picture.Augment) { a.FlipH = 1.1 },
		func(a *picture.Augment) { a.FlipV = math.NaN() },
		func(a *picture.Augment) { a.Rotate = -1 },
		func(a *picture.Augment) { a.Crop.Width = 0 },
		func(a *picture.Augment) { a.Crop.Filter = 9 },
		func(a *picture.Augment) { a.Crop.Scale = [2]float64{0.5, 0.4} },
		func(a *picture.Augment) { a.Crop.Ratio = [2]float64{0, 1} },
		func(a *picture.Augment) { a.Jitter.Contrast = 2 },
		func(a *picture.Augment) { a.Blur.Sigma = [2]float64{0, 1} },
		func(a *picture.Augment) { a.Blur.Sigma = [2]float64{1, 1000} },
		func(a *picture.Augment) { a.Cutout.Side = -1 },
	} {
		a := everything()
		spoil(&a)
		if a.Validate() == nil {
			t.Errorf("%+v: got no error", a)
		}
		if got := a.Apply(smooth(9, 9), 1); !got.Rect.Empty() {
			t.Errorf("%+v: got %v", a, got.Rect)
		}
	}
}

// TestRandomCropDraws holds the distribution of crops: a picture whose colours say where they come from shows area, ratio and place.
func TestRandomCropDraws(t *testing.T) {
	const side = 256
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 0, 255})
		}
	}
	a := picture.Augment{Crop: &picture.RandomCrop{Width: 64, Height: 64, Filter: picture.Nearest, Scale: [2]float64{0.1, 0.5}}}
	var area, logRatio, left float64
	const n = 4000
	for key := range uint64(n) {
		got := a.Apply(m, key)
		first, last := got.NRGBAAt(0, 0), got.NRGBAAt(63, 63)
		w, h := (float64(last.R)-float64(first.R))*64/63, (float64(last.G)-float64(first.G))*64/63
		if r := w / h; r < 0.70 || r > 1.43 {
			t.Fatalf("key %d: got ratio %v", key, r)
		}
		area += w * h / (side * side) / n
		logRatio += math.Log(w/h) / n
		left += (float64(first.R) - w/128) / (side - w) / n
	}
	if math.Abs(area-0.3) > 0.01 || math.Abs(logRatio) > 0.02 || math.Abs(left-0.5) > 0.03 {
		t.Errorf("got mean area %.3f, log ratio %.3f, place %.3f; want 0.3, 0, 0.5", area, logRatio, left)
	}
}

func TestMoves(t *testing.T) {
	m := noise(2, 5, 3, 4)
	for name, got := range map[string]*image.NRGBA{
		"twice mirrored": picture.FlipH(picture.FlipH(m)), "twice upside down": picture.FlipV(picture.FlipV(m)), "four quarters": picture.QuarterTurns(m, 4),
		"one quarter and back": picture.QuarterTurns(picture.QuarterTurns(m, 1), -1), "half a turn": picture.FlipV(picture.FlipH(picture.QuarterTurns(m, 2))),
		"rotated by nothing": picture.Rotate(m, 0), "rotated in full": picture.Rotate(m, 360), "cropped to itself": picture.CenterCrop(m, 9, 9),
		"half a rotation": picture.Rotate(picture.QuarterTurns(m, 2), 180),
	} {
		if !slices.Equal(got.Pix, m.Pix) {
			t.Errorf("%s: pixels differ", name)
		}
	}
	if got := picture.CenterCrop(m, 2, 1); got.Rect != image.Rect(0, 0, 2, 1) || got.NRGBAAt(0, 0) != m.NRGBAAt(1, 1) {
		t.Errorf("centre crop: got %v", got.Rect)
	}
	square := noise(3, 8, 8, 4)
	if !slices.Equal(picture.Rotate(square, 90).Pix, picture.QuarterTurns(square, 1).Pix) {
		t.Error("a rotation by 90 degrees isn't a quarter turn")
	}
	for _, s := range []image.Point{{0, 5}, {5, 0}, {-1, 5}, {1 << 20, 1}} {
		if got := picture.Resize(m, s.X, s.Y, picture.Bilinear); !got.Rect.Empty() {
			t.Errorf("resize to %v: got %v", s, got.Rect)
		}
	}
}

// TestColours holds blur and jitter to what they mean, within a level of rounding.
func TestColours(t *testing.T) {
	m := noise(5, 40, 30, 3)
	want := imaging.Blur(m, 1.5)
	for i, v := range picture.GaussianBlur(m, 1.5).Pix {
		if d := int(v) - int(want.Pix[i]); d < -1 || d > 1 {
			t.Fatalf("blur: byte %d: got %d, want %d", i, v, want.Pix[i])
		}
	}
	flat := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range flat.Pix {
		flat.Pix[i] = [4]uint8{200, 100, 50, 255}[i%4]
	}
	bright := picture.Augment{Jitter: &picture.Jitter{Brightness: 0.5}}
	least, most := 255, 0
	for key := range uint64(500) {
		c := bright.Apply(flat, key).NRGBAAt(3, 3)
		least, most = min(least, int(c.G)), max(most, int(c.G))
		if f := float64(c.G) / 100; math.Abs(float64(c.B)-50*f) > 1 || math.Abs(float64(c.R)-min(200*f, 255)) > 2 || c.A != 255 {
			t.Fatalf("brightness: key %d: got %v", key, c)
		}
	}
	if least < 50 || least > 53 || most > 150 || most < 147 {
		t.Errorf("brightness: got 100 made %d to %d, want 50 to 150", least, most)
	}
	contrast := picture.Augment{Jitter: &picture.Jitter{Contrast: 1}}
	saturation := picture.Augment{Jitter: &picture.Jitter{Saturation: 1}}
	for key := range uint64(100) {
		if c := contrast.Apply(smoothGray(), key); meanOf(c) < 118 || meanOf(c) > 138 {
			t.Errorf("contrast: key %d: got mean %d", key, meanOf(c))
		}
		if c := saturation.Apply(smoothGray(), key); !slices.Equal(c.Pix, smoothGray().Pix) {
			t.Errorf("saturation: key %d: gray isn't gray any more", key)
		}
	}
}

func smoothGray() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 4))
	for i := range m.Pix {
		m.Pix[i] = uint8(i / 4 % 64 * 4)
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func meanOf(m *image.NRGBA) int {
	sum := 0
	for i := 0; i < len(m.Pix); i += 4 {
		sum += int(m.Pix[i])
	}
	return sum / (len(m.Pix) / 4)
}

func TestCutout(t *testing.T) {
	a := picture.Augment{Cutout: &picture.Cutout{P: 0.5, Side: 0.5}}
	white := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	cut := 0
	for key := range uint64(400) {
		gray := 0
		for i, v := range a.Apply(white, key).Pix {
			if v == 128 && i%4 == 0 {
				gray++
			}
		}
		if gray > 100 || gray > 0 && gray < 25 {
			t.Fatalf("key %d: got %d gray pixels, want 25 to 100", key, gray)
		}
		if gray > 0 {
			cut++
		}
	}
	if cut < 160 || cut > 240 {
		t.Errorf("got %d of 400 pictures cut, want half", cut)
	}
}

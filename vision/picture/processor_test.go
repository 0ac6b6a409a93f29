package picture_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

func TestParseProcessor(t *testing.T) {
	half := []float64{0.5, 0.5, 0.5}
	vit := picture.NewProcessor(224, 224, 3)
	clip := picture.Processor{
		Type: "CLIPFeatureExtractor", Resize: true, ShortestEdge: 336, Filter: picture.Bicubic, CenterCrop: true, CropWidth: 336, CropHeight: 336,
		Rescale: true, Factor: 1.0 / 255, Normalize: true, Mean: []float64{0.48145466, 0.4578275, 0.40821073}, Std: []float64{0.26862954, 0.26130258, 0.27577711},
	}
	siglip := vit
	siglip.Type, siglip.Filter = "SiglipImageProcessorFast", picture.Bicubic
	deit := vit
	deit.Type, deit.Filter, deit.Width, deit.Height = "DeiTImageProcessor", picture.Bicubic, 256, 256
	deit.CenterCrop, deit.CropWidth, deit.CropHeight = true, 224, 224
	gray := picture.Processor{
		Type: "BitImageProcessor", CenterCrop: true, CropWidth: 8, CropHeight: 6, Filter: picture.Bicubic, Factor: 1.0 / 255, Normalize: true,
		Mean: []float64{0}, Std: []float64{1},
	}
	untyped := vit
	untyped.Type, untyped.Width, untyped.Height = "", 20, 10
	for raw, want := range map[string]picture.Processor{
		`{"image_processor_type": "ViTImageProcessor"}`:                                      vit,
		`{"image_processor_type": "SiglipImageProcessorFast", "processor_class": "X"}`:       siglip,
		`{"image_processor_type": "DeiTImageProcessor"}`:                                     deit,
		`{"feature_extractor_type": "CLIPFeatureExtractor", "size": 336, "crop_size": 336}`:  clip,
		`{"size": {"height": 10, "width": 20}, "image_mean": [0.5,0.5,0.5], "other": [{}]}`:  untyped,
		`{"image_processor_type": "ViTImageProcessor", "size": 224, "do_convert_rgb": null}`: vit,
		`{"image_processor_type": "BitImageProcessor", "do_resize": false, "do_rescale": false, "size": {"shortest_edge": 3}, "crop_size": {"height": 6, "width": 8},
			"image_mean": [0], "image_std": [1]}`: gray,
	} {
		got, err := picture.ParseProcessor([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", raw, got, want)
		}
		again, err := got.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if want.Type == "" {
			want.Type = "ViTImageProcessor"
		}
		if back, err := picture.ParseProcessor(again); err != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%s: written as %s: got %+v, %v", raw, again, back, err)
		}
	}
	if &half[0] == &vit.Mean[0] {
		t.Error("processors share their means")
	}
}

func TestParseProcessorRefuses(t *testing.T) {
	for _, raw := range []string{
		``, `[]`, `{`, `{"size": 1, "size": 2}`, `{"SIZE": 1}`, `{"size": "224"}`, `{"size": -1}`, `{"size": 8193}`, `{"size": 1e3}`, `{"size": {"height": 3}}`,
		`{"size": {"longest_edge": 3}}`, `{"size": {"shortest_edge": 3}}`, `{"do_resize": false}`, `{"resample": 6}`, `{"resample": -1}`, `{"resample": "bilinear"}`,
		`{"image_mean": [0, 0]}`, `{"image_mean": [0]}`, `{"image_mean": 0.5}`, `{"image_std": [0, 1, 1]}`, `{"image_std": [1e-60, 1, 1]}`, `{"rescale_factor": 1e300}`,
		`{"image_processor_type": "ConvNextImageProcessor"}`, `{"image_processor_type": "ImageProcessor"}`, `{"crop_pct": 0.9}`, `{"do_center_crop": true, "crop_size": 0}`,
		`{"do_center_crop": true, "crop_size": {"height": 1, "width": -4}}`, `{"image_mean": []}`,
		`{"size": ` + strings.Repeat(`[`, 100) + `}`, `{"x": "` + strings.Repeat("x", 1<<16) + `"}`,
	} {
		if p, err := picture.ParseProcessor([]byte(raw)); !errors.Is(err, picture.ErrConfig) {
			t.Errorf("%.80s: got %+v, %v; want %v", raw, p, err, picture.ErrConfig)
		}
	}
	if _, err := (picture.Processor{}).JSON(); !errors.Is(err, picture.ErrConfig) {
		t.Errorf("zero value: got %v, want %v", err, picture.ErrConfig)
	}
}

func TestProcessRefuses(t *testing.T) {
	p := picture.NewProcessor(4, 4, 3)
	for name, m := range liars() {
		n, ok := m.(*image.NRGBA)
		if !ok {
			n = nil
		}
		if err := p.Process(make([]float32, 48), n); !errors.Is(err, picture.ErrDecode) {
			t.Errorf("%s: got %v, want %v", name, err, picture.ErrDecode)
		}
	}
	if err := p.Process(make([]float32, 48), &image.NRGBA{}); err == nil {
		t.Error("no pixels: got no error")
	}
	if err := p.Process(make([]float32, 47), smooth(4, 4)); err == nil {
		t.Error("too little room: got no error")
	}
	if err := new(picture.Processor).Process(nil, smooth(4, 4)); !errors.Is(err, picture.ErrConfig) {
		t.Errorf("zero value: got %v", err)
	}
}

// TestProcessOddSizes holds that extreme sizes are neither refused nor dear: of a resized picture only what the crop keeps is made.
func TestProcessOddSizes(t *testing.T) {
	clip, err := picture.ParseProcessor([]byte(`{"image_processor_type": "CLIPImageProcessor"}`))
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float32, 3*224*224)
	for _, s := range []image.Point{{1, 1}, {1, 8192}, {8192, 1}, {2, 3}, {224, 224}, {223, 225}} {
		m := image.NewNRGBA(image.Rectangle{Max: s})
		for i := range m.Pix {
			m.Pix[i] = 100
		}
		for i := range dst {
			dst[i] = -99
		}
		if err := clip.Process(dst, m); err != nil {
			t.Fatalf("%v: %v", s, err)
		}
		for c := range 3 {
			want := (float32(float64(100)*(1.0/255)) - float32(clip.Mean[c])) / float32(clip.Std[c])
			for i, v := range dst[c*224*224:][:224*224] {
				if v != want {
					t.Fatalf("%v: value %d of channel %d: got %v, want %v", s, i, c, v, want)
				}
			}
		}
	}
}

// TestProcessConcurrent holds that pictures in flight at the same time don't meet.
func TestProcessConcurrent(t *testing.T) {
	p := picture.NewProcessor(17, 13, 3)
	size := 3 * 17 * 13
	want := make([][]float32, 8)
	for i := range want {
		want[i] = make([]float32, size)
		if err := p.Process(want[i], noise(uint64(i), 10+9*i, 60-5*i, 3)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			got := make([]float32, size)
			for i := range 50 {
				k := (g + i) % 8
				if err := p.Process(got, noise(uint64(k), 10+9*k, 60-5*k, 3)); err != nil || !reflect.DeepEqual(got, want[k]) {
					t.Errorf("picture %d: values differ (%v)", k, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func FuzzParseProcessor(f *testing.F) {
	for _, s := range []string{
		`{"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}}`, `{"feature_extractor_type": "CLIPFeatureExtractor", "size": 9, "crop_size": 8}`,
		`{"size": 8, "resample": 3, "image_mean": [0.1], "image_std": [1]}`, `{"do_center_crop": true, "crop_size": {"height": 5, "width": 4}, "do_normalize": false}`,
	} {
		f.Add([]byte(s))
	}
	m := noise(1, 7, 9, 3)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := picture.ParseProcessor(raw)
		if err != nil {
			if !errors.Is(err, picture.ErrConfig) {
				t.Fatalf("got %v, want %v", err, picture.ErrConfig)
			}
			return
		}
		again, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := picture.ParseProcessor(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		w, h := p.Size()
		if bw, bh := back.Size(); bw != w || bh != h || back.Channels() != p.Channels() {
			t.Fatalf("%s: got size %dx%d", again, bw, bh)
		}
		if w*h > 1<<16 {
			return
		}
		if err := p.Process(make([]float32, p.Channels()*w*h), m); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleProcessor_Process() {
	p, err := picture.ParseProcessor([]byte(`{"image_processor_type": "ViTImageProcessor", "size": {"height": 2, "width": 2}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	m := image.NewNRGBA(image.Rect(0, 0, 100, 100)) // black
	dst := make([]float32, 3*2*2)
	fmt.Println(p.Process(dst, m), dst[0])
	// Output: <nil> -1
}

func ExampleProcessor_JSON() {
	raw, err := picture.NewProcessor(32, 32, 1).JSON()
	var c struct {
		Size json.RawMessage `json:"size"`
	}
	fmt.Println(err, json.Unmarshal(raw, &c))
	fmt.Println(strings.Join(strings.Fields(string(c.Size)), " "))
	// Output:
	// <nil> <nil>
	// { "height": 32, "width": 32 }
}

// TestLevels: levels and then their values are what Process gives, with one channel and three, cropped and padded.
func TestLevels(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 23, 31))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i >> 3)
	}
	square := picture.NewProcessor(16, 16, 3)
	gray := picture.NewProcessor(16, 16, 1)
	cropped := square
	cropped.ShortestEdge, cropped.CenterCrop, cropped.CropWidth, cropped.CropHeight = 18, true, 12, 14
	padded := cropped
	padded.CropWidth, padded.CropHeight = 40, 35
	for name, p := range map[string]picture.Processor{"square": square, "gray": gray, "cropped": cropped, "padded": padded} {
		w, h := p.Size()
		n := p.Channels() * w * h
		want, levels, got := make([]float32, n), make([]byte, n), make([]float32, n)
		for _, err := range []error{p.Process(want, m), p.Levels(levels, m), p.Values(got, levels)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got other values", name)
		}
		if p.Levels(levels[1:], m) == nil || p.Values(got, levels[1:]) == nil || p.Values(got[1:], levels) == nil {
			t.Errorf("%s: too little room is accepted", name)
		}
	}
}

// TestPlanes: planes hold the colours of a picture, also of a part of one, and give it back opaque.
func TestPlanes(t *testing.T) {
	whole := image.NewNRGBA(image.Rect(0, 0, 9, 7))
	for i := range whole.Pix {
		whole.Pix[i] = uint8(11 * i)
	}
	m := picture.Crop(whole, image.Rect(2, 1, 7, 6))
	planes, back := make([]byte, 3*25), image.NewNRGBA(image.Rect(0, 0, 5, 5))
	picture.Planes(planes, m, 3)
	picture.FromPlanes(back, planes)
	sub := whole.SubImage(image.Rect(2, 1, 7, 6)).(*image.NRGBA)
	again := make([]byte, 3*25)
	if picture.Planes(again, sub, 3); !slices.Equal(again, planes) {
		t.Error("a view has other planes than a copy")
	}
	gray, one := make([]byte, 25), image.NewNRGBA(image.Rect(0, 0, 5, 5))
	picture.Planes(gray, m, 1)
	picture.FromPlanes(one, gray)
	for i := 0; i < len(m.Pix); i += 4 {
		r, g, b := m.Pix[i], m.Pix[i+1], m.Pix[i+2]
		if !slices.Equal(back.Pix[i:i+4], []uint8{r, g, b, 255}) {
			t.Fatalf("pixel %d: got %v, want %v", i/4, back.Pix[i:i+4], m.Pix[i:i+4])
		}
		if l := picture.Luma(r, g, b); !slices.Equal(one.Pix[i:i+4], []uint8{l, l, l, 255}) {
			t.Fatalf("gray pixel %d: got %v, want %d", i/4, one.Pix[i:i+4], l)
		}
	}
}

package pictures_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// predictor has random weights and seven labels.
func predictor(t testing.TB, s head.Settings) *pictures.Predictor {
	t.Helper()
	m, err := toyBase()
	if err != nil {
		t.Fatal(err)
	}
	loss := head.New(32, 7)
	for _, p := range loss.Params() {
		p.Init(1)
	}
	p, err := pictures.New(m, head.Layer{Linear: loss.Linear}, strings.Split("abcdefg", ""), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shown are pictures of several sizes.
func shown() []*image.NRGBA {
	var all []*image.NRGBA
	for i := range 40 {
		m := image.NewNRGBA(image.Rect(0, 0, 10+i, 30-i/2))
		for j := range m.Pix {
			m.Pix[j] = uint8(j * (i + 3))
		}
		all = append(all, m)
	}
	return all
}

// TestAloneAndTogether: 16 goroutines, one picture at a time, get the bits of a batch; scores are probabilities, best first.
func TestAloneAndTogether(t *testing.T) {
	for _, s := range []head.Settings{{Pooling: "mean"}, {Pooling: "cls", Normalize: true}} {
		p, all := predictor(t, s), shown()
		ranked, err := p.Predict(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for g := range 16 {
			group.Go(func() {
				var dst []float32
				for k := range 2 * len(all) {
					i := (7*k + g) % len(all)
					var err error
					if dst, err = p.AppendScores(dst[:0], all[i]); err != nil {
						t.Error(err)
						return
					}
					if got := head.Rank(p.Labels(), dst); !slices.Equal(got, ranked[i]) {
						t.Errorf("%+v, picture %d: alone %v, together %v", s, i, got, ranked[i])
						return
					}
				}
			})
		}
		group.Wait()
		for i, r := range ranked {
			sum := 0.0
			for k, s := range r {
				if sum += s.Score; k > 0 && s.Score > r[k-1].Score {
					t.Errorf("picture %d: %v is not in order", i, r)
				}
			}
			if sum < 0.9999 || sum > 1.0001 {
				t.Errorf("picture %d: scores add up to %v", i, sum)
			}
		}
	}
}

// TestSteadyState: one picture after another is classified without garbage.
func TestSteadyState(t *testing.T) {
	p, m := predictor(t, head.Settings{Pooling: "mean", Normalize: true}), shown()[3]
	var dst []float32
	least := 1.0
	for range 5 { // a collection may empty the pools in between, and the race detector makes them forget
		least = min(least, testing.AllocsPerRun(20, func() {
			var err error
			if dst, err = p.AppendScores(dst[:0], m); err != nil {
				t.Fatal(err)
			}
		}))
	}
	if least > 0 && !raceEnabled {
		t.Errorf("got %v allocations, want none", least)
	}
}

func BenchmarkAppendScores(b *testing.B) {
	p, m := predictor(b, head.Settings{Pooling: "mean"}), shown()[3]
	var dst []float32
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = p.AppendScores(dst[:0], m); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPredictJSON: an answer has the form of Hugging Face's pipeline, the best five of seven.
func TestPredictJSON(t *testing.T) {
	p, m := predictor(t, head.Settings{Pooling: "mean"}), shown()[5]
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255 // a file's colours are those of its pixels where they are opaque
	}
	path := filepath.Join(t.TempDir(), "a.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, m), f.Close()); err != nil {
		t.Fatal(err)
	}
	want, err := p.Predict(t.Context(), []*image.NRGBA{m})
	if err != nil {
		t.Fatal(err)
	}
	line := func(v map[string]string) []byte {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	got, err := p.PredictJSON(t.Context(), line(map[string]string{"image": path}))
	if scores, ok := got.([]head.Score); err != nil || !ok || !slices.Equal(scores, want[0][:5]) {
		t.Errorf("got %v, %v, want %v", got, err, want[0][:5])
	}
	if got, err = p.PredictJSON(t.Context(), line(map[string]string{"image": path, "id": "7"})); err != nil {
		t.Error(err)
	} else if raw, err := json.Marshal(got); err != nil || !strings.HasPrefix(string(raw), `{"id":"7","answers":[{"label":"`) {
		t.Errorf("got %s, %v", raw, err)
	}
	for text, in := range map[string]map[string]string{`"image" is missing`: {"id": "7"}, "none.png": {"image": filepath.Join(t.TempDir(), "none.png")}, "text": {"text": "a"}} {
		if _, err := p.PredictJSON(t.Context(), line(in)); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: got %v, want %q", in, err, text)
		}
	}
}

// TestNewRefused: what doesn't fit together is no predictor.
func TestNewRefused(t *testing.T) {
	m, err := toyBase()
	if err != nil {
		t.Fatal(err)
	}
	two := []string{"a", "b"}
	for _, c := range []struct {
		d      int
		labels []string
		s      head.Settings
	}{
		{32, two, head.Settings{Pooling: "max"}},
		{32, two, head.Settings{Pooling: "cls", MaxLength: 7}},
		{32, two[:1], head.Settings{Pooling: "cls"}},
		{16, two, head.Settings{Pooling: "cls"}},
	} {
		if _, err := pictures.New(m, head.Layer{Linear: head.New(c.d, 2).Linear}, c.labels, c.s); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
	if p, err := pictures.FromHead(m, &vision.Head{Linear: nn.NewLinear("classifier", 32, 2), Labels: two}); err != nil || p.Settings().Pooling != "cls" || p.Passport() != nil {
		t.Errorf("a checkpoint's own head: got %v, %v", p, err)
	}
	p := predictor(t, head.Settings{Pooling: "cls"})
	if _, err := p.Predict(t.Context(), []*image.NRGBA{{}}); !errors.Is(err, picture.ErrDecode) {
		t.Errorf("no pixels: got %v", err)
	}
}

// TestExport: an exported folder, loaded as a checkpoint with a head of its own, gives the same scores; what transformers can't say is refused.
func TestExport(t *testing.T) {
	p, dir := predictor(t, head.Settings{Pooling: "cls"}), filepath.Join(t.TempDir(), "exported")
	if err := p.Export(dir, false); err != nil {
		t.Fatal(err)
	}
	m, err := vision.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	h, err := vision.LoadHead(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	again, err := pictures.FromHead(m, h)
	if err != nil {
		t.Fatal(err)
	}
	for i, picture := range shown() {
		want, err := p.AppendScores(nil, picture)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.AppendScores(nil, picture); err != nil || !slices.Equal(got, want) || !slices.Equal(again.Labels(), p.Labels()) {
			t.Errorf("picture %d: got %v, %v, want %v", i, got, err, want)
		}
	}
	for _, s := range []head.Settings{{Pooling: "mean"}, {Pooling: "cls", Normalize: true}} {
		other := filepath.Join(t.TempDir(), "other")
		if err := predictor(t, s).Export(other, false); !errors.Is(err, vision.ErrUnsupportedModel) {
			t.Errorf("%+v: got %v", s, err)
		}
		if _, err := os.Stat(other); err == nil {
			t.Errorf("%+v: wrote a folder", s)
		}
	}
	c := m.Config
	c.Stem = []int{4, 8}
	stem, err := vision.New(c, m.Processor, 1)
	if err != nil {
		t.Fatal(err)
	}
	layer := head.New(c.Hidden, 7)
	behind, err := pictures.New(stem, head.Layer{Linear: layer.Linear}, p.Labels(), head.Settings{Pooling: "cls"})
	if err != nil {
		t.Fatal(err)
	}
	if err := behind.Export(filepath.Join(t.TempDir(), "stem"), false); !errors.Is(err, vision.ErrUnsupportedModel) {
		t.Errorf("a model with a stem: got %v", err)
	}
}

package inspector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// cells is features by hand: a picture [1, 32, 32] is a grid of 8x8 cells, each with its pixels as they are.
type cells struct{ fail error }

const testSide, cellSide = 32, 4

func (cells) Grid() (rows, cols int) { return testSide / cellSide, testSide / cellSide }
func (cells) Width() int             { return cellSide * cellSide }
func (c cells) Patches(y, pixels []float32, n int) error {
	grid := testSide / cellSide
	for i := range n * testSide * testSide {
		p, at := i/(testSide*testSide), i%(testSide*testSide)
		row, col := at/testSide, at%testSide
		cell := (p*grid+row/cellSide)*grid + col/cellSide
		y[cell*cellSide*cellSide+row%cellSide*cellSide+col%cellSide] = pixels[i]
	}
	return c.fail
}

// weave is picture i of good ones: a pattern with noise.
func weave(pixels []float32, i int) {
	s := random.New(random.Key(uint64(i), "weave"))
	for k := range pixels {
		pixels[k] = float32((k/testSide+k%testSide)%4) + float32(0.1*float32(s.Normal()))
	}
}

type weaves int

func (n weaves) Len() int { return int(n) }
func (n weaves) Read(pixels []float32, i int) error {
	weave(pixels, i)
	return nil
}

func settings() Settings {
	s := Default(1, testSide, testSide)
	s.FalseAlarms, s.Blur, s.MinArea, s.Projection = 0.05, 1, 4, 8
	return s
}

func fitted(t testing.TB, s Settings) *Inspector {
	t.Helper()
	p, err := Fit(context.Background(), cells{}, weaves(40), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func flawed(i int) []float32 {
	pixels := make([]float32, testSide*testSide)
	weave(pixels, i)
	for y := 12; y < 17; y++ {
		for x := 20; x < 25; x++ {
			pixels[y*testSide+x] = 6
		}
	}
	return pixels
}

func TestInspectFindsThePlantedFlaw(t *testing.T) {
	p := fitted(t, settings())
	pixels := make([]float32, testSide*testSide)
	alarms := 0
	for i := range 200 {
		weave(pixels, 1000+i)
		a, err := p.Inspect(pixels)
		if err != nil {
			t.Fatal(err)
		}
		if a.Label == Defect {
			alarms++
		}
	}
	if alarms > 24 { // 5 % of 200, more by chance once in thousands: the threshold is itself of 40 pictures
		t.Errorf("%d false alarms in 200, want about 10 at most", alarms)
	}
	for i := range 20 {
		a, err := p.Inspect(flawed(i))
		if err != nil {
			t.Fatal(err)
		}
		if a.Label != Defect || len(a.Boxes) == 0 || a.Score <= *a.Threshold {
			t.Fatalf("flaw %d: got %+v", i, a)
		}
		if b := a.Boxes[0].Box; b.XMin > 20 || b.XMax < 25 || b.YMin > 12 || b.YMax < 17 || b.Area() > 500 {
			t.Errorf("flaw %d: box %+v", i, b)
		}
		if at := slices.Index(a.Map.Values, slices.Max(a.Map.Values)); at%testSide < 18 || at%testSide > 27 || at/testSide < 10 || at/testSide > 19 {
			t.Errorf("flaw %d: the map is highest at %d, %d", i, at%testSide, at/testSide)
		}
	}
}

func TestAbstain(t *testing.T) {
	s := settings()
	s.Abstain = 0.5
	p := fitted(t, s)
	counts := map[string]int{}
	pixels := make([]float32, testSide*testSide)
	for i := range 200 {
		weave(pixels, 1000+i)
		a, err := p.Inspect(pixels)
		if err != nil {
			t.Fatal(err)
		}
		counts[a.Label]++
	}
	if counts[Abstain] < 60 || counts[OK] < 60 || counts[Defect] > 24 {
		t.Errorf("got %v, want about half without a verdict", counts)
	}
}

func TestFewPictures(t *testing.T) {
	s := settings()
	_, err := Fit(context.Background(), cells{}, weaves(10), s)
	if !errors.Is(err, ErrFewPictures) || !strings.Contains(err.Error(), "got 10, want at least 19") {
		t.Errorf("got %v", err)
	}
	s.Few = true
	p, err := Fit(context.Background(), cells{}, weaves(10), s)
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Inspect(flawed(0))
	if err != nil || a.Label != Abstain || a.Threshold != nil || len(a.Boxes) != 0 || a.Score <= 0 {
		t.Errorf("got %+v, %v, want a score and no verdict", a, err)
	}
	raw, err := json.Marshal(a)
	if err != nil || !strings.Contains(string(raw), `"threshold":null,"boxes":[]`) {
		t.Errorf("got %s, %v", raw, err)
	}
}

// broken pictures and features.
type broken struct {
	weaves
	at    int
	value float32
	err   error
}

func (b broken) Read(pixels []float32, i int) error {
	weave(pixels, i)
	if i == b.at {
		pixels[5] = b.value
		return b.err
	}
	return nil
}

func TestFitErrors(t *testing.T) {
	wrong := errors.New("wrong")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx      context.Context
		features Features
		pictures Pictures
		change   func(*Settings)
		want     string
	}{
		"cancelled":           {ctx, cells{}, weaves(40), nil, "canceled"},
		"features":            {nil, cells{wrong}, weaves(40), nil, "wrong"},
		"picture":             {nil, cells{}, broken{40, 33, 0, wrong}, nil, "picture 33: wrong"},
		"NaN":                 {nil, cells{}, broken{40, 33, float32(math.NaN()), nil}, nil, "picture 33"},
		"infinite":            {nil, cells{}, broken{40, 33, float32(math.Inf(1)), nil}, nil, "picture 33"},
		"nothing":             {nil, cells{}, weaves(0), nil, "too few"},
		"nothing, abstaining": {nil, cells{}, weaves(0), func(s *Settings) { s.Few = true }, "too few"},
		"one of a half":       {nil, cells{}, weaves(1), func(s *Settings) { s.FalseAlarms = 0.5 }, "at least 2"},
		"channels":            {nil, cells{}, weaves(40), func(s *Settings) { s.Channels = 0 }, "channels"},
		"size":                {nil, cells{}, weaves(40), func(s *Settings) { s.Height, s.Width = 8192, 8192 }, "height times width"},
		"neighbourhood":       {nil, cells{}, weaves(40), func(s *Settings) { s.Neighbourhood = 2 }, "odd"},
		"coreset":             {nil, cells{}, weaves(40), func(s *Settings) { s.Coreset = 0 }, "coreset"},
		"coreset NaN":         {nil, cells{}, weaves(40), func(s *Settings) { s.Coreset = math.NaN() }, "coreset"},
		"false alarms":        {nil, cells{}, weaves(40), func(s *Settings) { s.FalseAlarms = 0 }, "false_alarms"},
		"abstain":             {nil, cells{}, weaves(40), func(s *Settings) { s.Abstain = 0.95 }, "abstain"},
		"blur":                {nil, cells{}, weaves(40), func(s *Settings) { s.Blur = math.NaN() }, "blur"},
		"folds":               {nil, cells{}, weaves(40), func(s *Settings) { s.Folds = 1 }, "folds"},
	} {
		s := settings()
		if c.change != nil {
			c.change(&s)
		}
		if c.ctx == nil {
			c.ctx = context.Background()
		}
		if p, err := Fit(c.ctx, c.features, c.pictures, s); err == nil || p != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestInspectErrors(t *testing.T) {
	p := fitted(t, settings())
	nan := flawed(0)
	nan[77] = float32(math.NaN())
	for name, pixels := range map[string][]float32{"nothing": nil, "short": make([]float32, 100), "NaN": nan} {
		if a, err := p.Inspect(pixels); err == nil {
			t.Errorf("%s: no error but %+v", name, a)
		}
	}
	if _, err := p.Score(make([]float32, 3), flawed(0)); err == nil {
		t.Error("short map: no error")
	}
}

// TestSameForAnyWorkers: bank, thresholds and answers.
func TestSameForAnyWorkers(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	var want string
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		p := fitted(t, settings())
		a, err := p.Inspect(flawed(3))
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(p.bank.vectors, p.thresholds, a.Score, a.Boxes, a.Map.Values)
		if want == "" {
			want = got
		} else if got != want {
			t.Errorf("%d workers: other bits", workers)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	p := fitted(t, settings())
	want, err := p.Inspect(flawed(0))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if a, err := p.Inspect(flawed(0)); err != nil || a.Score != want.Score || !slices.Equal(a.Map.Values, want.Map.Values) {
					t.Error("another answer beside others", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestScoreMakesNoGarbage(t *testing.T) {
	if raceEnabled {
		t.Skip("pools drop at random under the race detector")
	}
	p := fitted(t, settings())
	values, pixels := make([]float32, testSide*testSide), flawed(0)
	score := func() {
		if _, err := p.Score(values, pixels); err != nil {
			t.Fatal(err)
		}
	}
	score()
	// A collection of garbage may empty the pools.
	if a := testing.AllocsPerRun(50, score); a >= 1 {
		t.Errorf("got %g allocations a picture, want none", a)
	}
}

var sum = "sha256:" + strings.Repeat("0", 64)

func about() adapter.Passport {
	return adapter.Passport{Base: adapter.Base{Name: "vision/mini", Fingerprint: sum, Tokenizer: sum}, Recipe: json.RawMessage(`{}`), Seed: 3}
}

func TestSaveAndLoad(t *testing.T) {
	s := settings()
	s.Few = true
	few, err := Fit(context.Background(), cells{}, weaves(5), s)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*Inspector{"decides": fitted(t, settings()), "abstains": few} {
		dir := filepath.Join(t.TempDir(), "adapter")
		saved, err := p.Save(dir, about(), map[string][]byte{"report.html": []byte("<p>")})
		if err != nil {
			t.Fatal(err)
		}
		got, err := Load(dir, cells{}, sum)
		if err != nil {
			t.Fatal(err)
		}
		if got.thresholds != p.thresholds || !reflect.DeepEqual(got.settings, p.settings) || !slices.Equal(got.bank.vectors, p.bank.vectors) || got.Passport().Digest != saved.Digest {
			t.Errorf("%s: got %+v", name, got)
		}
		a, err1 := p.Inspect(flawed(1))
		b, err2 := got.Inspect(flawed(1))
		if err1 != nil || err2 != nil || a.Label != b.Label || a.Score != b.Score || !slices.Equal(a.Map.Values, b.Map.Values) {
			t.Errorf("%s: got %+v, %v, want %+v, %v", name, b, err2, a, err1)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "adapter")
	if _, err := fitted(t, settings()).Save(dir, about(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, cells{}, "sha256:"+strings.Repeat("1", 64)); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("other base: %v", err)
	}
	path := filepath.Join(dir, "fmkit.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bank := fitted(t, settings()).bank.n
	for _, c := range []struct {
		old, new string
		want     error
	}{
		{`"task": "inspect"`, `"task": "qa"`, adapter.ErrTask},
		{`"rows": 8`, `"rows": 9`, adapter.ErrPassport},
		{`"size": 16`, `"size": 0`, adapter.ErrPassport},
		{fmt.Sprintf(`"bank": %d`, bank), `"bank": 4611686018427387904`, adapter.ErrPassport},
		{fmt.Sprintf(`"bank": %d`, bank), `"bank": 0`, adapter.ErrPassport},
		{fmt.Sprintf(`"bank": %d`, bank), fmt.Sprintf(`"bank": %d`, bank-1), adapter.ErrTensors},
		{`"blur": 1`, `"blur": 1e300`, adapter.ErrPassport},
		{`"coreset"`, `"corset"`, adapter.ErrPassport},
		{`"decides": true`, `"decides": 1`, adapter.ErrPassport},
	} {
		changed := strings.Replace(string(raw), c.old, c.new, 1)
		if changed == string(raw) {
			t.Fatalf("no %s in %s", c.old, raw)
		}
		if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
			t.Fatal(err)
		}
		if p, err := Load(dir, cells{}, sum); !errors.Is(err, c.want) || p != nil {
			t.Errorf("%s: got %v, want %v", c.new, err, c.want)
		}
	}
}

// FuzzStored: settings of a passport from a stranger are refused, or are in bounds.
func FuzzStored(f *testing.F) {
	good, err := json.Marshal(stored{settings(), 8, 8, 100, 16, nil, true})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"height":1e9,"width":1e9,"bank":-1,"size":16}`))
	f.Add([]byte(strings.Replace(string(good), `"bank":100`, `"bank":9999999999`, 1)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := parseStored(&adapter.Passport{Method: MemoryBank, Settings: raw}, cells{})
		if err != nil {
			return
		}
		if s.Bank < 1 || s.Bank*s.Size > maxBank || s.Size != 16 || s.Validate() != nil || s.Height*s.Width > maxPixels {
			t.Errorf("accepted %s", raw)
		}
		newInspector(cells{}, s.Settings)
	})
}

func BenchmarkScore(b *testing.B) {
	p := fitted(b, settings())
	values, pixels := make([]float32, testSide*testSide), flawed(0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Score(values, pixels); err != nil {
			b.Fatal(err)
		}
	}
}

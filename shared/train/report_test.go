package train

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestReport: a run leaves a page with its curves that needs nothing else.
func TestReport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run-1")
	res := mustRun(t, shortConfig(), newRegression(), Options{
		Dir: dir, FS: quick(), Title: `A <b>bold</b> "title"`, Recipe: map[string]string{"data": "<script>alert(1)</script>"},
	})
	data, err := os.ReadFile(filepath.Join(dir, reportFile))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, want := range []string{
		res.Digest, "<svg", "training loss", "loss, held back", "accuracy, held back", "learning rate", "gradient norm",
		"train.weight_decay", "A &lt;b&gt;bold", "40 of 40",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "http:", "https:", "src=", "url(", "NaN", "ZgotmplZ", "<b>bold"} {
		if strings.Contains(page, bad) {
			t.Errorf("page has %q", bad)
		}
	}
	if n := strings.Count(page, "<polyline"); n != 5 {
		t.Errorf("%d lines, want loss, held-back loss, accuracy, rate and norm", n)
	}
	wellFormed(t, page)
}

// wellFormed checks that every SVG of a page is XML.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1) {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
		}
	}
}

// TestChart: points that are not finite are left out, long lines keep their extremes, flat and single points are drawn.
func TestChart(t *testing.T) {
	long := Line{Name: "long"}
	for i := range 100_000 {
		long.X, long.Y = append(long.X, float64(i)), append(long.Y, math.Sin(float64(i)/5000))
	}
	long.Y[54_321] = 50 // one spike
	x, y := thin(long)
	if len(x) > chartPoints || x[0] != 0 || x[len(x)-1] != 99_999 {
		t.Errorf("%d points from %v to %v", len(x), x[0], x[len(x)-1])
	}
	spikes := 0
	for i := range y {
		if y[i] == 50 && x[i] == 54_321 {
			spikes++
		}
		if i > 0 && x[i] <= x[i-1] {
			t.Fatalf("points out of order at %v", x[i])
		}
	}
	if spikes != 1 {
		t.Error("the spike is lost")
	}
	for about, l := range map[string]Line{
		"none":     {},
		"one":      {X: []float64{1}, Y: []float64{2}},
		"flat":     {X: []float64{1, 2}, Y: []float64{3, 3}},
		"NaN":      {X: []float64{1, 2, 3}, Y: []float64{1, math.NaN(), math.Inf(1)}},
		"tiny":     {X: []float64{0, 1}, Y: []float64{1e-12, 2e-12}},
		"huge":     {X: []float64{0, 1}, Y: []float64{-1e30, 1e30}},
		"negative": {X: []float64{-5, 5}, Y: []float64{-3, -1}},
	} {
		var b bytes.Buffer
		if err := WriteReport(&b, Report{Title: about, Curves: []Curve{{Title: "c", X: "x", Lines: []Line{l}}}}); err != nil {
			t.Fatal(err)
		}
		if page := b.String(); strings.Contains(page, "NaN") && about != "NaN" || strings.Contains(page, "Inf") {
			t.Errorf("%s: %s", about, page)
		}
		wellFormed(t, b.String())
		if ticks := newChart(Curve{Lines: []Line{l}}).YTicks; about != "none" && (len(ticks) < 2 || len(ticks) > 8) {
			t.Errorf("%s: %d ticks", about, len(ticks))
		}
	}
}

// TestProgress: a terminal gets one line rewritten at most five times a second, others a line every ten seconds; both get
// the last step and events on lines of their own.
func TestProgress(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var b bytes.Buffer
		p := progress{w: &b, terminal: terminal, now: func() time.Time { return now }, began: now}
		for step := 1; step <= 1000; step++ {
			now = now.Add(100 * time.Millisecond)
			p.step(step, 1000, 2.5, 1e-3, step == 1000)
			if step == 500 {
				p.event("half")
			}
		}
		p.end()
		text := b.String()
		if want := "step 1000/1000  loss 2.5000  lr 1.00e-03  10 steps/s\n"; terminal {
			if n := strings.Count(text, "\r"); n < 450 || n > 510 {
				t.Errorf("terminal: rewritten %d times in 100 s", n)
			}
			if strings.Count(text, "\n") != 3 || !strings.Contains(text, "\nhalf\n") {
				t.Errorf("terminal: lines: %q", text)
			}
		} else {
			if n := strings.Count(text, "\n"); n < 10 || n > 14 || strings.Contains(text, "\r") || !strings.HasSuffix(text, want) {
				t.Errorf("plain: %q", text)
			}
		}
		if !strings.Contains(text, "steps/s  50s left") && !strings.Contains(text, "49.9s left") && !strings.Contains(text, "1m40s left") {
			t.Errorf("no time left in %q", text[:200])
		}
	}
}

// TestMeasureSteps: with a clock that gives a step two seconds, a budget of 1,000 seconds minus the measurement fits that
// many steps, and the weights are as before to the bit.
func TestMeasureSteps(t *testing.T) {
	var now time.Time
	r := newRegression()
	r.onStep = func(step int) {
		now = now.Add(2 * time.Second)
		if step == 0 {
			now = now.Add(30 * time.Second) // the first step is slower and does not count
		}
	}
	before := r.digest()
	c := shortConfig()
	c.Steps = 1_000_000
	n, err := MeasureSteps(context.Background(), c, r, 1000*time.Second, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	// 50 s are spent on measuring: 32 s on the first step, 2 s on each of nine more.
	if n != (1000-50)/2 {
		t.Errorf("got %d steps, want 475", n)
	}
	if r.digest() != before || r.w.Grad[0] != 0 {
		t.Error("measuring changed weights or left gradients")
	}
	plain := newRegression()
	mustRun(t, shortConfig(), plain, Options{})
	r.onStep = nil
	mustRun(t, shortConfig(), r, Options{})
	if plain.digest() != r.digest() {
		t.Error("a run after measuring differs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := MeasureSteps(ctx, c, r, time.Second, nil); !errors.Is(err, ErrStopped) {
		t.Errorf("cancelled: got %v, want %v", err, ErrStopped)
	}
}

// TestStateEncoding: what encode writes decodes to the same, and any other byte is refused.
func TestStateEncoding(t *testing.T) {
	s := &state{Version: stateVersion, Step: 7, Loss: 0.1 + 0.2, Best: -1e-300, Eval: map[string]float64{"loss": 1}, Files: map[string]string{"a": "b"}}
	data, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeState(data)
	if err != nil || fmt.Sprintf("%+v", *back) != fmt.Sprintf("%+v", *s) {
		t.Fatalf("got %+v, %v", back, err)
	}
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			if _, err := decodeState(data); err == nil {
				t.Fatalf("bit %d of byte %d is not noticed", bit, i)
			}
			data[i] ^= 1 << bit
		}
	}
	s.Version++
	if data, err = s.encode(); err != nil {
		t.Fatal(err)
	}
	if _, err := decodeState(data); !errors.Is(err, ErrVersion) {
		t.Errorf("got %v, want %v", err, ErrVersion)
	}
}

// TestChartLog: on a logarithmic axis equal factors are equally far, each X has its tick, and intervals are drawn within the chart.
func TestChartLog(t *testing.T) {
	c := newChart(Curve{Log: true, Lines: []Line{{Name: "a", X: []float64{0, 10, 100, 1000}, Y: []float64{9, 1, 2, 3}, Low: []float64{0, 0, 1, 2}, High: []float64{1, 2, 3, 4}}}})
	if len(c.XTicks) != 3 || c.XTicks[0].Text != "10" || math.Abs(c.XTicks[2].At-2*c.XTicks[1].At+c.XTicks[0].At) > 1e-9 {
		t.Errorf("ticks %v", c.XTicks)
	}
	if n := len(c.Paths[0].Bars); n != 3 {
		t.Fatalf("%d bars, want those of the three points above 0", n)
	}
	for _, b := range c.Paths[0].Bars {
		if b.Low <= b.High || b.Low > chartBottom || b.High < chartTop || b.X < chartLeft || b.X > chartRight {
			t.Errorf("bar %+v", b)
		}
	}
}

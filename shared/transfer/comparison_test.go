package transfer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/random"
)

// toy arms guess right with a chance that grows with the logarithm of the labels: the base's from a tenth of the labels as well as scratch.
func toy(fits *int) Comparison[int] {
	c := Comparison[int]{Task: "toy", Base: "b", Metric: "accuracy", Unit: "examples", Seeds: 2, Budgets: []int{10, 100, All}, Identity: "toy", Draw: Draw[int]}
	for i := range 1000 {
		c.Pool = append(c.Pool, i)
	}
	c.Test = c.Pool[:500]
	c.Split = func(examples []int, fraction float64, seed uint64) (train, held []int) {
		n := int(float64(len(examples)) * fraction)
		return examples[n:], examples[:n]
	}
	for name, ahead := range map[string]float64{Full: 1, Scratch: 0, Baseline: -0.5} {
		c.Arms = append(c.Arms, Arm[int]{Name: name, About: "toy", Choices: []string{"bad", "good"}, Fit: func(_ context.Context, train []int, choice int, seed uint64) (*Model[int], error) {
			*fits++
			chance := 0.25 + 0.2*(math.Log10(float64(len(train)))-1+ahead) - 0.2*float64(1-choice)
			return &Model[int]{Params: len(name), Answer: func(_ context.Context, examples []int) (func() ([]metrics.Ratio, error), error) {
				return func() ([]metrics.Ratio, error) {
					right := make([]float64, len(examples))
					for i, e := range examples {
						if float64(random.Mix(random.Mix(seed, uint64(e)), uint64(len(train)))>>11)/(1<<53) < chance {
							right[i] = 1
						}
					}
					return metrics.Ratios(right), nil
				}, nil
			}}, nil
		}})
	}
	return c
}

// timeless clears what time has to do with.
func timeless(r *Report) *Report {
	r.Seconds = 0
	for i := range r.Arms {
		r.Arms[i].Latency = nil
		for j := range r.Arms[i].Points {
			r.Arms[i].Points[j].Fit, r.Arms[i].Points[j].Seconds = 0, 0
		}
	}
	for i := range r.Paying {
		r.Paying[i] = BreakEven{Arm: r.Paying[i].Arm}
	}
	return r
}

// arms puts them in the order of Names.
func arms(c Comparison[int]) Comparison[int] {
	var sorted []Arm[int]
	for _, n := range Names() {
		for _, a := range c.Arms {
			if a.Name == n {
				sorted = append(sorted, a)
			}
		}
	}
	c.Arms = sorted
	return c
}

func TestRun(t *testing.T) {
	fits := 0
	c := arms(toy(&fits))
	r, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if fits != 3*3*(2+2) {
		t.Errorf("%d fits, want two choices and two seeds of each arm and budget", fits)
	}
	for _, a := range r.Arms {
		for _, p := range a.Points {
			if p.Choice != "good" {
				t.Errorf("%s chose %q at %d", a.Name, p.Choice, p.Train)
			}
		}
	}
	if s := r.Saved[0]; s.Arm != Full || s.Reached != Reached || s.Labels < 60 || s.Labels > 170 || s.Interval == nil || s.Interval[0] > 100 || s.Interval[1] < 100 || s.Of != 1000 {
		t.Errorf("saved %+v, want about 100 of 1000 labels", s)
	}
	for _, v := range r.Verdicts {
		if v.Says != Pays || v.Arm != Full {
			t.Errorf("verdict %+v, want that it pays", v)
		}
	}
	if r.Verdict != "With 10 and 100 and 1000 labels "+Pays+"." {
		t.Errorf("verdict %q", r.Verdict)
	}
	if got := r.Saved[0].AtTenth; got == "not tried" {
		t.Errorf("a tenth: %q", got)
	}
	part := c
	part.Budgets = []int{100, 200}
	if p, err := part.Run(t.Context()); err != nil || p.Saved[0].AtTenth != "not tried" {
		t.Errorf("without all: %v, %+v", err, p.Saved)
	}
	var text, page strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{r.Verdict, "1000", r.Saved[0].String()} {
		for _, out := range []string{text.String(), page.String()} {
			if !strings.Contains(out, want) {
				t.Errorf("report lacks %q", want)
			}
		}
	}
	if p := page.String(); strings.Count(p, "<polyline") != 3 || strings.Contains(p, "<script") || strings.Contains(p, "http") {
		t.Error("want a page of its own with three lines")
	}
}

// TestStopped: a report that was stopped goes on to the same report, another one's folder is refused, and a damaged cell is.
func TestStopped(t *testing.T) {
	fits := 0
	c := arms(toy(&fits))
	want, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := fits
	c.Dir, fits = t.TempDir(), 0
	ctx, cancel := context.WithCancelCause(t.Context())
	fit := c.Arms[1].Fit
	stop := errors.New("stop")
	c.Arms[1].Fit = func(ctx context.Context, train []int, choice int, seed uint64) (*Model[int], error) {
		if len(train) == 1000 {
			cancel(stop)
		}
		return fit(ctx, train, choice, seed)
	}
	if _, err := c.Run(ctx); !errors.Is(err, stop) {
		t.Fatalf("got %v, want the cause", err)
	}
	got, err := c.Run(t.Context())
	if err != nil || !reflect.DeepEqual(timeless(got), timeless(want)) {
		t.Errorf("%v: another report after a stop", err)
	}
	if fits != all {
		t.Errorf("%d fits with a stop, want %d as without", fits, all)
	}
	c.Seeds, fits = 3, 0
	if _, err := c.Run(t.Context()); err != nil || fits != 9 {
		t.Errorf("one seed more: %v, %d fits, want 9", err, fits)
	}
	other := c
	other.Identity = "other"
	if _, err := other.Run(t.Context()); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("another comparison's folder: got %v", err)
	}
	path := filepath.Join(c.Dir, "cells", "full.10.seed1.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"cut": string(raw[:len(raw)/2]), "setting": strings.Replace(string(raw), `"good"`, `"bad"`, 1), "items": strings.Replace(string(raw), `"num":[`, `"num":[1,`, 1),
		"den": strings.Replace(string(raw), `"fit_seconds"`, `"den":[1],"fit_seconds"`, 1),
	} {
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("a cell with a bad %s: got %v, want an error that names the file", name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	fits := 0
	for name, spoil := range map[string]func(c *Comparison[int]){
		"seeds":     func(c *Comparison[int]) { c.Seeds = 0 },
		"test":      func(c *Comparison[int]) { c.Test = nil },
		"budgets":   func(c *Comparison[int]) { c.Budgets = []int{10, 5} },
		"all first": func(c *Comparison[int]) { c.Budgets = []int{All, 5} },
		"negative":  func(c *Comparison[int]) { c.Budgets = []int{-1} },
		"twice":     func(c *Comparison[int]) { c.Arms = append(c.Arms, c.Arms[0]) },
		"name":      func(c *Comparison[int]) { c.Arms[0].Name = "../x" },
		"choices":   func(c *Comparison[int]) { c.Arms[0].Choices = nil },
	} {
		c := toy(&fits)
		spoil(&c)
		if _, err := c.Run(t.Context()); !errors.Is(err, finetune.ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

func TestCrossing(t *testing.T) {
	x := []float64{10, 100, 1000}
	for _, c := range []struct {
		y            []float64
		target, want float64
	}{
		{[]float64{0.5, 0.6, 0.7}, 0.4, 10},
		{[]float64{0.5, 0.6, 0.7}, 0.6, 100},
		{[]float64{0.5, 0.6, 0.7}, 0.65, 100 * math.Sqrt(10)},
		{[]float64{0.5, 0.6, 0.7}, 0.71, math.Inf(1)},
		{[]float64{0.5, 0.7, 0.6}, 0.65, math.Pow(10, 1.75)},
	} {
		if got := crossing(x, c.y, c.target); math.Abs(got/c.want-1) > 1e-12 && !(math.IsInf(got, 1) && math.IsInf(c.want, 1)) {
			t.Errorf("%v at %v: got %v, want %v", c.y, c.target, got, c.want)
		}
	}
}

func TestSays(t *testing.T) {
	gain := func(over string, low, high float64) Gain { return Gain{Over: over, Interval: [2]float64{low, high}} }
	for want, g := range map[string][]Gain{
		Pays:       {gain(Scratch, 0.1, 0.2), gain(Baseline, 0.1, 0.2)},
		UseCheap:   {gain(Scratch, 0.1, 0.2), gain(Baseline, -0.2, -0.1)},
		Hurts:      {gain(Scratch, -0.2, -0.1), gain(Baseline, 0.1, 0.2)},
		OnlyWeight: {gain(Scratch, 0.1, 0.2), gain(Baseline, -0.1, 0.1)},
		OnlyCheap:  {gain(Scratch, -0.1, 0.2), gain(Baseline, 0.1, 0.2)},
		NoShown:    {gain(Scratch, -0.1, 0.2), gain(Baseline, -0.1, 0.2)},
		NoneShown:  {gain(Scratch, -0.1, 0.2)},
	} {
		if got := says(g); got != want {
			t.Errorf("%v: %q, want %q", g, got, want)
		}
	}
}

func TestPretrainingSeconds(t *testing.T) {
	for card, want := range map[string]float64{
		"It took 3.3 minutes on two cores.": 198, "It took 87 minutes\non": 5220, "it took 2 hours": 7200, "took long": 0, "": 0,
	} {
		if got := PretrainingSeconds(fstest.MapFS{"README.md": {Data: []byte(card)}}); math.Abs(got-want) > 1e-9 {
			t.Errorf("%q: %v, want %v", card, got, want)
		}
	}
	if got := PretrainingSeconds(fstest.MapFS{}); got != 0 {
		t.Errorf("no card: %v", got)
	}
}

func ExampleDraw() {
	few, _ := Draw([]string{"a", "b", "c", "d"}, 2, 1)
	more, _ := Draw([]string{"a", "b", "c", "d"}, 3, 1)
	fmt.Println(few, more)
	// Output: [b c] [b c d]
}

// TestDev: where settings are chosen on examples that take no labels, all of a budget are learnt from, good ones aren't labels, and returns aren't shown in points.
func TestDev(t *testing.T) {
	fits, alone := 0, 0
	c := arms(toy(&fits))
	c.Scale, c.Metric, c.Budgets = 1, "mean return", []int{10, All}
	c.Labels = func(examples []int) int { return len(examples) / 2 }
	c.Dev = c.Pool[500:700]
	for i := range c.Arms {
		fit := c.Arms[i].Fit
		c.Arms[i].Fit = func(ctx context.Context, train []int, choice int, seed uint64) (*Model[int], error) {
			if len(train) != 10 && len(train) != len(c.Pool) {
				t.Errorf("%d examples to learn from, want those of a budget", len(train))
			}
			m, err := fit(ctx, train, choice, seed)
			answer := m.Answer
			m.Answer = func(ctx context.Context, examples []int) (func() ([]metrics.Ratio, error), error) {
				if seed == devSeed && len(examples) != 200 {
					t.Errorf("%d examples to choose on, want those for that", len(examples))
				}
				return answer(ctx, examples)
			}
			m.Alone = func() error { alone++; return nil }
			return m, err
		}
	}
	r, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if alone == 0 {
		t.Error("what gives one answer was not timed")
	}
	if p := r.Arm(Full).Points; r.Pool != 500 || p[0].Train != 5 || p[1].Train != 500 || p[0].Choice != "good" {
		t.Errorf("pool of %d labels, points %+v", r.Pool, p)
	}
	var text, page strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{text.String(), page.String()} {
		if want := fmt.Sprintf("%.1f to %.1f", r.Arm(Full).Points[1].Interval[0], r.Arm(Full).Points[1].Interval[1]); !strings.Contains(out, want) || strings.Contains(out, "points over") || strings.Contains(out, "in points") {
			t.Errorf("want %q and no points in\n%s", want, out)
		}
	}
}

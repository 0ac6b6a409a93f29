package train

import (
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A Report is a page of facts, curves and tables.
type Report struct {
	Title  string
	Intro  string // one paragraph, may be empty
	Facts  []Fact
	Curves []Curve
	Tables []Table
}

// A Fact is a name and its value.
type Fact struct{ Name, Value string }

// A Table has a heading row. Cells that read as numbers are aligned to the right.
type Table struct {
	Title string
	Head  []string
	Rows  [][]string
	Note  string // what the reader must know, may be empty
}

// A Curve is one chart with one or more lines over the same kind of X.
type Curve struct {
	Title string
	X     string // name of the horizontal axis
	Lines []Line
	Log   bool // the horizontal axis is logarithmic, with a tick at every X; those that are not above 0 are left out
}

// A Line is a series of points; X ascends. Points that are not finite are left out.
type Line struct {
	Name      string
	X, Y      []float64
	Low, High []float64 // ends of an interval round every Y, drawn as a bar; empty: there are none
}

// WriteReport writes r as one HTML file that needs no other file, no network and no scripts.
func WriteReport(w io.Writer, r Report) error {
	if err := reportTemplate.Execute(w, r); err != nil {
		return fmt.Errorf("train: report: %w", err)
	}
	return nil
}

// report writes report.html of the run folder from metrics.jsonl.
func (r *run[B]) report(res Result) error {
	data, err := os.ReadFile(filepath.Join(r.o.Dir, metricsFn))
	if err != nil {
		return err
	}
	title := r.o.Title
	if title == "" {
		title = "Training run " + filepath.Base(r.o.Dir)
	}
	rep := Report{Title: title, Curves: curves(data), Facts: []Fact{
		{"steps", fmt.Sprintf("%d of %d", res.Steps, r.c.Steps)},
		{"loss", number(res.Loss)},
		{"best step", strconv.Itoa(res.BestStep)},
		{"skipped steps", strconv.Itoa(res.Skipped)},
		{"failed saves", strconv.Itoa(res.FailedSaves)},
		{"seconds", strconv.FormatFloat(res.Seconds, 'f', 1, 64)},
		{"steps a second", number(res.PerSecond)},
		{"digest", res.Digest},
		{"machine", fmt.Sprintf("%s/%s, %d CPUs, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())},
	}}
	if len(res.Eval) > 0 {
		rep.Facts = append(rep.Facts, Fact{"evaluation", evalText(res.Eval)})
	}
	recipe, err := recipeJSON(r.c, r.o.Recipe)
	if err != nil {
		return err
	}
	rep.Tables = append(rep.Tables, recipeTable(recipe))
	var b strings.Builder
	if err := WriteReport(&b, rep); err != nil {
		return err
	}
	return checkpoint.WriteFile(filepath.Join(r.o.Dir, reportFile), []byte(b.String()))
}

// curves makes the charts of a run from its metrics.
func curves(data []byte) []Curve {
	loss, rate, norm := Line{Name: "training loss"}, Line{Name: "learning rate"}, Line{Name: "gradient norm"}
	evals := map[string]*Line{}
	var names []string
	add := func(l *Line, x int, y float64) {
		l.X, l.Y = append(l.X, float64(x)), append(l.Y, y)
	}
	for l := range lines(data) {
		if l.Loss != nil {
			add(&loss, l.Step, *l.Loss)
			add(&rate, l.Step, l.Rate)
		}
		if l.Norm != nil {
			add(&norm, l.Step, *l.Norm)
		}
		for _, k := range sortedKeys(l.Eval) {
			if evals[k] == nil {
				evals[k] = &Line{Name: k + ", held back"}
				names = append(names, k)
			}
			add(evals[k], l.Step, l.Eval[k])
		}
	}
	first := Curve{Title: "Loss", X: "step", Lines: []Line{loss}}
	rest := []Curve{}
	for _, k := range names {
		if k == "loss" {
			first.Lines = append(first.Lines, *evals[k])
			continue
		}
		rest = append(rest, Curve{Title: k, X: "step", Lines: []Line{*evals[k]}})
	}
	all := append([]Curve{first}, rest...)
	return append(all, Curve{Title: "Learning rate", X: "step", Lines: []Line{rate}}, Curve{Title: "Gradient norm", X: "step", Lines: []Line{norm}})
}

// recipeTable lists every leaf of a recipe.
func recipeTable(recipe []byte) Table {
	t := Table{Title: "Recipe", Head: []string{"field", "value"}}
	flat, err := flatten(recipe)
	if err != nil {
		return t
	}
	for _, k := range sortedKeys(flat) {
		t.Rows = append(t.Rows, []string{k, flat[k]})
	}
	return t
}

// number formats v in at most five significant digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }

// isNumber reports whether a table cell reads as a number or a percentage.
func isNumber(s string) bool {
	_, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "%"), 64)
	return err == nil
}

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"chart": newChart, "isNumber": isNumber,
}).Parse(reportHTML))

// bounds returns the finite range of the lines' values, widened if it is empty.
func bounds(all []Line, of func(Line) []float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range all {
		for _, v := range of(l) {
			if finite(v) {
				low, high = min(low, v), max(high, v)
			}
		}
	}
	switch {
	case low > high:
		return 0, 1
	case low == high:
		return low - 0.5, high + 0.5
	}
	return low, high
}

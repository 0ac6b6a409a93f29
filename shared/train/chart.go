package train

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The plot area of a chart, in SVG units.
const (
	chartLeft, chartRight = 60.0, 690.0
	chartTop, chartBottom = 10.0, 220.0
	chartPoints           = 600 // most points drawn of a line
)

// A chart is a Curve laid out for the template.
type chart struct {
	Curve
	Paths  []path
	XTicks []tick
	YTicks []tick
}

// A path is one line: the SVG points, and the colour and the place of its label.
type path struct {
	Name, Points, Colour string
	Y                    float64 // of the label
	Last                 string  // last value
	Bars                 []bar
}

// A bar is an interval round a point.
type bar struct{ X, Low, High float64 }

// A tick is a label at a position.
type tick struct {
	At   float64
	Text string
}

var colours = [...]string{"#1f6feb", "#d1242f", "#1a7f37", "#8250df", "#9a6700", "#57606a"}

// newChart lays a curve out.
func newChart(c Curve) chart {
	out := chart{Curve: c}
	across := func(x float64) float64 { return x }
	if c.Log {
		across = func(x float64) float64 { // what isn't above 0 is not finite, so left out
			if x <= 0 {
				return math.NaN()
			}
			return math.Log(x)
		}
	}
	var lines []Line
	for _, l := range c.Lines {
		at := l
		at.X = make([]float64, len(l.X))
		for i, x := range l.X {
			at.X[i] = across(x)
		}
		lines = append(lines, at)
	}
	x0, x1 := bounds(lines, func(l Line) []float64 { return l.X })
	y0, y1 := bounds(lines, func(l Line) []float64 { return slices.Concat(l.Y, l.Low, l.High) })
	px := func(x float64) float64 { return chartLeft + (x-x0)/(x1-x0)*(chartRight-chartLeft) }
	py := func(y float64) float64 { return chartBottom - (y-y0)/(y1-y0)*(chartBottom-chartTop) }
	if c.Log {
		out.XTicks = logTicks(c.Lines, func(x float64) float64 { return px(across(x)) })
	} else {
		for _, v := range ticks(x0, x1) {
			out.XTicks = append(out.XTicks, tick{px(v), number(v)})
		}
	}
	for _, v := range ticks(y0, y1) {
		out.YTicks = append(out.YTicks, tick{py(v), number(v)})
	}
	for i, l := range lines {
		x, y := thin(l)
		if len(x) == 0 {
			continue
		}
		var b strings.Builder
		for j := range x {
			fmt.Fprintf(&b, "%.1f,%.1f ", px(x[j]), py(y[j]))
		}
		p := path{
			Name: l.Name, Points: strings.TrimSpace(b.String()), Colour: colours[i%len(colours)],
			Y: chartTop + 14*float64(i+1), Last: number(y[len(y)-1]),
		}
		for j := range min(len(l.X), len(l.Low), len(l.High)) {
			if at := l.X[j]; finite(at) && finite(l.Low[j]) && finite(l.High[j]) {
				// Side by side where lines share their points.
				p.Bars = append(p.Bars, bar{px(at) + 3*(float64(i)-float64(len(lines)-1)/2), py(l.Low[j]), py(l.High[j])})
			}
		}
		out.Paths = append(out.Paths, p)
	}
	return out
}

// logTicks are the X that occur, but for those too near to the one before.
func logTicks(lines []Line, px func(x float64) float64) []tick {
	var all []float64
	for _, l := range lines {
		for _, x := range l.X {
			if x > 0 && finite(x) {
				all = append(all, x)
			}
		}
	}
	slices.Sort(all)
	var at []tick
	for _, x := range slices.Compact(all) {
		const room = 30
		if n := len(at); n == 0 || px(x)-at[n-1].At >= room {
			at = append(at, tick{px(x), number(x)})
		}
	}
	return at
}

// thin drops points that are not finite and, of a long line, all but the lowest and highest of every stretch, so that
// no spike is lost.
func thin(l Line) (x, y []float64) {
	for i := range min(len(l.X), len(l.Y)) {
		if finite(l.X[i]) && finite(l.Y[i]) {
			x, y = append(x, l.X[i]), append(y, l.Y[i])
		}
	}
	n := len(x)
	if n <= chartPoints {
		return x, y
	}
	keptX, keptY := []float64{x[0]}, []float64{y[0]}
	stretches := chartPoints/2 - 1
	for s := range stretches {
		from, to := 1+s*(n-2)/stretches, 1+(s+1)*(n-2)/stretches
		low, high := from, from
		for i := from; i < to; i++ {
			if y[i] < y[low] {
				low = i
			}
			if y[i] > y[high] {
				high = i
			}
		}
		keptX = append(keptX, x[min(low, high)])
		keptY = append(keptY, y[min(low, high)])
		if low != high {
			keptX = append(keptX, x[max(low, high)])
			keptY = append(keptY, y[max(low, high)])
		}
	}
	return append(keptX, x[n-1]), append(keptY, y[n-1])
}

// ticks returns about five round numbers in [low, high].
func ticks(low, high float64) []float64 {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/5)))
	for _, f := range []float64{2, 5, 10} {
		if (high-low)/step > 6 && f <= 10 {
			step = math.Pow(10, math.Floor(math.Log10((high-low)/5))) * f
		}
	}
	var at []float64
	for i := math.Ceil(low / step); i*step <= high+step*1e-9 && len(at) < 20; i++ {
		at = append(at, i*step)
	}
	return at
}

const reportHTML = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: 0.5rem 0; }
td, th { border-bottom: 1px solid #d0d7de; padding: 0.25rem 1rem 0.25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: #57606a; }
p.note { color: #57606a; }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
{{with .Intro}}<p>{{.}}</p>
{{end}}{{with .Facts}}<table>
{{range .}}<tr><th>{{.Name}}</th><td>{{.Value}}</td></tr>
{{end}}</table>
{{end}}{{range .Curves}}{{with chart .}}{{if .Paths}}<h2>{{.Title}}</h2>
<svg viewBox="0 0 700 255" role="img" aria-label="{{.Title}} by {{.X}}">
{{range .YTicks}}<line x1="60" x2="690" y1="{{.At}}" y2="{{.At}}" stroke="#d0d7de" stroke-width="0.5"/><text x="54" y="{{.At}}" dy="4" text-anchor="end">{{.Text}}</text>
{{end}}{{range .XTicks}}<line x1="{{.At}}" x2="{{.At}}" y1="220" y2="224" stroke="#57606a"/><text x="{{.At}}" y="236" text-anchor="middle">{{.Text}}</text>
{{end}}<text x="375" y="251" text-anchor="middle">{{.X}}</text>
{{range .Paths}}<polyline points="{{.Points}}" fill="none" stroke="{{.Colour}}" stroke-width="1.3"/>{{$colour := .Colour}}{{range .Bars}}<line x1="{{.X}}" x2="{{.X}}" y1="{{.Low}}" y2="{{.High}}" stroke="{{$colour}}"/>{{end}}<text x="684" y="{{.Y}}" text-anchor="end" style="fill: {{.Colour}}">{{.Name}} {{.Last}}</text>
{{end}}</svg>
{{end}}{{end}}{{end}}{{range .Tables}}<h2>{{.Title}}</h2>
<table>
<tr>{{range .Head}}<th>{{.}}</th>{{end}}</tr>
{{range .Rows}}<tr>{{range .}}<td{{if isNumber .}} class="n"{{end}}>{{.}}</td>{{end}}</tr>
{{end}}</table>
{{with .Note}}<p class="note">{{.}}</p>
{{end}}{{end}}</body>
</html>
`

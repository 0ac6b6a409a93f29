package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/shared/train"
)

// A point is an arm with some labels, over its seeds.
type point struct {
	arm    string
	labels int
	seeds  int
	recall metrics.Interval
}

// write writes table and plot of the results in dir, and the table to w too.
func write(w io.Writer, dir string) error {
	points, err := read(dir)
	if err != nil {
		return err
	}
	var t bytes.Buffer
	fmt.Fprintln(&t, "| labels | arm | seeds | recall |\n|---|---|---|---|")
	for _, p := range points {
		fmt.Fprintf(&t, "| %s | %s | %d | %.4f [%.4f, %.4f] |\n", named(p), p.arm, p.seeds, p.recall.Mean, p.recall.Low, p.recall.High)
	}
	if _, err := w.Write(t.Bytes()); err != nil {
		return err
	}
	if err := checkpoint.WriteFile(filepath.Join(dir, "labels.md"), t.Bytes()); err != nil {
		return err
	}
	var page bytes.Buffer
	if err := train.WriteReport(&page, train.Report{Title: "Recall by labelled defects", Curves: []train.Curve{curve(points)}}); err != nil {
		return err
	}
	return checkpoint.WriteFile(filepath.Join(dir, "labels.html"), page.Bytes())
}

func named(p point) string {
	switch {
	case p.arm == "baseline":
		return "none"
	case p.labels == 0:
		return "all"
	}
	return fmt.Sprint(p.labels)
}

// read gives the points of a folder, by labels and arm, all labels last.
func read(dir string) ([]point, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*-*-*.json"))
	if err != nil {
		return nil, err
	}
	type key struct {
		arm    string
		labels int
	}
	all := map[key][]*result{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r := &result{}
		if err := json.Unmarshal(raw, r); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		k := key{r.Arm, r.Labels}
		all[k] = append(all[k], r)
	}
	var points []point
	for k, results := range all {
		i, err := recall(results)
		if err != nil {
			return nil, fmt.Errorf("%s of %d labels: %w", k.arm, k.labels, err)
		}
		points = append(points, point{k.arm, k.labels, len(results), i})
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.arm, b.arm)) })
	return points, nil
}

// place is where a point stands among the numbers of labels.
func place(p point) int {
	switch {
	case p.arm == "baseline":
		return -1
	case p.labels == 0:
		return math.MaxInt
	}
	return p.labels
}

// recall is the mean over seeds, with an interval over pictures, which all seeds share.
func recall(results []*result) (metrics.Interval, error) {
	n := len(results[0].Bad)
	var found, of [][]float64
	for _, r := range results {
		f, o, err := r.hits()
		if err != nil {
			return metrics.Interval{}, err
		}
		if len(f) != n {
			return metrics.Interval{}, fmt.Errorf("got results of %d and of %d pictures: they are of different tests", n, len(f))
		}
		found, of = append(found, f), append(of, o)
	}
	return metrics.BootstrapFunc(n, adapter.BootstrapSeed, func(items []int32) float64 {
		mean := 0.0
		for i := range found {
			var over, under float64
			for _, k := range items {
				over += found[i][k]
				under += of[i][k]
			}
			mean += over / max(under, 1) / float64(len(found))
		}
		return mean
	})
}

// curve has a line for each arm, and one for each end of its intervals. Labels are drawn in even steps.
func curve(points []point) train.Curve {
	c := train.Curve{Title: "Recall, with 95 % intervals", X: "step of the table, from none to all labels"}
	steps := map[int]float64{}
	for _, p := range points {
		if _, ok := steps[place(p)]; !ok {
			steps[place(p)] = float64(len(steps))
		}
	}
	for _, arm := range []string{"pretrained", "scratch", "baseline"} {
		lines := [3]train.Line{{Name: arm}, {Name: arm + ", low"}, {Name: arm + ", high"}}
		for _, p := range points {
			if p.arm != arm {
				continue
			}
			xs := []float64{steps[place(p)]}
			if arm == "baseline" { // the same for any number
				xs = []float64{0, float64(max(1, len(steps)-1))}
			}
			for _, x := range xs {
				for i, y := range []float64{p.recall.Mean, p.recall.Low, p.recall.High} {
					lines[i].X, lines[i].Y = append(lines[i].X, x), append(lines[i].Y, y)
				}
			}
		}
		if len(lines[0].X) > 0 {
			c.Lines = append(c.Lines, lines[:]...)
		}
	}
	return c
}

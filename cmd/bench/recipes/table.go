package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// printTable prints the rows of a folder as a Markdown table: means over seeds with 95 % intervals.
func printTable(w io.Writer, dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	var rows []result
	var columns []string
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var r result
		if err := json.Unmarshal(raw, &r); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		rows = append(rows, r)
		for _, s := range r.Scores {
			if c := s.Task + " " + s.Way; !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	slices.Sort(columns)
	fmt.Fprint(w, "| recipe | FLOPs | held-back loss | anisotropy | rank |")
	for _, c := range columns {
		fmt.Fprintf(w, " %s |", c)
	}
	fmt.Fprint(w, "\n|---|---|---|---|---|")
	for range columns {
		fmt.Fprint(w, "---|")
	}
	fmt.Fprintln(w)
	for _, r := range rows {
		flops, _ := r.Pretrain["flops"].(float64)
		fmt.Fprintf(w, "| %s | %.1e | %.3f | %.2f | %.0f |", r.Recipe, flops, r.Held["loss"], r.Held["anisotropy"], r.Held["rank"])
		for _, c := range columns {
			i := slices.IndexFunc(r.Scores, func(s score) bool { return s.Task+" "+s.Way == c })
			if i < 0 {
				fmt.Fprint(w, " |")
				continue
			}
			mean, half := r.Scores[i].interval()
			fmt.Fprintf(w, " %.1f ± %.1f |", 100*mean, 100*half)
		}
		fmt.Fprintln(w)
	}
	return nil
}

// interval gives the mean over seeds and half the width of its 95 % interval: the normal one over the variance between seeds and that of a share
// of the test items, which all seeds have in common.
func (s score) interval() (mean, half float64) {
	n := float64(len(s.Values))
	for _, v := range s.Values {
		mean += v / n
	}
	var between float64
	for _, v := range s.Values {
		between += (v - mean) * (v - mean)
	}
	if n > 1 {
		between /= n - 1
	}
	items := mean * (1 - mean) / float64(max(s.Items, 1))
	return mean, 1.96 * math.Sqrt(between/n+items)
}

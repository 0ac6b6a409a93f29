package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/metrics"
)

// A cell is what was learnt from as many episodes of a target.
type cell struct {
	target string
	shots  int
}

// A board has the returns of each cell and arm, [seeds][episodes].
type board struct {
	cells []cell
	of    map[cell]map[string][][]float64
	by    map[string]map[string]point // the points of the grid that the arms of a target took
}

// readBoard reads a folder of results. Seeds that not all arms of a cell have are left out.
func readBoard(dir string) (*board, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	type key struct {
		cell
		arm  string
		seed int
	}
	all, t := map[key][]float64{}, &board{of: map[cell]map[string][][]float64{}, by: map[string]map[string]point{}}
	seeds, arms := 0, map[string]bool{}
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		var r result
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		c := cell{r.Target, r.Shots}
		if t.of[c] == nil {
			t.of[c] = map[string][][]float64{}
			t.cells = append(t.cells, c)
		}
		if t.by[r.Target] == nil {
			t.by[r.Target] = map[string]point{}
		}
		t.by[r.Target][r.Arm] = point{r.LR, r.Steps}
		all[key{c, r.Arm, r.Seed}], seeds, arms[r.Arm] = r.Returns, max(seeds, r.Seed+1), true
	}
	slices.SortFunc(t.cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.target, b.target), cmp.Compare(a.shots, b.shots))
	})
	for c, by := range t.of {
		for seed := range seeds {
			whole := true
			for a := range arms {
				whole = whole && all[key{c, a, seed}] != nil
			}
			for a := range arms {
				if whole {
					by[a] = append(by[a], all[key{c, a, seed}])
				}
			}
		}
	}
	return t, nil
}

// printTable prints, as Markdown, the interquartile mean over the seeds of each arm's mean return, with its 95 % bootstrap interval over seeds; and how much more
// rl/mini returns than each of the others, with the paired interval over seeds and episodes.
func printTable(w io.Writer, dir string) error {
	t, err := readBoard(dir)
	if err != nil {
		return err
	}
	arms := t.arms()
	if len(arms) == 0 {
		return fmt.Errorf("%s: got no seed that all arms have", dir)
	}
	fmt.Fprintf(w, "| target | episodes | seeds | %s |\n|---|---|---|%s\n", strings.Join(arms, " | "), strings.Repeat("---|", len(arms)))
	for _, c := range t.cells {
		fmt.Fprintf(w, "| %s | %d | %d |", c.target, c.shots, len(t.of[c][arms[0]]))
		for _, a := range arms {
			text, err := iqm(t.of[c][a])
			if err != nil {
				return err
			}
			fmt.Fprintf(w, " %s |", text)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "\nrate:steps, as chosen:\n")
	for _, id := range slices.Sorted(maps.Keys(t.by)) {
		fmt.Fprintf(w, "  %s:", id)
		for _, a := range arms {
			fmt.Fprintf(w, " %s %v", a, t.by[id][a])
		}
		fmt.Fprintln(w)
	}
	for _, p := range [][2]string{{fromMini, fromFresh}, {fromMini, fromNothing}, {fromMini, fromPlain}, {fromRecovered, fromNothing}, {fromRecovered, fromPlain}, {fromText, fromText0}, {fromText, fromNothing}} {
		if !slices.Contains(arms, p[0]) || !slices.Contains(arms, p[1]) {
			continue
		}
		if err := t.compare(w, p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// arms are those that there are results of.
func (t *board) arms() []string {
	var all []string
	for _, a := range armNames() {
		if slices.ContainsFunc(t.cells, func(c cell) bool { return len(t.of[c][a]) > 0 }) {
			all = append(all, a)
		}
	}
	return all
}

// iqm is a cell of the table.
func iqm(seeds [][]float64) (string, error) {
	if len(seeds) == 0 {
		return "-", nil
	}
	means, drawn := make([]float64, len(seeds)), make([]float64, len(seeds))
	for i, s := range seeds {
		means[i] = metrics.Mean(s)
	}
	v, err := metrics.BootstrapFunc(len(means), 1, func(items []int32) float64 {
		for i, j := range items {
			drawn[i] = means[j]
		}
		return metrics.IQM(drawn)
	})
	return fmt.Sprintf("%.0f [%.0f, %.0f]", v.Mean, v.Low, v.High), err
}

// compare prints how much more a returns than b, cell by cell.
func (t *board) compare(w io.Writer, a, b string) error {
	fmt.Fprintf(w, "\n%s minus %s:\n", a, b)
	more, less, all := 0, 0, 0
	for _, c := range t.cells {
		x, y := t.of[c][a], t.of[c][b]
		if len(x) < 2 || len(y) < 2 { // one seed tells nothing of others
			continue
		}
		all++
		d, err := metrics.PairedBootstrap(x, y, 1)
		if err != nil {
			return err
		}
		if d.Low > 0 {
			more++
		}
		if d.High < 0 {
			less++
		}
		fmt.Fprintf(w, "  %s, %d: %+.1f [%+.1f, %+.1f]\n", c.target, c.shots, d.Mean, d.Low, d.High)
	}
	fmt.Fprintf(w, "  more in %d, less in %d of %d\n", more, less, all)
	return nil
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/metrics"
)

// printMasks prints, as Markdown, the mean over seeds of each score of the one model and of the model of that question alone, with 95 % bootstrap intervals over seeds, and
// the paired difference.
func printMasks(w io.Writer, dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	type key struct{ kind, environment, score string }
	by := map[key]map[int]float64{}
	var ids []string
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var all []maskResult
		if err := json.Unmarshal(raw, &all); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		for _, r := range all {
			if r.Kind == ofAll && r.Seed == 0 {
				ids = append(ids, r.Environment)
			}
			for name, v := range r.Scores {
				k := key{r.Kind, r.Environment, name}
				if by[k] == nil {
					by[k] = map[int]float64{}
				}
				by[k][r.Seed] = v
			}
		}
	}
	fmt.Fprintf(w, "| environment | question | seeds | one model | a model of that alone | one minus alone |\n|---|---|---|---|---|---|\n")
	for _, id := range ids {
		for _, q := range []struct{ score, alone string }{{scoreReturn, ofPolicy}, {scoreForward, ofForward}, {scoreInverse, ofInverse}, {scoreAnomaly, ofForward}} {
			var one, alone [][]float64
			for seed := 0; ; seed++ {
				x, ok1 := by[key{ofAll, id, q.score}][seed]
				y, ok2 := by[key{q.alone, id, q.score}][seed]
				if !ok1 || !ok2 {
					break
				}
				one, alone = append(one, []float64{x}), append(alone, []float64{y})
			}
			if len(one) == 0 {
				continue
			}
			a, err1 := meanOver(one)
			b, err2 := meanOver(alone)
			d, err3 := metrics.PairedBootstrap(one, alone, 1)
			for _, err := range []error{err1, err2, err3} {
				if err != nil {
					return err
				}
			}
			fmt.Fprintf(w, "| %s | %s | %d | %s | %s | %s |\n", id, q.score, len(one), brackets(a), brackets(b), brackets(d))
		}
	}
	return nil
}

// meanOver is the mean over seeds of one number each.
func meanOver(seeds [][]float64) (metrics.Interval, error) {
	var flat []float64
	for _, s := range seeds {
		flat = append(flat, s...)
	}
	return metrics.Bootstrap(flat, 1)
}

func brackets(v metrics.Interval) string {
	return fmt.Sprintf("%.4g [%.4g, %.4g]", v.Mean, v.Low, v.High)
}

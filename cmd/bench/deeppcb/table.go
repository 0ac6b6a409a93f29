package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/metrics"
)

// iou is DeepPCB's: from which on a box counts as right.
const iou = 0.33

// printTable prints the folds of a folder as a Markdown table, and a last row of all pictures together, with 95 % intervals over pictures.
func printTable(w io.Writer, dir string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "| group | pictures | boxes | recall | false boxes | recall at 1 | recall at 0.5 | and named | mAP | pixel AUROC |\n|---|---|---|---|---|---|---|---|---|---|")
	var all, called train.Boxes
	auroc, decided := 0.0, true
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var r result
		if err := json.Unmarshal(raw, &r); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		var own *train.Boxes
		if score, ok := threshold(&r); ok {
			b := over(&r.Boxes, score)
			own = &b
			called.Join(own)
		}
		decided = decided && own != nil
		if err := row(w, r.Group, &r.Boxes, own, r.PixelAUROC); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		all.Join(&r.Boxes)
		auroc += r.PixelAUROC / float64(len(paths))
	}
	own := &called
	if !decided {
		own = nil
	}
	if len(paths) > 1 {
		if err := row(w, "all", &all, own, auroc); err != nil {
			return err
		}
	}
	if len(paths) > 0 && decided {
		kinds(w, own)
	}
	return nil
}

// threshold is that of a result; ok is false where nothing has set one.
func threshold(r *result) (score float64, ok bool) {
	switch {
	case r.Threshold != nil:
		return *r.Threshold, true
	case r.Held != nil:
		return r.Held.Threshold(r.Config.FalseBoxes, r.Config.IoU), true
	}
	return 0, false
}

// over leaves the boxes with at least the given score.
func over(b *train.Boxes, score float64) train.Boxes {
	own := *b
	own.Found = slices.DeleteFunc(slices.Clone(b.Found), func(f metrics.FoundBox) bool { return f.Score < score })
	return own
}

// row prints the figures of some pictures: b are all boxes, called those over the threshold of their fold, nil where there is none.
func row(w io.Writer, name string, b, called *train.Boxes, auroc float64) error {
	text := func(string) string { return "-" }
	if called != nil {
		s, err := called.Scores(0, iou)
		if err != nil {
			return err
		}
		text = func(name string) string {
			return fmt.Sprintf("%.4f [%.4f, %.4f]", s.Values[name], s.Interval[name][0], s.Interval[name][1])
		}
	}
	places := b.Places()
	one, err := metrics.RecallAtFalseBoxes(places.Truth, places.Found, b.Images, 1, iou)
	if err != nil {
		return err
	}
	half, err := metrics.RecallAtFalseBoxes(places.Truth, places.Found, b.Images, 0.5, iou)
	if err != nil {
		return err
	}
	mean, _, _, err := metrics.MeanAveragePrecision(b.Truth, b.Found, iou)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "| %s | %d | %d | %s | %s | %.4f | %.4f | %s | %.4f | %.4f |\n",
		name, b.Images, len(b.Truth), text("recall"), text("false_per_image"), one.Recall, half.Recall, text("named"), mean, auroc)
	return nil
}

// kinds prints the recall of each kind of defect.
func kinds(w io.Writer, b *train.Boxes) {
	m := b.Match(0, iou)
	found, of := map[string]int{}, map[string]int{}
	for i, t := range b.Truth {
		of[t.Class]++
		if m.Hit[i] {
			found[t.Class]++
		}
	}
	fmt.Fprintln(w, "\n| kind | boxes | recall |\n|---|---|---|")
	for _, n := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(w, "| %s | %d | %.4f |\n", n, of[n], float64(found[n])/float64(of[n]))
	}
}

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A verdict is what was said about one picture of a folder.
type verdict struct {
	Image string // below the folder, with slashes
	*inspector.Answer
	Error string // why there is no answer
	Thumb []byte // JPEG with the heat map, nil where there is no answer
}

// A batch judges the pictures of a folder and keeps the results in another.
type batch struct {
	flags    *inspectPredict
	station  *inspector.Station
	verdicts map[string]*verdict
	log      io.Writer
	dirty    bool // the files lack a verdict
}

// folder judges a folder, once or until a signal comes.
func (f *inspectPredict) folder(ctx context.Context, c *console, s *inspector.Station) error {
	if info, err := os.Stat(f.images); err != nil || !info.IsDir() {
		return usagef("predict: --images %s: want a folder", f.images)
	}
	begin := time.Now()
	b := &batch{flags: f, station: s, verdicts: map[string]*verdict{}, log: c.log, dirty: true}
	stopped := b.once(ctx)
	if f.watch {
		stopped = b.watch(ctx)
	}
	if err := b.write(); err != nil {
		return err
	}
	if stopped != nil {
		return stopped
	}
	count := map[string]int{}
	for _, v := range b.verdicts {
		count[v.verdict()]++
	}
	seconds := time.Since(begin).Seconds()
	answer := map[string]any{
		"out": f.out, "images": len(b.verdicts), "ok": count[inspector.OK], "defect": count[inspector.Defect], "abstain": count[inspector.Abstain],
		"errors": count[failed], "seconds": seconds,
	}
	return c.answer(answer, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d pictures, %d ok, %d defect, %d abstain, %d errors, %.1f s\n",
			filepath.Join(f.out, "index.html"), len(b.verdicts), count[inspector.OK], count[inspector.Defect], count[inspector.Abstain], count[failed], seconds)
		return err
	})
}

// failed stands for the verdict on a file that is no picture.
const failed = "error"

func (v *verdict) verdict() string {
	if v.Answer == nil {
		return failed
	}
	return v.Label
}

// once judges all pictures that are there.
func (b *batch) once(ctx context.Context) error {
	if b.flags.watch {
		return nil // they have to stand still first
	}
	names, err := pictureFiles(b.flags.images, b.flags.out, b.flags.overlay)
	if err != nil {
		return err
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := b.judge(name); err != nil {
			return err
		}
	}
	return nil
}

// judge adds the verdict on one picture. A damaged one is a verdict too; an error is of writing the overlay.
func (b *batch) judge(name string) error {
	m, a, _, err := judgeFile(b.station, filepath.Join(b.flags.images, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) { // gone since it was listed
		return nil
	}
	b.dirty = true
	if err != nil {
		b.verdicts[name] = &verdict{Image: name, Error: err.Error()}
		fmt.Fprintf(b.log, "%s: %v\n", name, err)
		return nil
	}
	if b.flags.overlay != "" {
		if err := writeOverlay(b.station, filepath.Join(b.flags.overlay, filepath.FromSlash(name)+".png"), m, a); err != nil {
			return err
		}
	}
	v := &verdict{Image: name, Answer: a}
	if v.Thumb, err = thumbnail(b.station, m, a); err != nil {
		return err
	}
	v.Map = nil
	b.verdicts[name] = v
	fmt.Fprintf(b.log, "%s: %s %.4g\n", name, a.Label, a.Score)
	return nil
}

// write writes results.csv and index.html, each whole.
func (b *batch) write() error {
	if !b.dirty {
		return nil
	}
	all := make([]*verdict, 0, len(b.verdicts))
	for _, v := range b.verdicts {
		all = append(all, v)
	}
	slices.SortFunc(all, func(x, y *verdict) int { return cmp.Compare(x.Image, y.Image) })
	table, err := resultsCSV(all)
	if err != nil {
		return err
	}
	if err := checkpoint.WriteFile(filepath.Join(b.flags.out, "results.csv"), table); err != nil {
		return err
	}
	page, err := contactSheet(b.flags.images, all)
	if err != nil {
		return err
	}
	if err := checkpoint.WriteFile(filepath.Join(b.flags.out, "index.html"), page); err != nil {
		return err
	}
	b.dirty = false
	return nil
}

// resultsCSV is a table with a row for each picture, in order of name.
func resultsCSV(all []*verdict) ([]byte, error) {
	var raw bytes.Buffer
	w := csv.NewWriter(&raw)
	rows := [][]string{{"image", "label", "score", "threshold", "class", "boxes", "error"}}
	for _, v := range all {
		row := []string{v.Image, v.verdict(), "", "", "", "", v.Error}
		if v.Answer != nil {
			boxes, err := json.Marshal(v.Boxes)
			if err != nil {
				return nil, err
			}
			row[2], row[4], row[5] = strconv.FormatFloat(v.Score, 'g', -1, 64), v.Class, string(boxes)
			if v.Threshold != nil {
				row[3] = strconv.FormatFloat(*v.Threshold, 'g', -1, 64)
			}
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return raw.Bytes(), nil
}

// worstFirst orders verdicts for a person: files that are no pictures, then the highest scores.
func worstFirst(all []*verdict) []*verdict {
	score := func(v *verdict) (bool, float64) {
		if v.Answer == nil {
			return true, 0
		}
		return false, v.Score
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(x, y *verdict) int {
		xBad, xScore := score(x)
		yBad, yScore := score(y)
		switch {
		case xBad != yBad && xBad:
			return -1
		case xBad != yBad:
			return 1
		}
		return cmp.Compare(yScore, xScore)
	})
	return sorted
}

// thumbSide is the longer side of a picture on the sheet, in pixels.
const thumbSide = 160

// shrunk is the size of a thumbnail.
func shrunk(b image.Rectangle) (w, h int) {
	long := max(b.Dx(), b.Dy())
	if long <= thumbSide {
		return b.Dx(), b.Dy()
	}
	return max(1, b.Dx()*thumbSide/long), max(1, b.Dy()*thumbSide/long)
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A batch judges the pictures of a folder and keeps the results in another.
type batch struct {
	flags    *inspectPredict
	by       judge
	verdicts map[string]*verdict
	log      io.Writer
	dirty    bool // the files lack a verdict
}

// folder judges a folder, once or until a signal comes.
func (f *inspectPredict) folder(ctx context.Context, c *console, j judge) error {
	if info, err := os.Stat(f.images); err != nil || !info.IsDir() {
		return usagef("predict: --images %s: want a folder", f.images)
	}
	begin := time.Now()
	b := &batch{flags: f, by: j, verdicts: map[string]*verdict{}, log: c.log, dirty: true}
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
	m, a, _, err := judgeFile(b.by, filepath.Join(b.flags.images, filepath.FromSlash(name)), b.flags.template)
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
		if err := writeOverlay(b.by, filepath.Join(b.flags.overlay, filepath.FromSlash(name)+".png"), m, a); err != nil {
			return err
		}
	}
	v := &verdict{Image: name, Answer: a}
	if v.Thumb, err = thumbnail(b.by, m, a); err != nil {
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

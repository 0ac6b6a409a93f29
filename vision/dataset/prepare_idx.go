package dataset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/picture"
)

// prepareIDX checks IDX files and writes them unpacked, so that a record is one read; 70,000 files of a picture each would be slow. What they
// show, preview.png tells.
func prepareIDX(ctx context.Context, src string, to *checkpoint.Dir, o PrepareOptions) ([]data.Prepared, error) {
	pairs, err := findIDX(src)
	if err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("dataset: %s: %w: got no *-images-idx3-ubyte[.gz]", src, ErrIDX)
	}
	classes := o.Classes
	if classes == nil {
		classes, err = readClasses(src)
	} else {
		err = (&classesJSON{classes}).check()
	}
	if err != nil {
		return nil, err
	}
	names := classes
	if names == nil {
		names = numbers()
	}
	var out []data.Prepared
	var shown []Item
	for _, p := range pairs {
		var items []Item
		if _, err := p.items(names, func(it Item, _ error) bool { items = append(items, it); return true }); err != nil {
			return nil, err
		}
		if shown == nil || p.split == "train" {
			shown = items
		}
		labels := strings.TrimSuffix(filepath.Base(p.labels), ".gz")
		if err := errors.Join(unpackIDX(ctx, to, p.name, p.images, 3), unpackIDX(ctx, to, labels, p.labels, 1)); err != nil {
			return nil, err
		}
		out = append(out, data.Prepared{Path: p.name, Rows: len(items)})
	}
	if classes != nil {
		raw, err := json.MarshalIndent(classesJSON{classes}, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("dataset: %w", err)
		}
		if err := to.WriteFile(ClassesFile, append(raw, '\n')); err != nil {
			return nil, err
		}
	}
	sheet, err := preview(shown, names)
	if err != nil {
		return nil, err
	}
	return out, to.WriteFile("preview.png", sheet)
}

// unpackIDX writes an IDX file of dims dimensions as a plain one.
func unpackIDX(ctx context.Context, to *checkpoint.Dir, name, from string, dims int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	sizes, values, err := openIDX(from, dims, true)
	if err != nil {
		return err
	}
	w, err := to.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(writeIDX(w, sizes, values), w.Close())
}

// previewColumns is how many pictures of a class a preview shows.
const previewColumns = 10

// preview draws the first pictures of every class that occurs, a row each, as a PNG file.
func preview(items []Item, classes []string) ([]byte, error) {
	have := Classes(items)
	rows := slices.DeleteFunc(slices.Clone(classes), func(c string) bool { return !slices.Contains(have, c) })
	h, w := items[0].idx.height+1, items[0].idx.width+1
	sheet := image.NewNRGBA(image.Rect(0, 0, previewColumns*w, len(rows)*h))
	next := make([]int, len(rows))
	for i := range items {
		r := slices.Index(rows, items[i].Label)
		if next[r] == previewColumns {
			continue
		}
		m, err := items[i].Picture(picture.Limits{})
		if err != nil {
			return nil, err
		}
		at := image.Pt(next[r]*w, r*h)
		draw.Draw(sheet, m.Rect.Add(at), m, image.Point{}, draw.Src)
		next[r]++
	}
	var out bytes.Buffer
	if err := png.Encode(&out, sheet); err != nil {
		return nil, fmt.Errorf("dataset: preview: %w", err)
	}
	return out.Bytes(), nil
}

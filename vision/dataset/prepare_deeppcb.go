package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
)

// prepareDeepPCB writes pairs of pictures and a manifest with their boxes.
func prepareDeepPCB(ctx context.Context, src string, to *checkpoint.Dir, o PrepareOptions) ([]data.Prepared, error) {
	items, err := data.Collect(readDeepPCB(src))
	if err != nil {
		return nil, err
	}
	if err := decodeAll(ctx, items, boxesInside); err != nil {
		return nil, err
	}
	if o.Held > 0 {
		train, held, err := HoldOutGroups(items, o.Held, o.Seed)
		if err != nil {
			return nil, err
		}
		items = append(inSplit(train, "train"), inSplit(held, "test")...)
	}
	rows := make([]row, len(items))
	for i, it := range items {
		rows[i] = row{Path: it.ID, Label: it.Label, Boxes: it.Boxes, Group: it.Group, Split: it.Split}
		if it.Template != "" {
			template, err := filepath.Rel(src, it.Template)
			if err != nil {
				return nil, fmt.Errorf("dataset: %w", err)
			}
			rows[i].Template = filepath.ToSlash(template)
		}
		if err := copyFile(ctx, to, it.ID, it.Path); err != nil {
			return nil, err
		}
	}
	w, err := to.Create(jsonlName)
	if err != nil {
		return nil, err
	}
	return []data.Prepared{{Path: jsonlName, Rows: len(rows)}}, errors.Join(writeJSONL(w, rows), w.Close())
}

// inSplit puts items into a split.
func inSplit(items []Item, split string) []Item {
	for i := range items {
		items[i].Split = split
	}
	return items
}

// boxesInside checks that the boxes of a picture lie in it.
func boxesInside(it *Item, m *image.NRGBA) error {
	for i, b := range it.Boxes {
		if r := image.Rect(b.X, b.Y, b.X+b.Width, b.Y+b.Height); !r.In(m.Rect) {
			return fmt.Errorf("%w: box %d is %v, want it inside %v", ErrField, i, r, m.Rect)
		}
	}
	return nil
}

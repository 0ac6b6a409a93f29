package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// An export is what peer_torch.py works from, beside the pictures as the encoder sees them and the model that training starts from: the recipe, the folds, and
// what is known of the pictures.
type export struct {
	Config   train.Config `json:"config"`
	Preset   string       `json:"preset"`
	Image    int          `json:"image"`
	Patch    int          `json:"patch"`
	Base     string       `json:"base"` // empty: the start's weights are random
	Folds    []exportFold `json:"folds"`
	Pictures []exported   `json:"pictures"`
}

// An exportFold has pictures by their place in the list.
type exportFold struct {
	Name  string `json:"name"`  // of the result
	Group string `json:"group"` // tested on
	Train []int  `json:"train"` // to learn from
	Held  []int  `json:"held"`  // those of Train that are held back where Config.Folds is 0
	Test  []int  `json:"test"`
}

// An exported picture is a stack with its template, where the recipe wants those.
type exported struct {
	ID     string        `json:"id"`
	Group  string        `json:"group"`
	File   string        `json:"file"`
	Stack  string        `json:"stack,omitempty"` // of picture, template and difference, where defects are pasted that the detector doesn't see so
	Boxes  []dataset.Box `json:"boxes"`           // true
	Places []metrics.Box `json:"places"`          // that the template proposes, in their order
}

// Files of an export.
const (
	exportFile  = "export.json"
	startFolder = "start" // the model, as package vision saves it
	chancesFile = "chances.json"
)

// export writes the folder b.out; detector is that of a detector whose chances go with it, empty for none.
func (b *bench) export(ctx context.Context, detector string) error {
	items, groups, err := b.items()
	if err != nil {
		return err
	}
	base, err := b.start()
	if err != nil {
		return err
	}
	e := export{Config: b.config, Preset: b.preset, Image: b.image, Patch: b.patch, Base: b.base}
	for i, g := range groups {
		f, err := b.exportFold(items, g, b.left(groups, i))
		if err != nil {
			return err
		}
		e.Folds = append(e.Folds, f)
	}
	var shown []*image.NRGBA
	for i := range items {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		one, m, err := b.exported(&items[i])
		if err != nil {
			return fmt.Errorf("%s: %w", items[i].ID, err)
		}
		one.File = fmt.Sprintf("%04d.png", i)
		if err := writePNG(filepath.Join(b.out, one.File), m); err != nil {
			return err
		}
		if b.config.Paste > 0 && items[i].Template != "" {
			one.Stack = fmt.Sprintf("%04d-stack.png", i)
			stack, err := stacked(inspector.DefaultTemplate(), m, items[i].Template)
			if err != nil {
				return fmt.Errorf("%s: %w", items[i].ID, err)
			}
			if err := writePNG(filepath.Join(b.out, one.Stack), stack); err != nil {
				return err
			}
		}
		if e.Pictures = append(e.Pictures, one); len(shown) < chancesOf {
			shown = append(shown, m)
		}
	}
	if err := base.Save(filepath.Join(b.out, startFolder), vision.SaveOptions{}); err != nil {
		return err
	}
	if detector != "" {
		if err := b.chances(filepath.Join(b.out, chancesFile), detector, base, shown, e.Pictures); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(b.out, exportFile), e)
}

// exportFold divides the pictures as the fold does, and as its training does without folds of its own.
func (b *bench) exportFold(items []dataset.Item, name string, left []string) (exportFold, error) {
	f := exportFold{Name: filepath.Base(name), Group: left[len(left)-1]}
	learn, test := divide(items, left)
	_, held, err := dataset.HoldOutGroups(learn, train.Default(b.template).Held, b.config.Train.Seed)
	if err != nil {
		return f, err
	}
	at := map[string]int{}
	for i := range items {
		at[items[i].ID] = i
	}
	places := func(of []dataset.Item) []int {
		all := make([]int, len(of))
		for i := range of {
			all[i] = at[of[i].ID]
		}
		return all
	}
	f.Train, f.Held, f.Test = places(learn), places(held), places(test)
	return f, nil
}

// exported decodes a picture, and stacks it with its template.
func (b *bench) exported(it *dataset.Item) (exported, *image.NRGBA, error) {
	e := exported{ID: it.ID, Group: it.Group, Boxes: append([]dataset.Box{}, it.Boxes...), Places: []metrics.Box{}} // lists in JSON, also where there are none
	m, err := it.Picture(picture.Limits{})
	if err != nil || !b.template {
		return e, m, err
	}
	t := b.config.Detector.Template
	if m, err = stacked(*t, m, it.Template); err != nil {
		return e, nil, err
	}
	for _, p := range t.Propose(m) {
		e.Places = append(e.Places, p.Box)
	}
	return e, m, nil
}

// stacked lays a picture and its template over one another.
func stacked(t inspector.Template, m *image.NRGBA, path string) (*image.NRGBA, error) {
	template, err := picture.DecodeFile(path, picture.Limits{})
	if err != nil {
		return nil, err
	}
	return t.Stack(m, template)
}

// writePNG writes a picture.
func writePNG(path string, m *image.NRGBA) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, m); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}

// writeJSON writes v as JSON.
func writeJSON(path string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return checkpoint.WriteFile(path, raw)
}

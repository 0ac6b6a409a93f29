package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/metrics"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// A bench is the recipe and the folds to run.
type bench struct {
	data, out, fold, preset, base string
	template, inner               bool
	image, patch                  int
	stem                          []int
	config                        train.Config
	set                           func() // puts the flags into config
}

// A result is what a fold came to.
type result struct {
	Group      string       `json:"group"`
	Config     train.Config `json:"config"`
	Preset     string       `json:"preset"`
	Image      int          `json:"image"`
	Patch      int          `json:"patch"`
	Stem       []int        `json:"stem,omitempty"`
	Trained    int          `json:"trained"`   // pictures
	Threshold  *float64     `json:"threshold"` // of score, set by training pictures; nil: Held sets it
	PixelAUROC float64      `json:"pixel_AUROC"`
	Digest     string       `json:"digest"`
	Boxes      train.Boxes  `json:"boxes"` // found from score 0 on

	Peer string       `json:"peer,omitempty"` // what else than this program trained the network
	Held *train.Boxes `json:"held,omitempty"` // of pictures held back from a peer's training; nil: it has no threshold
}

// flags are those of the recipe, each of train.Default's value where it isn't set, and of what is run.
func (b *bench) flags(f *flag.FlagSet) {
	f.StringVar(&b.data, "data", "", "DeepPCB's folder, or the manifest that fm data prepare makes of it")
	f.StringVar(&b.out, "out", "", "folder of results")
	f.StringVar(&b.fold, "fold", "", "group to test on; empty: every one in turn")
	f.StringVar(&b.base, "base", "", "folder of a vision model to start from; empty: random weights of the preset")
	f.StringVar(&b.preset, "preset", "tiny", "size of the encoder")
	f.IntVar(&b.image, "image", 48, "side of a window, pixels")
	f.IntVar(&b.patch, "patch", 8, "side of a patch, pixels")
	f.Func("stem", "channels of convolutions before the projection of patches, such as 32,64,128 for patches of 8", func(text string) error {
		b.stem = nil
		for _, word := range strings.Split(text, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				return err
			}
			b.stem = append(b.stem, n)
		}
		return nil
	})
	f.BoolVar(&b.template, "template", true, "show the template")
	f.BoolVar(&b.inner, "inner", false, "test on the next group instead, and train on neither")
	steps := f.Int("steps", 0, "optimizer steps")
	lr := f.Float64("lr", 0, "peak learning rate")
	batch := f.Int("batch", 0, "windows of a step")
	weight := f.Float64("weight", 0, "weight of a patch of a defect in the loss")
	focus := f.Float64("focus", 0, "share of windows round a defect")
	zoom := f.Float64("zoom", 0, "windows show the picture larger or smaller by at most this")
	paste := f.Float64("paste", 0, "without a template: share of the windows into which defects of other pictures are pasted")
	level := f.Float64("level", 0, "without a template: chance from which on a pixel belongs to a box")
	step := f.Int("step", 0, "without a template: from window to window, patches")
	pad := f.Int("pad", 8, "without a template: boxes are this much larger than what is learnt, pixels")
	turns := f.Int("turns", 0, "ways in which every window is looked at, turned and mirrored, up to 8")
	negative := f.Bool("negative", false, "without a template: half of the windows are negatives, in which opens are shorts, spurs mousebites and spots of copper pin-holes")
	optimizer := f.String("optimizer", "", "adamw or muon")
	falseBoxes := f.Float64("false", 0, "false boxes a picture that the threshold may give")
	folds := f.Int("folds", 0, "of the training groups, for the threshold: every group is looked at by a detector trained without it; 0: a group held back sets it")
	seed := f.Uint64("seed", 0, "of weights and windows")
	b.set = func() {
		c := train.Default(b.template)
		if !b.template {
			c.Detector.Pad = *pad
		}
		put := map[string]func(){
			"steps": func() { c.Train = c.Train.WithSteps(*steps) }, "lr": func() { c.Train.LR = *lr }, "seed": func() { c.Train.Seed = *seed },
			"batch": func() { c.Batch = *batch }, "weight": func() { c.Weight = *weight }, "focus": func() { c.Focus = *focus }, "zoom": func() { c.Zoom = *zoom }, "paste": func() { c.Paste = *paste },
			"level": func() { c.Detector.Level = *level }, "step": func() { c.Detector.Step = *step }, "turns": func() { c.Detector.Turns = *turns },
			"negative": func() {
				if c.Negative = *negative; c.Negative {
					c.Opposite = map[string]string{"open": "short", "spur": "mousebite", "copper": "pin-hole"}
				}
			}, "optimizer": func() { c.Train.Optimizer = *optimizer },
			"false": func() { c.FalseBoxes = *falseBoxes }, "folds": func() { c.Folds = *folds },
		}
		if b.template {
			delete(put, "level") // of searching the whole picture
			delete(put, "step")
		}
		f.Visit(func(set *flag.Flag) {
			if f := put[set.Name]; f != nil {
				f()
			}
		})
		if c.Folds > 0 {
			c.Held = 0
		}
		b.config = c
	}
}

// prepare checks the flags.
func (b *bench) prepare() error {
	b.set()
	if b.data == "" || b.out == "" {
		return errors.New("--data and --out are wanted")
	}
	if b.base != "" && b.stem != nil {
		return errors.New("--stem: got one with --base, whose model has its own or none")
	}
	if err := b.config.Validate(); err != nil {
		return err
	}
	return os.MkdirAll(b.out, 0o755)
}

// start gives the model that training starts from.
func (b *bench) start() (*vision.Model, error) {
	if b.base != "" {
		return vision.Load(b.base)
	}
	c, err := vision.Preset(b.preset, b.image, b.patch)
	if err != nil {
		return nil, err
	}
	if !b.template {
		c.Channels = 1
	}
	c.Stem = b.stem
	return vision.New(c, picture.NewProcessor(b.image, b.image, c.Channels), b.config.Train.Seed)
}

// run does the folds that have no result yet.
func (b *bench) run(ctx context.Context) error {
	items, groups, err := b.items()
	if err != nil {
		return err
	}
	for i, g := range groups {
		if b.fold != "" && b.fold != g {
			continue
		}
		path := filepath.Join(b.out, filepath.Base(g)+".json")
		if done, err := b.done(path); err != nil {
			return err
		} else if done {
			continue
		}
		r, err := b.one(ctx, items, b.left(groups, i))
		if err != nil {
			return fmt.Errorf("%s: %w", g, err)
		}
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if err := checkpoint.WriteFile(path, raw); err != nil {
			return err
		}
	}
	return printTable(os.Stdout, b.out)
}

// done says whether a result is there, and refuses that of another recipe.
func (b *bench) done(path string) (bool, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	var r result
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	if !reflect.DeepEqual(r.Config, b.config) || r.Preset != b.preset || r.Image != b.image || r.Patch != b.patch || !slices.Equal(r.Stem, b.stem) {
		return false, fmt.Errorf("%s: it is of another recipe: want another folder for this one", path)
	}
	return true, nil
}

// one trains without the groups left out, and tests on the last of them.
func (b *bench) one(ctx context.Context, items []dataset.Item, left []string) (*result, error) {
	learn, test := divide(items, left)
	base, err := b.start()
	if err != nil {
		return nil, err
	}
	out := filepath.Join(b.out, filepath.Base(left[0]))
	d, err := b.trained(out, base)
	if err != nil {
		if _, _, err = train.Adapt(ctx, base, train.Data{Train: learn}, b.config, train.Options{Out: out, Resume: true, Log: os.Stderr}); err != nil {
			return nil, err
		}
		if d, err = b.trained(out, base); err != nil {
			return nil, err
		}
	}
	var maps []metrics.PixelMap
	boxes, err := train.Inspect(ctx, d, test, func(a *inspector.Answer, mask []bool) {
		maps = append(maps, metrics.PixelMap{Scores: a.Map.Values, Mask: mask, Width: a.Map.Width})
	})
	if err != nil {
		return nil, err
	}
	pixels, err := metrics.PixelScores(slices.Values(maps), metrics.DefaultFPRLimit)
	if err != nil {
		return nil, err
	}
	score := d.Settings().Score
	return &result{
		Group: left[len(left)-1], Config: b.config, Preset: b.preset, Image: b.image, Patch: b.patch, Stem: b.stem, Trained: len(learn),
		Threshold: &score, PixelAUROC: pixels.AUROC, Digest: d.Passport().Digest, Boxes: boxes,
	}, nil
}

// trained loads the detector of a fold whose test was stopped.
func (b *bench) trained(dir string, base *vision.Model) (*inspector.Detector, error) {
	d, err := inspector.LoadDetector(dir, base)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(b.config)
	if err != nil {
		return nil, err
	}
	sum, err := adapter.RecipeSum(raw)
	if err == nil && sum != d.Passport().RecipeSHA256 {
		err = fmt.Errorf("%s: %w", dir, adapter.ErrRecipe)
	}
	return d, err
}

package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// PictureDefaults returns the recipe for pictures used where the caller has no other.
func PictureDefaults() Config {
	c := Defaults()
	c.Batch, c.LR, c.WeightDecay, c.Logistic = 64, 3e-4, 0.05, 1
	return c
}

// Pictures describes the classifier of pictures to finetune. Its data are in any layout of package dataset: where a data set has splits, its part train is
// trained on and its part test, or else val, is scored on.
func Pictures() finetune.Task[*vision.Model, Config, dataset.Item, *pictures.Predictor] {
	return finetune.Task[*vision.Model, Config, dataset.Item, *pictures.Predictor]{
		Name: head.Task, TaskType: "IMAGE_CLASSIFICATION", Monitor: "accuracy",
		About: "Put pictures into classes (class folders, manifests, IDX files)", Input: `{"image"}`, Output: `[{"label", "score"}]; the first, calibrated, with {"verdict", "confidence", "why", "labels"}`,
		Defaults: PictureDefaults,
		Tuning:   func(c *Config) *finetune.Config { return &c.Config },
		Validate: validatePictures,
		Read:     readPictures,
		Sum: func(ctx context.Context, items []dataset.Item) (string, error) {
			h, err := dataset.Hash(ctx, "", items)
			return h.SHA256, err
		},
		Label:    func(it dataset.Item) string { return it.Label },
		Split:    dataset.HoldOut,
		Fit:      fitPictures,
		Observe:  pictures.Observe,
		Settle:   (*pictures.Predictor).Calibrate,
		Score:    pictures.Evaluate,
		Curve:    pictures.Curve,
		Settings: func(p *pictures.Predictor) any { return p.Settings() },
		Load:     pictures.Load,
	}
}

// ReadPictures lists the pictures to train on and, unless its path is empty, those to score on, whose labels must occur among the first. Both paths may be
// the same where a data set has splits.
func ReadPictures(trainPath, evalPath string, c Config) (finetune.Data[dataset.Item], error) {
	return Pictures().ReadData(trainPath, evalPath, c)
}

func validatePictures(c *Config) error {
	if c.TextColumn != "" || c.LabelColumn != "" || c.MaxLength != 0 {
		return fmt.Errorf("%w: text_column, label_column, max_length: got %q, %q and %d, want none for pictures", finetune.ErrConfig, c.TextColumn, c.LabelColumn, c.MaxLength)
	}
	if _, err := vision.ParsePooling(c.Pooling); err != nil {
		return fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	if c.Augment != nil {
		a := *c.Augment
		if c.Method == adapter.Head && a != (picture.Augment{}) {
			return fmt.Errorf("%w: augment: got one with method head, which reads every picture once", finetune.ErrConfig)
		}
		if a.Crop != nil {
			if a.Crop.Width != 0 || a.Crop.Height != 0 {
				return fmt.Errorf("%w: augment: crop: got %d x %d pixels, want none, for it is as large as the model's input", finetune.ErrConfig, a.Crop.Width, a.Crop.Height)
			}
			crop := *a.Crop
			crop.Width, crop.Height = 1, 1
			a.Crop = &crop
		}
		if err := a.Validate(); err != nil {
			return fmt.Errorf("%w: %w", finetune.ErrConfig, err)
		}
	}
	return c.valid()
}

// readPictures lists the pictures at path. Those to train on are read without labels.
func readPictures(path string, labels []string, _ Config) ([]dataset.Item, error) {
	set, err := dataset.Open(path)
	if err != nil {
		return nil, err
	}
	items, splits := set.Items, []string{"train"}
	if labels != nil {
		splits = []string{"test", "val"}
	}
	if set.Layout != dataset.MVTecFolders { // its training part has good pictures only
		for _, split := range splits {
			if in := dataset.InSplit(set.Items, split); len(in) > 0 {
				items = in
				break
			}
		}
	}
	for i := range items {
		switch l := items[i].Label; {
		case l == "":
			return nil, fmt.Errorf("classifier: %s: %s has no label: %w", path, items[i].ID, data.ErrUnknown)
		case labels != nil && !slices.Contains(labels, l):
			return nil, fmt.Errorf("classifier: %s: %s: %w: got %q, want one of %d labels", path, items[i].ID, data.ErrUnknown, l, len(labels))
		}
	}
	return items, nil
}

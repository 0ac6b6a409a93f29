package train

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// fitPictures trains a head on pictures, and the model under it unless the method is head. The decoded pictures lie in a file of the run's folder, or in a
// temporary one, at the model's size and a byte a value.
func fitPictures(ctx context.Context, base *vision.Model, items []dataset.Item, c Config, o finetune.Options) (f *finetune.Fitted[*vision.Model], p *pictures.Predictor, err error) {
	pooling, err := vision.ParsePooling(c.Pooling)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	dir := filepath.Join(o.Run, "data")
	if o.Run == "" {
		if dir, err = os.MkdirTemp("", "fmkit-pictures-"); err != nil {
			return nil, nil, fmt.Errorf("classifier: %w", err)
		}
	}
	defer func() {
		if err == nil || o.Run == "" { // a run that was stopped reads them again
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	records, err := openRecords(ctx, base, items, dir)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, records.Close()) }()
	rows, err := base.TuningRows(records, c.augment())
	if err != nil {
		return nil, nil, err
	}
	f, layer, err := tune(ctx, base, rows, dataset.Labels(items), pooling, c, o)
	if err != nil {
		return nil, nil, err
	}
	s := head.Settings{Pooling: c.Pooling, Normalize: c.Normalize}
	layer.Settle(&s)
	p, err = pictures.New(f.Model, layer, f.Labels, s)
	return f, p, err
}

// openRecords opens the cache of items, resized and cropped for the model, in the folder dir. The caller closes it.
func openRecords(ctx context.Context, base *vision.Model, items []dataset.Item, dir string) (*dataset.Cache, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("classifier: %w", err)
	}
	c := &base.Config
	return dataset.OpenCache(ctx, filepath.Join(dir, "pictures.cache"), items, dataset.Recorder{
		Shape:   dataset.CacheShape{Channels: c.Channels, Height: c.ImageSize, Width: c.ImageSize},
		Record:  func(dst []byte, m *image.NRGBA) error { return base.Processor.Levels(dst, m) },
		Version: "levels of the processor " + base.Identity().Tokenizer,
	}, dataset.LoadOptions{Limits: picture.Limits{WebP: true}})
}

// augment is how training pictures are varied; nil: not at all.
func (c *Config) augment() *picture.Augment {
	switch {
	case c.Augment != nil:
		return c.Augment
	case c.Method == adapter.Head:
		return nil
	}
	return DefaultAugment()
}

// DefaultAugment mirrors half of the pictures from left to right.
func DefaultAugment() *picture.Augment { return &picture.Augment{FlipH: 0.5} }

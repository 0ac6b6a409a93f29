package pretrain

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// pictures are the data of a run: a cache of square pictures, and which of its records are trained on.
type pictures struct {
	cache       *dataset.Cache
	train, held []int // records
	layout      dataset.Layout
	side        int // pixels of a record's side
}

// roomForCrops is how much larger than the model's input pictures are stored where random crops are taken of them.
const roomForCrops = 1.15

// storedSide is the side at which pictures are kept.
func (c *Config) storedSide() int {
	if c.Augment.Crop == nil {
		return c.Model.ImageSize
	}
	return int(math.Round(roomForCrops * float64(c.Model.ImageSize)))
}

// openPictures lists the pictures at path and opens their cache in the folder dir. Of data sets that have splits only train is read. The caller closes the cache.
func openPictures(ctx context.Context, c Config, path, dir string) (*pictures, error) {
	set, err := dataset.Open(path)
	if err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	items := set.Items
	if in := dataset.InSplit(items, "train"); len(in) > 0 {
		items = in
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	p := &pictures{layout: set.Layout, side: c.storedSide()}
	rec := dataset.Recorder{
		Shape:   dataset.CacheShape{Channels: c.Model.Channels, Height: p.side, Width: p.side},
		Record:  func(dst []byte, m *image.NRGBA) error { return record(dst, m, c.Model.Channels, p.side) },
		Version: "square, bilinear, without alpha",
	}
	if p.cache, err = dataset.OpenCache(ctx, filepath.Join(dir, "pictures.cache"), items, rec, dataset.LoadOptions{}); err != nil {
		return nil, fmt.Errorf("pretrain: %w", err)
	}
	p.train, p.held = data.Split(p.cache.Len(), c.Held, c.Train.Seed)
	if len(p.train) == 0 || len(p.held) == 0 {
		err := fmt.Errorf("pretrain: %s: got %d pictures, want at least 2, one of them to hold back: %w", path, p.cache.Len(), data.ErrEmpty)
		return nil, errors.Join(err, p.cache.Close())
	}
	p.held = p.held[:min(len(p.held), c.EvalMax)]
	return p, nil
}

// record sets dst [C, side, side] to a picture made square. Alpha is passed over, as processors do; one channel is the luma of Pillow's mode L.
func record(dst []byte, m *image.NRGBA, channels, side int) error {
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 0xff
	}
	m = picture.Resize(m, side, side, picture.Bilinear)
	if m.Rect.Dx() != side || m.Rect.Dy() != side {
		return fmt.Errorf("resizing: got %v, want a side of %d", m.Rect, side)
	}
	picture.Planes(dst, m, channels)
	return nil
}

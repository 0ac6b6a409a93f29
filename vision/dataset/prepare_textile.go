package dataset

import (
	"context"
	"fmt"
	"path"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// textileTrain is how many nominal pictures are for training where nobody says.
const textileTrain = 200

// textileFolders are what simulated weaves (Megahed et al., https://arxiv.org/abs/2501.12596) come in, and what each is called here.
var textileFolders = []struct{ folder, label string }{{"nominal", Good}, {"local", "local"}, {"global", "global"}}

// prepareTextile writes MVTec folders. The nominal pictures are shuffled by seed: the first o.Train are for training, and the last third is for
// testing (fewer where training takes more), so that trainings of different size meet the same test.
func prepareTextile(ctx context.Context, src string, to *checkpoint.Dir, o PrepareOptions) ([]data.Prepared, error) {
	var out []data.Prepared
	write := func(name string, items []Item) error {
		for _, it := range items {
			if err := copyFile(ctx, to, name+"/"+path.Base(it.ID), it.Path); err != nil {
				return err
			}
		}
		out = append(out, data.Prepared{Path: name, Rows: len(items)})
		return nil
	}
	for _, f := range textileFolders {
		items, err := data.Collect(readPictureFolder(filepath.Join(src, f.folder)))
		if err == nil && len(items) == 0 {
			err = fmt.Errorf("dataset: %s has no pictures: %w", filepath.Join(src, f.folder), data.ErrEmpty)
		}
		if err == nil {
			err = decodeAll(ctx, items, nil)
		}
		if err == nil && f.label == Good {
			var train []Item
			if train, items, err = splitNominal(items, o); err == nil {
				err = write("train/"+Good, train)
			}
		}
		if err == nil {
			err = write("test/"+f.label, items)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// splitNominal draws the nominal pictures to train and to test on.
func splitNominal(items []Item, o PrepareOptions) (train, test []Item, err error) {
	most := 2 * len(items) / 3
	n := o.Train
	if n == 0 {
		n = min(textileTrain, most)
	}
	if n < 1 || n >= len(items) {
		return nil, nil, fmt.Errorf("dataset: %w: %d of %d nominal pictures to train on, want at least 1, and 1 left to test on", ErrField, n, len(items))
	}
	for i, j := range random.Perm(random.Key(o.Seed, "dataset.textile"), len(items)) {
		if i < n {
			train = append(train, items[j])
		} else if i >= most {
			test = append(test, items[j])
		}
	}
	return train, test, nil
}

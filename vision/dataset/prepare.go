package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
)

// PrepareOptions are the choices of the converters; each says which ones it takes.
type PrepareOptions struct {
	Train   int      // textile: nominal pictures to train on; 0 means 200, at most two thirds
	Classes []string // idx: names of the classes, the first one for label 0; nil keeps their numbers
	Held    float64  // deeppcb: fraction of the boards for split test, the others are for train; 0 means no split
	Seed    uint64   // of what is drawn
}

// preparers fill a folder with a data set in our layout.
var preparers = map[string]func(ctx context.Context, src string, to *checkpoint.Dir, o PrepareOptions) ([]data.Prepared, error){
	"deeppcb": prepareDeepPCB,
	"idx":     prepareIDX,
	"textile": prepareTextile,
}

// PrepareNames lists the data sets that Prepare knows, sorted.
func PrepareNames() []string {
	names := make([]string, 0, len(preparers))
	for n := range preparers {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Prepare converts a data set, as published, into a layout that Open reads. Every picture is decoded once to see that it can be, and
// copied unchanged. The folder dir appears whole or not at all; one that exists is replaced only if it has no file that the new one lacks
// (checkpoint.ErrNotReplaceable). What each name takes and writes:
//
//	deeppcb  folder with index.txt                 -> manifest.jsonl, GROUP/ID_temp.jpg, GROUP/ID_test.jpg (templates are good, tests have boxes)
//	idx      folder of *-images-idx3-ubyte[.gz]    -> the same files unpacked, classes.json where names are given, preview.png
//	textile  folder of nominal, local, global      -> train/good, test/good, test/local, test/global
func Prepare(ctx context.Context, name, src, dir string, o PrepareOptions) ([]data.Prepared, error) {
	f, ok := preparers[name]
	if !ok {
		return nil, fmt.Errorf("dataset: prepare: unknown data set %q, want one of %q", name, PrepareNames())
	}
	if o.Train < 0 || o.Held < 0 || o.Held >= 1 {
		return nil, fmt.Errorf("dataset: prepare: %d pictures to train on and %g held back, want at least 0, and 0 to 1", o.Train, o.Held)
	}
	if err := apart(src, dir); err != nil {
		return nil, fmt.Errorf("dataset: prepare: %w", err)
	}
	var out []data.Prepared
	var failed error // before Save wraps it
	err := checkpoint.Save(dir, func(to *checkpoint.Dir) error {
		out, failed = f(ctx, src, to, o)
		return failed
	})
	if failed != nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	for i := range out {
		out[i].Path = filepath.Join(dir, filepath.FromSlash(out[i].Path))
	}
	return out, nil
}

// apart refuses a result in, around or in the place of its source.
func apart(src, dir string) error {
	from, err := filepath.EvalSymlinks(src)
	if err != nil {
		return err
	}
	to, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		to, err = dir, nil
	}
	if err != nil {
		return err
	}
	if from, err = filepath.Abs(from); err != nil {
		return err
	}
	if to, err = filepath.Abs(to); err != nil {
		return err
	}
	sep := string(os.PathSeparator)
	if strings.HasPrefix(to+sep, from+sep) || strings.HasPrefix(from+sep, to+sep) {
		return fmt.Errorf("folder %s and source %s lie in each other, want them apart", dir, src)
	}
	return nil
}

// decodeAll checks that every picture can be decoded and gives them to check, where it isn't nil.
func decodeAll(ctx context.Context, items []Item, check func(it *Item, m *image.NRGBA) error) error {
	for _, err := range Load(ctx, items, LoadOptions{}, func(i int, m *image.NRGBA) (struct{}, error) {
		if check == nil {
			return struct{}{}, nil
		}
		return struct{}{}, check(&items[i], m)
	}) {
		if err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies the bytes of a file into a folder that is being made.
func copyFile(ctx context.Context, to *checkpoint.Dir, name, from string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f, _, err := openRegular(from)
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := to.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, w.Close())
}

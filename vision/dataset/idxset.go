package dataset

import (
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/strictjson"
)

// ClassesFile names the classes of the IDX files beside it: {"classes": ["T-shirt/top", ...]}, the first one for label 0. Without it a
// class is called by its number.
const ClassesFile = "classes.json"

// maxClasses is what a label of one byte can tell apart.
const maxClasses = 256

type classesJSON struct {
	Classes []string `json:"classes"`
}

// check says what is wrong with the names.
func (c *classesJSON) check() error {
	if n := len(c.Classes); n < 1 || n > maxClasses {
		return fmt.Errorf("%w: got %d classes, want 1 to %d", ErrField, n, maxClasses)
	}
	for i, name := range c.Classes {
		if strings.TrimSpace(name) == "" {
			return fmt.Errorf("%w: class %d has no name", ErrField, i)
		}
		if slices.Contains(c.Classes[:i], name) {
			return fmt.Errorf("%w: class %q: %w", ErrField, name, ErrDuplicate)
		}
	}
	return nil
}

// readClasses reads the ClassesFile of a folder; nil when there is none.
func readClasses(dir string) ([]string, error) {
	path := filepath.Join(dir, ClassesFile)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return nil, nil
	}
	var raw []byte
	if err := readInto(&raw, path, 1<<20); err != nil {
		return nil, err
	}
	var c classesJSON
	err := strictjson.Decode(raw, &c, strictjson.Limits{})
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", path, err)
	}
	return c.Classes, nil
}

// numbers are the names of classes that have none.
func numbers() []string {
	names := make([]string, maxClasses)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// An idxPair is a file of pictures with the file of their labels.
type idxPair struct {
	name           string // of the pictures, without .gz
	images, labels string // paths
	split          string
}

// findIDX gives the pairs of IDX files in a folder, sorted. Where a file is there gzipped and plain, the plain one is taken.
func findIDX(dir string) ([]idxPair, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	var pairs []idxPair
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".gz")
		if !isIDXImages(name) || slices.ContainsFunc(pairs, func(p idxPair) bool { return p.name == name }) {
			continue
		}
		p, err := pairIDX(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func isIDXImages(name string) bool {
	name = strings.TrimSuffix(name, ".gz")
	return strings.Contains(name, "images") && (strings.HasSuffix(name, "-idx3-ubyte") || strings.HasSuffix(name, ".idx3-ubyte"))
}

// pairIDX finds the labels of a file of pictures.
func pairIDX(images string) (idxPair, error) {
	dir, name := filepath.Split(strings.TrimSuffix(images, ".gz"))
	p := idxPair{name: name, images: images}
	switch {
	case strings.Contains(name, "train"):
		p.split = "train"
	case strings.Contains(name, "t10k"), strings.Contains(name, "test"):
		p.split = "test"
	}
	labels := dir + strings.Replace(strings.Replace(name, "images", "labels", 1), "idx3", "idx1", 1)
	for _, p.labels = range []string{labels, labels + ".gz"} {
		if _, err := os.Stat(p.labels); err == nil {
			return p, nil
		}
	}
	return p, fmt.Errorf("dataset: %s: its labels, %s: %w", images, labels, fs.ErrNotExist)
}

// readIDXPairs streams the records of pairs of files in dir.
func readIDXPairs(dir string, pairs []idxPair) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		classes, err := readClasses(dir)
		if classes == nil {
			classes = numbers()
		}
		for _, p := range pairs {
			if err == nil {
				var more bool
				more, err = p.items(classes, yield)
				if !more {
					return
				}
			}
		}
		if err != nil {
			yield(Item{}, err)
		}
	}
}

// items gives the records of a pair of files; more says whether one wants to go on, which is so after an error.
func (p idxPair) items(classes []string, yield func(Item, error) bool) (more bool, err error) {
	x, err := openIDXImages(p.images)
	if err != nil {
		return true, err
	}
	sizes, labels, err := openIDX(p.labels, 1, true)
	if err != nil {
		return true, err
	}
	if sizes[0] != x.count {
		return true, fmt.Errorf("dataset: %s: %w: got %d labels, want %d as there are pictures", p.labels, ErrIDX, sizes[0], x.count)
	}
	for i, l := range labels {
		if int(l) >= len(classes) {
			return true, fmt.Errorf("dataset: %s: %w: label %d is %d, want 0 to %d", p.labels, ErrIDX, i, l, len(classes)-1)
		}
		it := Item{ID: fmt.Sprintf("%s#%06d", p.name, i), Path: p.images, Label: classes[l], Split: p.split, idx: x, record: i}
		if !yield(it, nil) {
			return false, nil
		}
	}
	return true, nil
}

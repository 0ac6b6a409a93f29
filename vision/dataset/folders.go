package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// maxDepth bounds how deep pictures may lie below their class folder, so that links in a circle come to an end.
const maxDepth = 16

// readClassFolders streams root/<class>/**, each picture labelled by its class.
func readClassFolders(root string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) { classFolders(root, "", "", yield) }
}

// readSplitFolders streams class folders inside folders that are named like splits.
func readSplitFolders(root string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		folders, err := subfolders(root)
		if err != nil {
			yield(Item{}, err)
			return
		}
		for _, f := range folders {
			if !classFolders(root, f, splitNames[f], yield) {
				return
			}
		}
	}
}

// splitNames are the folders that hold a split of class folders, and what that split is.
var splitNames = map[string]string{"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}

// classFolders gives the pictures of the class folders in root/below. It says whether to go on.
func classFolders(root, below, split string, yield func(Item, error) bool) bool {
	classes, err := subfolders(filepath.Join(root, below))
	if err != nil {
		return yield(Item{}, err)
	}
	for _, c := range classes {
		n := 0
		more, err := walk(root, path.Join(below, c), 0, func(id string) bool {
			n++
			return yield(Item{ID: id, Path: filepath.Join(root, filepath.FromSlash(id)), Label: c, Split: split}, nil)
		})
		if err == nil && more && n == 0 {
			err = fmt.Errorf("dataset: class folder %s has no pictures: %w", filepath.Join(root, below, c), data.ErrEmpty)
		}
		if err != nil {
			yield(Item{}, err)
			return false
		}
		if !more {
			return false
		}
	}
	return true
}

// readPictureFolder streams all pictures in and below root, with no labels.
func readPictureFolder(root string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		_, err := walk(root, "", 0, func(id string) bool {
			return yield(Item{ID: id, Path: filepath.Join(root, filepath.FromSlash(id))}, nil)
		})
		if err != nil {
			yield(Item{}, err)
		}
	}
}

// readMVTec streams train/good, then test/<defect> with its mask from ground_truth/<defect>/<name>_mask.png. Where there is a folder
// of masks, every picture of that defect has one.
func readMVTec(root string) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for _, split := range []string{"test", "train"} {
			defects, err := subfolders(filepath.Join(root, split))
			if errors.Is(err, fs.ErrNotExist) && split == "test" {
				continue
			}
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, defect := range defects {
				if more, err := mvtecFolder(root, split, defect, yield); err != nil {
					yield(Item{}, err)
					return
				} else if !more {
					return
				}
			}
		}
	}
}

func mvtecFolder(root, split, defect string, yield func(Item, error) bool) (more bool, err error) {
	if split == "train" && defect != Good {
		return false, fmt.Errorf("dataset: %s: %w: training pictures of defects, want only %q", filepath.Join(root, split, defect), ErrLayout, Good)
	}
	masks := filepath.Join(root, "ground_truth", defect)
	_, noMasks := os.Stat(masks)
	var missing error
	more, err = walk(root, path.Join(split, defect), 0, func(id string) bool {
		it := Item{ID: id, Path: filepath.Join(root, filepath.FromSlash(id)), Label: defect, Split: split}
		if defect != Good && noMasks == nil {
			name := strings.TrimPrefix(id, split+"/"+defect+"/")
			name = strings.TrimSuffix(name, path.Ext(name)) + "_mask.png"
			it.Mask = filepath.Join(masks, filepath.FromSlash(name))
			if _, err := os.Stat(it.Mask); err != nil {
				missing = fmt.Errorf("dataset: mask of %s: %w", id, err)
				return false
			}
		}
		return yield(it, nil)
	})
	return more, errors.Join(err, missing)
}

// walk gives the pictures in and below root/below by their paths from root, sorted within each folder; hidden files and those that
// are no pictures are passed over. A picture of a format that isn't read is an error. more says whether one wants to go on.
func walk(root, below string, depth int, one func(id string) bool) (more bool, err error) {
	if depth > maxDepth {
		return false, fmt.Errorf("dataset: %s: got more than %d folders in each other", filepath.Join(root, below), maxDepth)
	}
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(below)))
	if err != nil {
		return false, fmt.Errorf("dataset: %w", err)
	}
	for _, e := range entries {
		id := path.Join(below, e.Name())
		kind, err := kindOf(root, id, e)
		switch {
		case err != nil:
			return false, err
		case strings.HasPrefix(e.Name(), "."):
		case kind.IsDir():
			if more, err := walk(root, id, depth+1, one); err != nil || !more {
				return false, err
			}
		case isOtherPicture(e.Name()):
			return false, fmt.Errorf("dataset: %s: %w: want PNG, JPEG, GIF or WebP", filepath.Join(root, id), ErrLayout)
		case !isPicture(e.Name()):
		case !kind.IsRegular():
			return false, fmt.Errorf("dataset: %s: not a regular file", filepath.Join(root, id))
		default:
			if !one(id) {
				return false, nil
			}
		}
	}
	return true, nil
}

// kindOf follows links; a hidden entry is taken as it stands.
func kindOf(root, id string, e fs.DirEntry) (fs.FileMode, error) {
	if e.Type()&fs.ModeSymlink == 0 || strings.HasPrefix(e.Name(), ".") {
		return e.Type(), nil
	}
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(id)))
	if err != nil {
		return 0, fmt.Errorf("dataset: %w", err)
	}
	return info.Mode(), nil
}

// subfolders gives the names of the folders in dir, sorted, without hidden ones.
func subfolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	var names []string
	for _, e := range entries {
		kind, err := kindOf(dir, e.Name(), e)
		if err != nil {
			return nil, err
		}
		if kind.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

package dataset

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// A Layout is a way in which data sets lie on disk, see the package comment.
type Layout string

// The layouts that Open knows.
const (
	ClassFolders  Layout = "class folders"
	MVTecFolders  Layout = "MVTec folders"
	CSVManifest   Layout = "CSV manifest"
	JSONLManifest Layout = "JSONL manifest"
	IDXFiles      Layout = "IDX files"
	DeepPCB       Layout = "DeepPCB folders"
	PictureFolder Layout = "folder of pictures"
)

// What Open can read, for its errors.
const readable = "want ROOT/<class>/*.png, ROOT/train|val|test/<class>/*.png, MVTec folders (train/good, test/<defect>), manifest.csv (path,label), " +
	"manifest.jsonl (path, label, boxes), *-images-idx3-ubyte[.gz] with labels, DeepPCB's index.txt, or a folder of PNG, JPEG, GIF or WebP pictures"

// A Set is the list of a data set's pictures.
type Set struct {
	Root   string // folder below which the pictures lie
	Layout Layout
	Items  []Item // sorted by ID
}

// Names of manifests that are looked for in a folder.
const (
	csvName   = "manifest.csv"
	jsonlName = "manifest.jsonl"
)

// Open finds out how the data set at path, a folder or a manifest, is laid out, and lists its pictures; it decodes none.
// Errors wrap ErrLayout where no layout fits, ErrDuplicate, ErrPath, ErrField, ErrIDX, data.ErrEmpty, or are those of the
// operating system, and name the file.
func Open(path string) (*Set, error) {
	s, items, err := find(path)
	if err != nil {
		return nil, err
	}
	if s.Items, err = data.Collect(items); err != nil {
		return nil, err
	}
	if len(s.Items) == 0 {
		return nil, fmt.Errorf("dataset: %s: no pictures: %w", path, data.ErrEmpty)
	}
	slices.SortStableFunc(s.Items, func(a, b Item) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(s.Items); i++ {
		if s.Items[i].ID == s.Items[i-1].ID {
			return nil, fmt.Errorf("dataset: %s: picture %s: %w", path, s.Items[i].ID, ErrDuplicate)
		}
	}
	return s, nil
}

// find gives the layout of path and a stream of its pictures.
func find(path string) (*Set, iter.Seq2[Item, error], error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("dataset: %w", err)
	}
	if !info.IsDir() {
		return findFile(path)
	}
	for _, name := range []string{jsonlName, csvName} {
		file := filepath.Join(path, name)
		if _, err := os.Stat(file); err == nil {
			return findFile(file)
		}
	}
	pairs, err := findIDX(path)
	if err != nil {
		return nil, nil, err
	}
	if len(pairs) > 0 {
		return &Set{Root: path, Layout: IDXFiles}, readIDXPairs(path, pairs), nil
	}
	if isDeepPCB(path) {
		return &Set{Root: path, Layout: DeepPCB}, readDeepPCB(path), nil
	}
	return findFolders(path)
}

// findFile gives the layout of a file.
func findFile(path string) (*Set, iter.Seq2[Item, error], error) {
	s := &Set{Root: filepath.Dir(path)}
	switch name := filepath.Base(path); {
	case extension(name) == "csv":
		s.Layout = CSVManifest
		return s, readManifest(path, parseCSV), nil
	case extension(name) == "jsonl", extension(name) == "ndjson":
		s.Layout = JSONLManifest
		return s, readManifest(path, parseJSONL), nil
	case isIDXImages(name):
		s.Layout = IDXFiles
		p, err := pairIDX(path)
		return s, readIDXPairs(s.Root, []idxPair{p}), err
	}
	return nil, nil, fmt.Errorf("dataset: %s: %w: got a file that is no manifest; %s", path, ErrLayout, readable)
}

// findFolders tells the layouts apart that have nothing but folders of pictures.
func findFolders(root string) (*Set, iter.Seq2[Item, error], error) {
	folders, err := subfolders(root)
	if err != nil {
		return nil, nil, err
	}
	if slices.Contains(folders, "train") {
		inTrain, err := subfolders(filepath.Join(root, "train"))
		if err != nil {
			return nil, nil, err
		}
		if slices.Equal(inTrain, []string{Good}) {
			return &Set{Root: root, Layout: MVTecFolders}, readMVTec(root), nil
		}
		isSplit := func(name string) bool { return splitNames[name] != "" }
		if len(inTrain) > 0 && !slices.ContainsFunc(folders, func(f string) bool { return !isSplit(f) }) {
			return &Set{Root: root, Layout: ClassFolders}, readSplitFolders(root), nil
		}
	}
	atTop, below, files, err := look(root)
	switch {
	case err != nil:
		return nil, nil, err
	case atTop > 0 && below > 0:
		err = fmt.Errorf("got pictures beside folders of pictures")
	case atTop > 0:
		return &Set{Root: root, Layout: PictureFolder}, readPictureFolder(root), nil
	case below > 0:
		return &Set{Root: root, Layout: ClassFolders}, readClassFolders(root), nil
	default:
		err = fmt.Errorf("got %d folders and %d files, and no picture", len(folders), files)
	}
	return nil, nil, fmt.Errorf("dataset: %s: %w: %w; %s", root, ErrLayout, err, readable)
}

// look counts the files and pictures of a folder, and says whether (1) there are pictures in folders below it.
func look(root string) (atTop, below, files int, err error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("dataset: %w", err)
	}
	for _, e := range entries {
		kind, err := kindOf(root, e.Name(), e)
		if err != nil {
			return 0, 0, 0, err
		}
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case kind.IsDir() && below == 0:
			if _, err := walk(root, e.Name(), 0, func(string) bool { below = 1; return false }); err != nil {
				return 0, 0, 0, err
			}
		case kind.IsDir():
		default:
			files++
			if isPicture(e.Name()) {
				atTop++
			}
		}
	}
	return atTop, below, files, nil
}

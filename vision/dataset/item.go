package dataset

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"strings"

	"github.com/fmkit/fmkit/vision/picture"
)

// A Box marks a part of a picture, in pixels from its upper left corner.
type Box struct {
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`  // at least 1
	Height int    `json:"height"` // at least 1
	Label  string `json:"label,omitempty"`
}

// An Item is one picture of a data set and what is known about it.
type Item struct {
	ID       string // unique in its list: the path below the root, with slashes; of a record in an IDX file, file#record
	Path     string // file that holds the picture
	Label    string // class; "good" for what has no defect; empty when there is none
	Mask     string // file of a picture whose bright pixels are the defect, empty when there is none
	Template string // file of a defect-free picture of the same thing, aligned with this one, empty when there is none
	Boxes    []Box  // where the defects are, nil when that isn't known
	Group    string // what belongs together (a board, a patient, a day) and mustn't be split, empty when that isn't known
	Split    string // "train", "val", "test", or empty where the data set doesn't say

	idx    *idxImages // the file of an IDX record, else nil
	record int        // its place in there
}

// Good is the label of pictures with no defect, as MVTec names it.
const Good = "good"

// Picture reads and decodes the picture. Errors name the file.
func (it *Item) Picture(l picture.Limits) (*image.NRGBA, error) {
	var buf []byte
	return it.picture(&buf, l)
}

// picture is Picture with a buffer for the file that can be used again.
func (it *Item) picture(buf *[]byte, l picture.Limits) (*image.NRGBA, error) {
	if it.idx != nil {
		m, err := it.idx.picture(it.record)
		if err != nil {
			return nil, fmt.Errorf("dataset: %s: %w", it.ID, err)
		}
		return m, nil
	}
	return decodeFile(buf, it.Path, l)
}

// maxPicture bounds a picture file, in bytes, where Limits.Bytes is 0: the default of package picture.
const maxPicture = 10 << 20

func decodeFile(buf *[]byte, path string, l picture.Limits) (*image.NRGBA, error) {
	limit := int64(maxPicture)
	if l.Bytes > 0 {
		limit = int64(l.Bytes)
	}
	if err := readInto(buf, path, limit); err != nil {
		return nil, err
	}
	m, err := picture.Decode(*buf, l)
	if err != nil {
		return nil, fmt.Errorf("dataset: %s: %w", path, err)
	}
	return m, nil
}

// readInto fills *buf, which grows where it must, with the content of a regular file of at most limit bytes.
func readInto(buf *[]byte, path string, limit int64) error {
	f, size, err := openRegular(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if size > limit {
		return fmt.Errorf("dataset: %s: %w: got %d bytes, want at most %d", path, picture.ErrLimit, size, limit)
	}
	if int64(cap(*buf)) < size {
		*buf = make([]byte, size, size+size/4)
	}
	*buf = (*buf)[:size]
	if _, err := io.ReadFull(f, *buf); err != nil {
		return fmt.Errorf("dataset: %s: it became shorter while being read: %w", path, err)
	}
	return nil
}

// openRegular opens a file that isn't a folder, a pipe or a device, and gives its size.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // opening a pipe would wait for its writer
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("dataset: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("dataset: %w", err)
	}
	if info, err = f.Stat(); err != nil {
		return nil, 0, fmt.Errorf("dataset: %w", errors.Join(err, f.Close()))
	}
	return f, info.Size(), nil
}

// isPicture says whether a file of this name is taken for a picture; what it is in truth, its bytes say.
func isPicture(name string) bool {
	switch extension(name) {
	case "png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp":
		return true
	}
	return false
}

// isOtherPicture says whether a file of this name is a picture of a format that isn't read.
func isOtherPicture(name string) bool {
	switch extension(name) {
	case "bmp", "tif", "tiff", "heic", "heif", "avif", "jp2", "jxl", "ppm", "pgm", "pbm", "tga", "dng", "cr2", "nef", "svg", "dcm":
		return true
	}
	return false
}

func extension(name string) string {
	i := strings.LastIndexByte(name, '.')
	return strings.ToLower(name[i+1:])
}

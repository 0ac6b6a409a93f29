package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"image"
	"slices"
	"strconv"

	"github.com/fmkit/fmkit/adapters/inspector"
)

// A verdict is what was said about one picture of a folder.
type verdict struct {
	Image string // below the folder, with slashes
	*inspector.Answer
	Error string // why there is no answer
	Thumb []byte // JPEG with the heat map, nil where there is no answer
}

// failed stands for the verdict on a file that is no picture.
const failed = "error"

func (v *verdict) verdict() string {
	if v.Answer == nil {
		return failed
	}
	return v.Label
}

// resultsCSV is a table with a row for each picture, in order of name.
func resultsCSV(all []*verdict) ([]byte, error) {
	var raw bytes.Buffer
	w := csv.NewWriter(&raw)
	rows := [][]string{{"image", "label", "score", "threshold", "class", "boxes", "error"}}
	for _, v := range all {
		row := []string{v.Image, v.verdict(), "", "", "", "", v.Error}
		if v.Answer != nil {
			boxes, err := json.Marshal(v.Boxes)
			if err != nil {
				return nil, err
			}
			row[2], row[4], row[5] = strconv.FormatFloat(v.Score, 'g', -1, 64), v.Class, string(boxes)
			if v.Threshold != nil {
				row[3] = strconv.FormatFloat(*v.Threshold, 'g', -1, 64)
			}
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return raw.Bytes(), nil
}

// worstFirst orders verdicts for a person: files that are no pictures, then the highest scores.
func worstFirst(all []*verdict) []*verdict {
	score := func(v *verdict) (bool, float64) {
		if v.Answer == nil {
			return true, 0
		}
		return false, v.Score
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(x, y *verdict) int {
		xBad, xScore := score(x)
		yBad, yScore := score(y)
		switch {
		case xBad != yBad && xBad:
			return -1
		case xBad != yBad:
			return 1
		}
		return cmp.Compare(yScore, xScore)
	})
	return sorted
}

// thumbSide is the longer side of a picture on the sheet, in pixels.
const thumbSide = 160

// shrunk is the size of a thumbnail.
func shrunk(b image.Rectangle) (w, h int) {
	long := max(b.Dx(), b.Dy())
	if long <= thumbSide {
		return b.Dx(), b.Dy()
	}
	return max(1, b.Dx()*thumbSide/long), max(1, b.Dy()*thumbSide/long)
}

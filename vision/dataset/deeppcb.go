package dataset

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
)

// deepPCBIndex lists the pairs of a DeepPCB folder, GROUP/ID a line (Tang et al., https://github.com/tangsanli5201/DeepPCB).
const deepPCBIndex = "index.txt"

// deepPCBTypes are the names of types 1 to 6, as in the data set's evaluation.
var deepPCBTypes = []string{"open", "short", "mousebite", "spur", "copper", "pin-hole"}

// defect is the label of a picture that has one, where the data set has no name for its kind.
const defect = "defect"

// readDeepPCB streams a DeepPCB folder: of every pair the template, labelled Good, and the test picture with its template and boxes,
// labelled "defect". The group is the folder, a board.
func readDeepPCB(root string) iter.Seq2[Item, error] {
	return readManifest(filepath.Join(root, deepPCBIndex), func(r io.Reader, name string) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			line, n := 0, 0
			s := bufio.NewScanner(skipBOM(r))
			for s.Scan() {
				line++
				pair := strings.TrimSpace(s.Text())
				if pair == "" {
					continue
				}
				n++
				rows, field, err := deepPCBPair(root, pair)
				if err != nil {
					yield(row{}, &data.RowError{File: name, Line: line, Field: field, Err: err})
					return
				}
				for _, r := range rows {
					r.line = line
					if !yield(r, nil) {
						return
					}
				}
			}
			if err := s.Err(); err != nil {
				yield(row{}, &data.RowError{File: name, Line: line + 1, Err: err})
			} else if n == 0 {
				yield(row{}, &data.RowError{File: name, Err: data.ErrEmpty})
			}
		}
	})
}

// deepPCBPair gives the two rows of a pair.
func deepPCBPair(root, pair string) (rows [2]row, field string, err error) {
	rows[0] = row{Path: pair + "_temp.jpg", Label: Good, Group: path.Dir(path.Clean(pair))}
	rows[1] = row{Path: pair + "_test.jpg", Template: pair + "_temp.jpg", Label: defect, Group: rows[0].Group}
	for i := range rows { // before pair is part of a file name
		if field, err = rows[i].check(); err != nil {
			return rows, field, err
		}
	}
	if rows[0].Group == "." {
		return rows, "group", fmt.Errorf("%w: got %q, want GROUP/ID", ErrField, pair)
	}
	name := filepath.Join(root, filepath.FromSlash(pair)+".txt")
	var raw []byte
	if err = readInto(&raw, name, maxRecord); err == nil {
		rows[1].Boxes, err = parseDeepPCBBoxes(raw, name)
	}
	return rows, "boxes", err
}

// parseDeepPCBBoxes reads boxes, one a line: x1 y1 x2 y2 type, separated by spaces or commas, where the corner (x2, y2) is just outside.
func parseDeepPCBBoxes(raw []byte, name string) ([]Box, error) {
	var boxes []Box
	line := 0
	for l := range bytes.Lines(raw) {
		line++
		fields := strings.FieldsFunc(string(l), func(r rune) bool { return strings.ContainsRune(" ,\t\r\n", r) })
		if len(fields) == 0 {
			continue
		}
		bad := func(format string, args ...any) error {
			return &data.RowError{File: name, Line: line, Err: fmt.Errorf("%w: "+format, append([]any{ErrField}, args...)...)}
		}
		if len(fields) != 5 {
			return nil, bad("got %d numbers, want x1 y1 x2 y2 type", len(fields))
		}
		var v [5]int
		for i, f := range fields {
			n, err := strconv.ParseUint(f, 10, 16)
			if err != nil {
				return nil, bad("number %d is %.20q, want 0 to %d", i+1, f, maxSide-1)
			}
			v[i] = int(n)
		}
		if v[2] <= v[0] || v[3] <= v[1] {
			return nil, bad("corners (%d, %d) and (%d, %d): want the second one right of the first and below it", v[0], v[1], v[2], v[3])
		}
		if v[4] < 1 || v[4] > len(deepPCBTypes) {
			return nil, bad("type is %d, want 1 to %d", v[4], len(deepPCBTypes))
		}
		boxes = append(boxes, Box{X: v[0], Y: v[1], Width: v[2] - v[0], Height: v[3] - v[1], Label: deepPCBTypes[v[4]-1]})
	}
	if len(boxes) == 0 {
		return nil, &data.RowError{File: name, Err: data.ErrEmpty}
	}
	return boxes, nil
}

// isDeepPCB says whether a folder looks like one of DeepPCB: there is an index, and the folder of its first pair.
func isDeepPCB(root string) bool {
	f, _, err := openRegular(filepath.Join(root, deepPCBIndex))
	if err != nil {
		return false
	}
	defer f.Close()
	first, err := bufio.NewReader(io.LimitReader(f, 4096)).ReadString('\n')
	pair := filepath.FromSlash(strings.TrimSpace(first))
	if err != nil && pair == "" || !filepath.IsLocal(pair) {
		return false
	}
	info, err := os.Stat(filepath.Join(root, filepath.Dir(pair)))
	return err == nil && info.IsDir() && filepath.Dir(pair) != "."
}

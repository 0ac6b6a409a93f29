package dataset

import (
	"bytes"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data"
)

// TestBoxFile reads DeepPCB's boxes.
func TestBoxFile(t *testing.T) {
	boxes, err := parseDeepPCBBoxes([]byte("186 603 291 631 2\r\n\n1,2,3,5,6"), "x.txt")
	want := []Box{{186, 603, 105, 28, "short"}, {1, 2, 2, 3, "pin-hole"}}
	if err != nil || !reflect.DeepEqual(boxes, want) {
		t.Errorf("got %v, %v, want %v", boxes, err, want)
	}
	for _, tt := range []struct{ in, says string }{
		{"", "no data"},
		{"1 2 3 4", "x.txt:1: bad field: got 4 numbers"},
		{"0 0 1 1 1\n1 2 3 4 5 6", "x.txt:2: bad field: got 6 numbers"},
		{"1 2 1 4 1", "corners"},
		{"1 4 2 3 1", "corners"},
		{"-1 2 3 4 1", `number 1 is "-1"`},
		{"1 2 3.5 4 1", `number 3 is "3.5"`},
		{"1 2 70000 4 1", `number 3 is "70000"`},
		{"1 2 3 4 0", "type is 0"},
		{"1 2 3 4 7", "type is 7"},
		{"\xff\xfe 2 3 4 7", "number 1"},
	} {
		_, err := parseDeepPCBBoxes([]byte(tt.in), "x.txt")
		if row := (*data.RowError)(nil); !errors.As(err, &row) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: got %v, want an error that says %q", tt.in, err, tt.says)
		}
	}
}

// FuzzBoxes holds that boxes that are accepted lie right of and below the corner, and that errors are row errors.
func FuzzBoxes(f *testing.F) {
	f.Add([]byte("186 603 291 631 2\n1,2,3,5,6\n"))
	f.Add([]byte("0 0 65535 65535 1"))
	f.Add([]byte("1 2 3 4\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		boxes, err := parseDeepPCBBoxes(raw, "x")
		if err != nil {
			if row := (*data.RowError)(nil); !errors.As(err, &row) {
				t.Fatalf("%v is no row error", err)
			}
			return
		}
		r := row{Path: "a", Label: "b", Boxes: boxes}
		if field, err := r.check(); err != nil || len(boxes) == 0 {
			t.Fatalf("%v: %s %v", boxes, field, err)
		}
	})
}

// checkRows holds what every reader of manifests promises.
func checkRows(t *testing.T, rows []row, err error) {
	t.Helper()
	if err != nil {
		if row := (*data.RowError)(nil); !errors.As(err, &row) {
			t.Fatalf("%v is no row error", err)
		}
		return
	}
	for _, r := range rows {
		for _, p := range []string{r.Path, r.Mask, r.Template} {
			if p != "" && (!filepath.IsLocal(p) || strings.HasPrefix(filepath.Join("root", p), "..")) {
				t.Fatalf("%q leads out of the folder", p)
			}
		}
		if r.Path == "" || strings.TrimSpace(r.Label) == "" || r.line < 1 {
			t.Fatalf("got %+v", r)
		}
	}
	if len(rows) == 0 {
		t.Fatal("no rows and no error")
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("path,label\na.png,x\n"))
	f.Add([]byte("\xef\xbb\xbflabel,path,mask,template,split,group\r\n\"x\ny\",a/../b.png,m.png,,test,g\r\n"))
	f.Add([]byte("path,label\n../a.png,x\n"))
	f.Add([]byte("path,label\n\"a"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := data.Collect(parseCSV(bytes.NewReader(raw), "x.csv"))
		checkRows(t, rows, err)
	})
}

// FuzzJSONL holds too that what was read can be written and read again.
func FuzzJSONL(f *testing.F) {
	f.Add([]byte(`{"path":"b.png","label":"defect","template":"t.png","boxes":[{"x":1,"y":0,"width":2,"height":3,"label":"cut"}],"group":"g1","split":"train"}`))
	f.Add([]byte("\n{\"path\":\"a.png\",\"label\":\"x\"}\n{\"path\":\"..\",\"label\":\"x\"}"))
	f.Add([]byte(`{"path":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rows, err := data.Collect(parseJSONL(bytes.NewReader(raw), "x.jsonl"))
		checkRows(t, rows, err)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := writeJSONL(&b, rows); err != nil {
			t.Fatal(err)
		}
		again, err := data.Collect(parseJSONL(&b, "x.jsonl"))
		if err != nil || len(again) != len(rows) {
			t.Fatalf("written back: %d of %d, %v", len(again), len(rows), err)
		}
		for i := range again {
			again[i].line = rows[i].line
			if len(rows[i].Boxes) == 0 {
				rows[i].Boxes = nil
			}
		}
		if !reflect.DeepEqual(again, rows) {
			t.Fatalf("got %+v, want %+v", again, rows)
		}
	})
}

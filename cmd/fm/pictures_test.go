package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/vision/dataset"
)

// smallPNG is a gray picture.
func smallPNG(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rowsOf gives the rows of every file or folder that data prepare says it wrote, by its path below out.
func rowsOf(t *testing.T, stdout, out string) map[string]float64 {
	t.Helper()
	rows := map[string]float64{}
	for _, f := range lastObject(t, stdout)["files"].([]any) {
		f := f.(map[string]any)
		rel, err := filepath.Rel(out, f["path"].(string))
		if err != nil {
			t.Fatal(err)
		}
		rows[filepath.ToSlash(rel)] = f["rows"].(float64)
	}
	return rows
}

func wantRows(t *testing.T, got map[string]float64, want string) {
	t.Helper()
	if s := fmt.Sprint(got); s != want {
		t.Errorf("wrote %s, want %s", s, want)
	}
}

// TestPreparePictures runs every data set of pictures through the verb, by flags and by arguments.
func TestPreparePictures(t *testing.T) {
	dir := t.TempDir()
	p := smallPNG(t)
	for i := range 6 {
		write(t, dir, fmt.Sprintf("weaves/nominal/%d.png", i), p)
	}
	write(t, dir, "weaves/local/0.png", p)
	write(t, dir, "weaves/global/0.png", p)
	for _, g := range []string{"g1", "g2"} {
		write(t, dir, "boards/"+g+"/1_temp.jpg", p)
		write(t, dir, "boards/"+g+"/1_test.jpg", p)
		write(t, dir, "boards/"+g+"/1.txt", "1 1 5 5 3\n")
	}
	write(t, dir, "boards/index.txt", "g1/1\ng2/1\n")
	write(t, dir, "idx/train-images-idx3-ubyte", "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02abcd")
	write(t, dir, "idx/train-labels-idx1-ubyte", "\x00\x00\x08\x01\x00\x00\x00\x02\x00\x01")

	out := filepath.Join(dir, "out")
	for _, tt := range []struct {
		args   []string
		layout dataset.Layout
		want   string
	}{
		{[]string{"textile", "--src", filepath.Join(dir, "weaves"), "--out", out + "1"}, dataset.MVTecFolders, "map[test/global:1 test/good:2 test/local:1 train/good:4]"},
		{[]string{"textile", filepath.Join(dir, "weaves"), out + "2", "--train", "2"}, dataset.MVTecFolders, "map[test/global:1 test/good:2 test/local:1 train/good:2]"},
		{[]string{"deeppcb", filepath.Join(dir, "boards"), out + "3", "--held-back", "0.5"}, dataset.JSONLManifest, "map[manifest.jsonl:4]"},
		{[]string{"idx", filepath.Join(dir, "idx"), out + "4", "--classes", "bag,shoe"}, dataset.IDXFiles, "map[train-images-idx3-ubyte:2]"},
	} {
		to := ""
		for _, a := range tt.args {
			if strings.HasPrefix(a, out) {
				to = a
			}
		}
		wantRows(t, rowsOf(t, mustFM(t, "", append([]string{"data", "prepare", "--json"}, tt.args...)...), to), tt.want)
		s, err := dataset.Open(to)
		if err != nil || s.Layout != tt.layout {
			t.Errorf("%q: reads back as %v, %v, want %s", tt.args, s, err, tt.layout)
		}
	}
	if said := mustFM(t, "", "data", "prepare", "idx", filepath.Join(dir, "idx"), out+"5"); !strings.Contains(said, "train-images-idx3-ubyte  2 rows") {
		t.Errorf("said %q", said)
	}
}

// TestPreparePicturesErrors holds exit code 2, an error that says what is wrong, and nothing written.
func TestPreparePicturesErrors(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Dir(filepath.Dir(write(t, dir, "weaves/nominal/0.png", smallPNG(t))))
	write(t, dir, "weaves/local/0.png", "no picture")
	before := tree(t, dir)
	out := filepath.Join(dir, "out")
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"textile", src}, "got 2 arguments"},
		{[]string{"textile", "--src", src}, "--out is missing"},
		{[]string{"textile", src, out, "--src", src}, "one or the other"},
		{[]string{"textile", filepath.Join(dir, "none"), out}, "none"},
		{[]string{"textile", src, out}, "0 of 1 nominal pictures"},
		{[]string{"textile", src, out, "--held-back", "0.5"}, "--held-back"},
		{[]string{"textile", src, out, "--classes", "a"}, "--classes is for idx only"},
		{[]string{"textile", src, out, "--strict"}, "--strict"},
		{[]string{"banking77", src, out, "--train", "1"}, "--train is for textile only"},
		{[]string{"deeppcb", src, out}, "index.txt"},
		{[]string{"idx", src, out}, "not a valid IDX file"},
	} {
		_, code, err := fm(t, "", append([]string{"data", "prepare"}, tt.args...)...)
		if code != exitUsage || err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: code %d, %v, want %d and %q", tt.args, code, err, exitUsage, tt.says)
		}
	}
	if after := tree(t, dir); len(after) != len(before) {
		t.Errorf("left %q", after)
	}
}

// TestPreparePicturesReal prepares the real data sets.
func TestPreparePicturesReal(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"deeppcb", "map[manifest.jsonl:520]"},
		{"textile", "map[test/global:150 test/good:100 test/local:150 train/good:200]"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		wantRows(t, rowsOf(t, mustFM(t, "", "data", "prepare", tt.name, datatest.Path(t, "vis-"+tt.name), out, "--json"), out), tt.want)
	}
}

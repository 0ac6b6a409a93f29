package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/vision/picture"
)

// weaves makes the folders of the textile data set.
func weaves(tb testing.TB, nominal, local, global int) string {
	tb.Helper()
	dir := tb.TempDir()
	for f, n := range map[string]int{"nominal": nominal, "local": local, "global": global} {
		for i := range n {
			put(tb, dir, fmt.Sprintf("%s/textile_%04d.jpg", f, i), jpegOf(tb, 16, 16, uint64(i)))
		}
	}
	return dir
}

// boards makes a DeepPCB folder of n pairs in three groups.
func boards(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	var index strings.Builder
	for i := range n {
		pair := fmt.Sprintf("group%d/%04d", i%3, i)
		put(tb, dir, pair+"_temp.jpg", jpegOf(tb, 32, 32, uint64(i)))
		put(tb, dir, pair+"_test.jpg", jpegOf(tb, 32, 32, uint64(i+1)))
		put(tb, dir, pair+".txt", fmt.Sprintf("%d 3 20 32 %d\n", i, i%6+1))
		fmt.Fprintln(&index, pair)
	}
	put(tb, dir, "index.txt", index.String())
	return dir
}

func TestPrepareTextile(t *testing.T) {
	defer goleak.VerifyNone(t)
	src := weaves(t, 30, 5, 4)
	parts := func(o PrepareOptions) (train, test []string) {
		dir := filepath.Join(t.TempDir(), "out")
		out, err := Prepare(t.Context(), "textile", src, dir, o)
		if err != nil || len(out) != 4 {
			t.Fatal(out, err)
		}
		s := open(t, dir)
		if s.Layout != MVTecFolders {
			t.Errorf("reads back as %s", s.Layout)
		}
		rows := 0
		for _, p := range out {
			rows += p.Rows
		}
		if rows != len(s.Items) {
			t.Errorf("says %d pictures, %d are there", rows, len(s.Items))
		}
		count := map[string]int{}
		for _, it := range s.Items {
			count[it.Split+" "+it.Label]++
			name := filepath.Base(it.Path)
			from := map[string]string{Good: "nominal", "local": "local", "global": "global"}[it.Label]
			want, err := os.ReadFile(filepath.Join(src, from, name))
			got, err2 := os.ReadFile(it.Path)
			if errors.Join(err, err2) != nil || !bytes.Equal(got, want) {
				t.Errorf("%s isn't what it was", it.ID)
			}
			if it.Label == Good {
				if it.Split == "train" {
					train = append(train, name)
				} else {
					test = append(test, name)
				}
			}
		}
		if count["test local"] != 5 || count["test global"] != 4 {
			t.Errorf("got %v", count)
		}
		return train, test
	}
	train, test := parts(PrepareOptions{Seed: 1})
	few, fewTest := parts(PrepareOptions{Seed: 1, Train: 7})
	_, other := parts(PrepareOptions{Seed: 2})
	many, manyTest := parts(PrepareOptions{Seed: 1, Train: 25})
	if len(train) != 20 || len(test) != 10 || len(few) != 7 || len(many) != 25 || len(manyTest) != 5 {
		t.Errorf("got %d and %d, %d, %d and %d pictures", len(train), len(test), len(few), len(many), len(manyTest))
	}
	same(t, "test with fewer to train on", fewTest, test)
	if slices.Equal(other, test) {
		t.Error("another seed, the same test")
	}
	for _, n := range few {
		if !slices.Contains(train, n) || slices.Contains(test, n) {
			t.Errorf("%s: want it among those of a larger training, and not tested on", n)
		}
	}
	for _, n := range manyTest {
		if slices.Contains(many, n) {
			t.Errorf("%s is on both sides", n)
		}
	}
}

func TestPrepareDeepPCB(t *testing.T) {
	src := boards(t, 9)
	dir := filepath.Join(t.TempDir(), "out")
	out, err := Prepare(t.Context(), "deeppcb", src, dir, PrepareOptions{Held: 0.3, Seed: 1})
	if err != nil || len(out) != 1 || out[0].Rows != 18 || out[0].Path != filepath.Join(dir, "manifest.jsonl") {
		t.Fatal(out, err)
	}
	raw, made := open(t, src).Items, open(t, dir).Items
	same(t, "pictures", ids(made), ids(raw))
	split := map[string]string{}
	for i := range made {
		if a, b := describe(t, dir, &made[i]), describe(t, src, &raw[i]); strings.Replace(a, " "+made[i].Split, "", 1) != b || !slices.Equal(made[i].Boxes, raw[i].Boxes) {
			t.Errorf("got %s, want %s", a, b)
		}
		if s := split[made[i].Group]; s != "" && s != made[i].Split || made[i].Split == "" {
			t.Errorf("group %s is in splits %q and %q", made[i].Group, s, made[i].Split)
		}
		split[made[i].Group] = made[i].Split
	}
	if n := len(InSplit(made, "test")); n != 6 {
		t.Errorf("%d pictures are for test, want 6", n)
	}
	if got := made[1].Boxes[0]; got != (Box{0, 3, 20, 29, "open"}) {
		t.Errorf("got box %v", got)
	}
}

func TestPrepareIDX(t *testing.T) {
	src := t.TempDir()
	putIDX(t, src, "train", 5, []byte{1, 0, 1, 1, 0}, true)
	putIDX(t, src, "t10k", 1, []byte{1}, false)
	dir := filepath.Join(t.TempDir(), "out")
	for range 2 { // again in the same place
		out, err := Prepare(t.Context(), "idx", src, dir, PrepareOptions{Classes: []string{"shoe", "bag"}})
		if err != nil || len(out) != 2 || out[1].Rows != 5 || out[1].Path != filepath.Join(dir, "train-images-idx3-ubyte") {
			t.Fatal(out, err)
		}
	}
	raw, made := open(t, src).Items, open(t, dir).Items
	same(t, "pictures", ids(made), ids(raw))
	same(t, "classes", Classes(made), []string{"bag", "shoe"})
	for i := range made {
		a, err := made[i].Picture(picture.Limits{})
		b, err2 := raw[i].Picture(picture.Limits{})
		if errors.Join(err, err2) != nil || !bytes.Equal(a.Pix, b.Pix) {
			t.Errorf("%s isn't what it was: %v, %v", made[i].ID, err, err2)
		}
	}
	sheet, err := picture.DecodeFile(filepath.Join(dir, "preview.png"), picture.Limits{})
	if err != nil || sheet.Rect.Dx() != 40 || sheet.Rect.Dy() != 6 {
		t.Fatal(sheet.Rect, err)
	}
	if got := sheet.NRGBAAt(0, 0).R; got != 6 { // the first shoe is record 1
		t.Errorf("preview starts with %d, want 6", got)
	}
}

// TestPrepareErrors holds that what can't be prepared leaves nothing.
func TestPrepareErrors(t *testing.T) {
	defer goleak.VerifyNone(t)
	change := func(src, name, content string) string { put(t, src, name, content); return src }
	gone := func(src, name string) string {
		if err := os.RemoveAll(filepath.Join(src, name)); err != nil {
			t.Fatal(err)
		}
		return src
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name, src string
		ctx       context.Context
		o         PrepareOptions
		want      error
		says      string
	}{
		{name: "nothing", src: t.TempDir(), says: "textile"},
		{name: "textile", src: t.TempDir(), want: fs.ErrNotExist, says: "nominal"},
		{name: "textile", src: weaves(t, 6, 1, 1), o: PrepareOptions{Train: 6}, want: ErrField, says: "6 of 6"},
		{name: "textile", src: weaves(t, 1, 1, 1), want: ErrField, says: "0 of 1"},
		{name: "textile", src: weaves(t, 6, 1, 1), o: PrepareOptions{Train: -1}, says: "-1"},
		{name: "textile", src: gone(weaves(t, 6, 1, 1), "global"), want: fs.ErrNotExist, says: "global"},
		{name: "textile", src: change(weaves(t, 6, 1, 1), "local/textile_0000.jpg", "x"), want: picture.ErrFormat, says: "textile_0000.jpg"},
		{name: "textile", src: weaves(t, 6, 1, 1), ctx: stopped, want: context.Canceled, says: "cancel"},
		{name: "deeppcb", src: t.TempDir(), want: fs.ErrNotExist, says: "index.txt"},
		{name: "deeppcb", src: change(boards(t, 3), "group1/0001.txt", "0 0 33 4 1"), want: ErrField, says: "group1/0001_test.jpg"},
		{name: "deeppcb", src: change(boards(t, 3), "group1/0001_temp.jpg", ""), want: picture.ErrDecode, says: "0001_temp.jpg"},
		{name: "deeppcb", src: boards(t, 3), o: PrepareOptions{Held: 1}, says: "held back"},
		{name: "deeppcb", src: boards(t, 3), ctx: stopped, want: context.Canceled, says: "cancel"},
		{name: "idx", src: t.TempDir(), want: ErrIDX, says: "images-idx3"},
	}
	idx := t.TempDir()
	putIDX(t, idx, "train", 2, []byte{0, 3}, true)
	for _, o := range []PrepareOptions{{Classes: []string{"a", "b"}}, {Classes: []string{"a", "a"}}, {Classes: []string{}}, {Classes: []string{"a", " "}}} {
		tests = append(tests, struct {
			name, src string
			ctx       context.Context
			o         PrepareOptions
			want      error
			says      string
		}{name: "idx", src: idx, o: o})
	}
	for _, tt := range tests {
		if tt.ctx == nil {
			tt.ctx = t.Context()
		}
		parent := t.TempDir()
		_, err := Prepare(tt.ctx, tt.name, tt.src, filepath.Join(parent, "out"), tt.o)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s %+v: got %v, want %v that says %q", tt.name, tt.o, err, tt.want, tt.says)
		}
		if left, _ := os.ReadDir(parent); len(left) > 0 {
			t.Errorf("%s %+v: left %v", tt.name, tt.o, left)
		}
	}
}

// TestPreparePlace holds that a result doesn't touch its source, nor other files.
func TestPreparePlace(t *testing.T) {
	src := weaves(t, 6, 1, 1)
	for _, dir := range []string{src, filepath.Join(src, "out"), filepath.Dir(src)} {
		if _, err := Prepare(t.Context(), "textile", src, dir, PrepareOptions{}); err == nil || !strings.Contains(err.Error(), "apart") {
			t.Errorf("%s into %s: got %v", src, dir, err)
		}
	}
	dir := t.TempDir()
	put(t, dir, "diary.txt", "x")
	if _, err := Prepare(t.Context(), "textile", src, dir, PrepareOptions{}); !errors.Is(err, checkpoint.ErrNotReplaceable) {
		t.Errorf("got %v, want %v", err, checkpoint.ErrNotReplaceable)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

// TestPrepareReal prepares the real data sets.
func TestPrepareReal(t *testing.T) {
	if testing.Short() {
		t.Skip("decodes 1,120 pictures")
	}
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := Prepare(t.Context(), "deeppcb", datatest.Path(t, "vis-deeppcb"), dir, PrepareOptions{}); err != nil {
		t.Fatal(err)
	}
	boxes, groups := 0, map[string]bool{}
	items := open(t, dir).Items
	for _, it := range items {
		boxes += len(it.Boxes)
		groups[it.Group] = true
	}
	if len(items) != 520 || boxes != 1669 || len(groups) != 7 {
		t.Errorf("got %d pictures with %d boxes in %d groups, want 520, 1669, 7", len(items), boxes, len(groups))
	}
	dir = filepath.Join(t.TempDir(), "out")
	out, err := Prepare(t.Context(), "textile", datatest.Path(t, "vis-textile"), dir, PrepareOptions{Train: 20, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{20, 100, 150, 150} {
		if out[i].Rows != want {
			t.Errorf("%s: got %d pictures, want %d", out[i].Path, out[i].Rows, want)
		}
	}
}

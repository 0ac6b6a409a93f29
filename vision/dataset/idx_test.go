package dataset

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
	"github.com/fmkit/fmkit/vision/picture"
)

func idxOf(tb testing.TB, sizes []int, values []byte) string {
	tb.Helper()
	var b bytes.Buffer
	if err := writeIDX(&b, sizes, values); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func zip(tb testing.TB, s string) string {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, s)
	if err := errors.Join(err, z.Close()); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// putIDX makes a pair of IDX files with n pictures of 2 x 3 pixels, whose values count up.
func putIDX(tb testing.TB, dir, prefix string, n int, labels []byte, zipped bool) {
	tb.Helper()
	values := make([]byte, n*6)
	for i := range values {
		values[i] = byte(i)
	}
	images, names := idxOf(tb, []int{n, 2, 3}, values), idxOf(tb, []int{len(labels)}, labels)
	if zipped {
		put(tb, dir, prefix+"-images-idx3-ubyte.gz", zip(tb, images))
		put(tb, dir, prefix+"-labels-idx1-ubyte.gz", zip(tb, names))
		return
	}
	put(tb, dir, prefix+"-images-idx3-ubyte", images)
	put(tb, dir, prefix+"-labels-idx1-ubyte", names)
}

// TestIDXPixels reads the values of plain and gzipped files.
func TestIDXPixels(t *testing.T) {
	for _, zipped := range []bool{false, true} {
		dir := t.TempDir()
		putIDX(t, dir, "train", 3, []byte{0, 1, 2}, zipped)
		items := open(t, dir).Items
		for i, it := range items {
			m, err := it.Picture(picture.Limits{})
			if err != nil || m.Rect.Dx() != 3 || m.Rect.Dy() != 2 {
				t.Fatalf("%v, %v", m.Rect, err)
			}
			for p := range 6 {
				if want := byte(6*i + p); m.Pix[4*p] != want || m.Pix[4*p+2] != want || m.Pix[4*p+3] != 0xff {
					t.Errorf("picture %d, pixel %d: got %v, want gray %d", i, p, m.Pix[4*p:4*p+4], want)
				}
			}
		}
	}
}

func TestIDXErrors(t *testing.T) {
	images, labels := idxOf(t, []int{2, 2, 3}, make([]byte, 12)), idxOf(t, []int{2}, []byte{0, 1})
	tests := []struct{ name, images, labels, classes, says string }{
		{"cut header", images[:9], labels, "", "want a header of 16"},
		{"cut values", images[:20], labels, "", "got 20 bytes, want 28"},
		{"too long", images + "x", labels, "", "got 29 bytes, want 28"},
		{"floats", strings.Replace(images, "\x08", "\x0d", 1), labels, "", "want 00 00 08 03"},
		{"labels in the place of pictures", labels + "00000000", labels, "", "want 00 00 08 03"},
		{"no picture", idxOf(t, []int{0, 2, 3}, nil), labels, "", "dimension 0 is 0"},
		{"huge", idxOf(t, []int{1 << 31, 1 << 12, 1 << 12}, nil), labels, "", "dimension 0"},
		{"product overflows", idxOf(t, []int{1 << 30, 1 << 13, 1 << 13}, nil), labels, "", "bytes in all"},
		{"wide", idxOf(t, []int{1, 1, 1 << 14}, make([]byte, 1<<14)), labels, "", "dimension 2"},
		{"gzip of too little", zip(t, images[:20]), labels, "", "got 4 bytes of values, want 12"},
		{"gzip of too much", zip(t, images+"x"), labels, "", "more than 12 bytes"},
		{"cut gzip", zip(t, images)[:20], labels, "", "not a valid IDX file"},
		{"gzip with a bad checksum", zip(t, images)[:len(zip(t, images))-6] + "abcdef", labels, "", "checksum"},
		{"gzip that promises too much", zip(t, idxOf(t, []int{1 << 20, 32, 32}, make([]byte, 99))), labels, "", "can't hold"},
		{"labels missing", images, "", "", "not a valid IDX file"},
		{"fewer labels", images, idxOf(t, []int{1}, []byte{0}), "", "got 1 labels, want 2"},
		{"unnamed label", images, labels, `{"classes":["a"]}`, "label 1 is 1, want 0 to 0"},
		{"no classes", images, labels, `{"classes":[]}`, "got 0 classes"},
		{"class twice", images, labels, `{"classes":["a","a"]}`, "occurs twice"},
		{"other key", images, labels, `{"names":["a","b"]}`, "unknown key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "train-images-idx3-ubyte", tt.images)
			put(t, dir, "train-labels-idx1-ubyte", tt.labels)
			if tt.classes != "" {
				put(t, dir, ClassesFile, tt.classes)
			}
			_, err := Open(dir)
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("got %v, want an error that says %q", err, tt.says)
			}
		})
	}
	dir := t.TempDir()
	put(t, dir, "train-images-idx3-ubyte", images)
	if _, err := Open(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no labels: got %v", err)
	}
}

// TestIDXAllocation holds that sizes are checked before memory is taken for them.
func TestIDXAllocation(t *testing.T) {
	small := zip(t, idxOf(t, []int{1 << 18, 64, 64}, make([]byte, 1000))) // a header that promises 1 GiB
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := readIDX(strings.NewReader(small), int64(len(small)), 3, true)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; !errors.Is(err, ErrIDX) || got > 1<<20 {
		t.Errorf("got %v after allocating %d bytes", err, got)
	}
}

// TestIDXShrinks holds that a file that lost records after it was listed is an error.
func TestIDXShrinks(t *testing.T) {
	dir := t.TempDir()
	putIDX(t, dir, "train", 3, []byte{0, 1, 2}, false)
	items := open(t, dir).Items
	if err := os.Truncate(items[0].Path, 20); err != nil {
		t.Fatal(err)
	}
	if _, err := items[2].Picture(picture.Limits{}); err == nil || !strings.Contains(err.Error(), items[2].ID) {
		t.Errorf("got %v, want an error that names %s", err, items[2].ID)
	}
}

// FuzzIDX holds that what is accepted is what its header says, gzipped or not, and reads back.
func FuzzIDX(f *testing.F) {
	good := idxOf(f, []int{2, 2, 3}, []byte("abcdefghijkl"))
	f.Add([]byte(good))
	f.Add([]byte(zip(f, good)))
	f.Add([]byte(good[:20]))
	f.Add([]byte(idxOf(f, []int{1 << 20, 1 << 13, 1 << 13}, nil)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for dims := 1; dims <= 3; dims += 2 {
			sizes, values, err := readIDX(bytes.NewReader(raw), int64(len(raw)), dims, true)
			if err != nil {
				if !errors.Is(err, ErrIDX) {
					t.Fatalf("%v is of no sentinel", err)
				}
				continue
			}
			n := 1
			for _, s := range sizes {
				n *= s
			}
			if n != len(values) || len(sizes) != dims {
				t.Fatalf("sizes %v with %d values", sizes, len(values))
			}
			again, _, err := readIDX(strings.NewReader(idxOf(t, sizes, values)), int64(4+4*dims+n), dims, false)
			if err != nil || len(again) != dims {
				t.Fatalf("written back: %v, %v", again, err)
			}
		}
	})
}

// TestFashionMNIST reads the real files where somebody put them beside the other data.
func TestFashionMNIST(t *testing.T) {
	dir := filepath.Join(datatest.Path(t), "vis-fashion-mnist")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("Fashion-MNIST is not there: ", err)
	}
	s := open(t, dir)
	if len(s.Items) != 70_000 || len(InSplit(s.Items, "test")) != 10_000 || len(Classes(s.Items)) != 10 {
		t.Errorf("got %d pictures, %d of them for test, %d classes", len(s.Items), len(InSplit(s.Items, "test")), len(Classes(s.Items)))
	}
}

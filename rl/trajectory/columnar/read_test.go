package columnar_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/rl/trajectory/columnar"
)

const rows = 300 // of testdata/make_goldens.py

func open(t testing.TB, name string) *columnar.File {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".parquet"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := columnar.Open(bytes.NewReader(b), int64(len(b)), columnar.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t testing.TB, f *columnar.File, from, to int, path ...string) *columnar.Values {
	t.Helper()
	c, err := f.Column(path...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.Read(c, int64(from), int64(to), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestPyarrow reads every range's ends of what pyarrow wrote, plain and from dictionaries, in both versions of pages, in small ones that end
// within rows, compressed and not, by several at once.
func TestPyarrow(t *testing.T) {
	for _, name := range []string{"plain", "snappy", "zstd"} {
		f := open(t, name)
		if f.Rows() != rows {
			t.Fatalf("%s: got %d rows, want %d", name, f.Rows(), rows)
		}
		var wg sync.WaitGroup
		for worker := range 3 {
			wg.Go(func() {
				for from := worker; from < rows; from += 17 {
					for _, to := range []int{from, from + 1, min(from+40, rows), rows} {
						whole(t, f, from, to)
					}
				}
			})
		}
		wg.Wait()
	}
}

// whole compares rows from ... to-1 of all columns with what they are.
func whole(t *testing.T, f *columnar.File, from, to int) {
	flag, small, big := read(t, f, from, to, "flag").Ints, read(t, f, from, to, "small").Ints, read(t, f, from, to, "whole").Ints
	single, real := read(t, f, from, to, "single").Floats, read(t, f, from, to, "real").Reals
	name, list, fixed := read(t, f, from, to, "name").Bytes, read(t, f, from, to, "list"), read(t, f, from, to, "fixed")
	x, y := read(t, f, from, to, "part", "x").Ints, read(t, f, from, to, "part", "y").Floats
	n := to - from
	if len(flag) != n || len(small) != n || len(big) != n || len(single) != n || len(real) != n || len(name) != n || len(list.Counts) != n || len(fixed.Reals) != 3*n || len(x) != n || len(y) != n {
		t.Fatalf("rows %d to %d: got %d %d %d %d %d %d %d %d %d %d", from, to, len(flag), len(small), len(big), len(single), len(real), len(name), len(list.Counts), len(fixed.Reals), len(x), len(y))
	}
	at := 0
	for i := range n {
		r := from + i
		is := (flag[i] == 1) == (r%3 == 0) && small[i] == int64(r-150) && big[i] == int64(r)*int64(r)*int64(r) && single[i] == float32(r)/8 && real[i] == float64(r)/10
		is = is && string(name[i]) == fmt.Sprintf("row %d", r) && x[i] == int64(r%4) && y[i] == float32(r)
		is = is && fixed.Reals[3*i] == float64(r) && fixed.Reals[3*i+1] == float64(-r) && fixed.Reals[3*i+2] == float64(r)/2
		want := r % 5
		if r%7 == 0 {
			want = 0
		}
		is = is && list.Counts[i] == want
		for j := range list.Counts[i] {
			is = is && list.Floats[at+j] == float32(r+j)
		}
		at += list.Counts[i]
		if !is {
			t.Errorf("row %d isn't what pyarrow wrote", r)
		}
	}
}

// TestRefuses holds that what isn't read is an error of its kind.
func TestRefuses(t *testing.T) {
	f := open(t, "snappy")
	null, err := f.Column("null")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(null, 0, rows, rows); !errors.Is(err, columnar.ErrUnsupported) {
		t.Errorf("a null: got %v, want %v", err, columnar.ErrUnsupported)
	}
	if v, err := f.Read(null, 0, 200, rows); err != nil || v.Len() != 200 {
		t.Errorf("before a null: got %v", err)
	}
	if _, err := f.Read(null, 0, 100, 99); !errors.Is(err, columnar.ErrLimit) {
		t.Errorf("more values than wanted: got %v, want %v", err, columnar.ErrLimit)
	}
	for _, r := range [][2]int64{{-1, 2}, {3, 2}, {0, rows + 1}} {
		if _, err := f.Read(null, r[0], r[1], rows); err == nil {
			t.Errorf("rows %v: got no error", r)
		}
	}
	for _, path := range [][]string{{"nobody"}, {"part"}, {"part", "x", "y"}, nil} {
		if _, err := f.Column(path...); !errors.Is(err, columnar.ErrColumn) {
			t.Errorf("column %v: got %v, want %v", path, err, columnar.ErrColumn)
		}
	}
	if !f.Has("part") || f.Has("parts") {
		t.Error("Has is wrong about part or parts")
	}
	g := open(t, "gzip")
	c, err := g.Column("whole")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Read(c, 0, 1, 1); !errors.Is(err, columnar.ErrUnsupported) {
		t.Errorf("gzip: got %v, want %v", err, columnar.ErrUnsupported)
	}
	for name, l := range map[string]columnar.Limits{"footer": {Footer: 100}, "columns": {Columns: 3}} {
		b, err := os.ReadFile("testdata/snappy.parquet")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := columnar.Open(bytes.NewReader(b), int64(len(b)), l); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func ExampleFile_Read() {
	r, err := os.Open("testdata/zstd.parquet")
	if err != nil {
		panic(err)
	}
	defer r.Close()
	s, err := r.Stat()
	if err != nil {
		panic(err)
	}
	f, err := columnar.Open(r, s.Size(), columnar.Limits{})
	if err != nil {
		panic(err)
	}
	c, err := f.Column("list")
	if err != nil {
		panic(err)
	}
	v, err := f.Read(c, 101, 104, 100)
	fmt.Println(v.Counts, v.Floats, err)
	// Output: [1 2 3] [101 102 103 103 104 105] <nil>
}

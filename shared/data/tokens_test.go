package data

import (
	"bytes"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func docs(lengths ...int) [][]int32 {
	var all [][]int32
	next := int32(0)
	for _, n := range lengths {
		d := make([]int32, n)
		for i := range d {
			d[i] = next
			next++
		}
		all = append(all, d)
	}
	return all
}

func stream(all [][]int32) iter.Seq2[[]int32, error] {
	return func(yield func([]int32, error) bool) {
		for _, d := range all {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func TestPack(t *testing.T) {
	for _, c := range []struct {
		lengths []int
		t       int
		starts  [][]int32
	}{
		{[]int{3}, 5, [][]int32{{0}}},
		{[]int{5}, 5, [][]int32{{0}}},
		{[]int{2, 3, 1}, 5, [][]int32{{0, 2}, {0}}},
		{[]int{12, 0, 1}, 5, [][]int32{{0}, {0}, {0, 2}}},
		{[]int{1, 1, 1}, 1, [][]int32{{0}, {0}, {0}}},
		{nil, 5, nil},
	} {
		var ids []int32
		var starts [][]int32
		for w, err := range Pack(stream(docs(c.lengths...)), c.t) {
			if err != nil {
				t.Fatal(err)
			}
			w := w.Clone()
			ids, starts = append(ids, w.IDs...), append(starts, w.Starts)
			seg := w.Segments(nil)
			if len(seg) != len(w.IDs) || seg[0] != 0 || int(seg[len(seg)-1]) != len(w.Starts)-1 {
				t.Errorf("segments %v of starts %v", seg, w.Starts)
			}
		}
		if !slices.Equal(ids, slices.Concat(docs(c.lengths...)...)) || !slices.EqualFunc(starts, c.starts, slices.Equal) {
			t.Errorf("%v by %d: %v, starts %v, want %v", c.lengths, c.t, ids, starts, c.starts)
		}
	}
	for _, err := range Pack(stream(nil), 0) {
		if err == nil {
			t.Error("took windows of 0")
		}
	}
}

func writeTokens(t *testing.T, vocab int, all [][]int32) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens.bin")
	w, err := CreateTokens(path, vocab)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, d := range all {
		if err := w.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTokenFile reads every window of several sizes back, with starts as Pack would give them.
func TestTokenFile(t *testing.T) {
	lengths := []int{3, 1, 0, 20, 7}
	for range indexStep + 100 { // more than one step of the index in memory
		lengths = append(lengths, 1, 2)
	}
	all := docs(lengths...)
	flat := slices.Concat(all...)
	for _, vocab := range []int{1 << 16, 1<<16 + 1} {
		f, err := OpenTokens(writeTokens(t, vocab, all))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if f.Tokens() != int64(len(flat)) || f.Documents() != int64(len(lengths)-1) || f.width != map[bool]int{true: 2, false: 4}[vocab == 1<<16] {
			t.Errorf("%d tokens, %d documents, width %d", f.Tokens(), f.Documents(), f.width)
		}
		if err := f.Verify(); err != nil {
			t.Error(err)
		}
		isStart := map[int]bool{}
		at := 0
		for _, d := range all {
			isStart[at] = true
			at += len(d)
		}
		var w Window
		for _, n := range []int{1, 5, 64, len(flat)} {
			for at := 0; at+n <= len(flat); at += max(n/2, 1) {
				if err := f.Window(&w, int64(at), n); err != nil {
					t.Fatal(err)
				}
				want := []int32{0}
				for i := 1; i < n; i++ {
					if isStart[at+i] {
						want = append(want, int32(i))
					}
				}
				if !slices.Equal(w.IDs, flat[at:at+n]) || !slices.Equal(w.Starts, want) {
					t.Fatalf("window %d+%d: %v starts %v, want %v", at, n, w.IDs, w.Starts, want)
				}
			}
		}
		for _, bad := range [][2]int{{-1, 1}, {len(flat), 1}, {1, len(flat)}, {0, 0}, {0, len(flat) + 1}} {
			if err := f.Window(&w, int64(bad[0]), bad[1]); err == nil {
				t.Errorf("window %v: no error", bad)
			}
		}
		if f.Windows(10) != int64(len(flat)/10) || f.Windows(0) != 0 {
			t.Errorf("%d windows of 10", f.Windows(10))
		}
	}
}

func TestTokenWriterErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.bin")
	if _, err := CreateTokens(path, 0); err == nil {
		t.Error("took a vocabulary of 0")
	}
	w, err := CreateTokens(path, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []int32{-1, 10} {
		if err := w.Add([]int32{1, bad}); err == nil {
			t.Errorf("took token %d", bad)
		}
	}
	if err := w.Commit(); !errors.Is(err, ErrEmpty) {
		t.Errorf("committed nothing: %v", err)
	}
	w, err = CreateTokens(path, 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add([]int32{1}); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	w.Abort()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestTokenFileDamaged(t *testing.T) {
	good, err := os.ReadFile(writeTokens(t, 100, docs(3, 4)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		b := slices.Clone(good)
		b[i] ^= 0x40
		f, err := ParseTokens(bytes.NewReader(b), int64(len(b)), "f")
		if err == nil {
			err = f.Verify()
		}
		if !errors.Is(err, ErrTokenFile) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for n := range good {
		if _, err := ParseTokens(bytes.NewReader(good[:n]), int64(n), "f"); !errors.Is(err, ErrTokenFile) {
			t.Errorf("cut to %d: %v", n, err)
		}
	}
}

func FuzzTokenFile(f *testing.F) {
	f.Add([]byte("FMKTOKEN\x01\x00\x00\x00\x02\x00\x00\x00"))
	good := append([]byte("FMKTOKEN\x01\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01"), make([]byte, 64-25+2+8)...)
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ParseTokens(bytes.NewReader(b), int64(len(b)), "f")
		if err != nil {
			return
		}
		var w Window
		n := int(min(file.Tokens(), 9))
		if err := file.Window(&w, file.Tokens()-int64(n), n); err == nil && (len(w.IDs) != n || w.Starts[0] != 0) {
			t.Errorf("window %+v", w)
		}
	})
}

func BenchmarkWindow(b *testing.B) {
	path := filepath.Join(b.TempDir(), "t.bin")
	w, err := CreateTokens(path, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range docs(slices.Repeat([]int{50}, 20000)...) {
		if err := w.Add(d); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		b.Fatal(err)
	}
	f, err := OpenTokens(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var win Window
	for i := range b.N {
		if err := f.Window(&win, int64(i)*7919%900000, 128); err != nil {
			b.Fatal(err)
		}
	}
}

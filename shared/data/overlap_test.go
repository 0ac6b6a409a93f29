package data

import (
	"iter"
	"slices"
	"strings"
	"testing"
)

func texts(all ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, s := range all {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func TestOverlap(t *testing.T) {
	long := "One two three four five six seven eight nine ten eleven twelve thirteen fourteen"
	evaluation := []string{long, "short text here", "Größe ﬁt", "absent words entirely", ""}
	for _, c := range []struct {
		name string
		text []string
		want []Hit
	}{
		{"nothing", []string{"nothing of that"}, nil},
		{"thirteen words, other case and marks", []string{"zero, two THREE four; five six seven -- eight nine ten eleven (twelve) thirteen fourteen!"}, []Hit{{0, 13, 13}}},
		{"twelve words", []string{"two three four five six seven eight nine ten eleven twelve thirteen"}, nil},
		{"over wrapped lines", []string{"one two three four five six", "seven eight nine ten", "eleven twelve thirteen"}, []Hit{{0, 13, 12}}},
		{"a short text whole", []string{"a SHORT text, here and short text here again"}, []Hit{{1, 3, 3}}},
		{"part of a short text", []string{"short text there"}, nil},
		{"normal forms", []string{"gro\u0308ße fit"}, []Hit{{2, 2, 1}}},
	} {
		got, err := Overlap(slices.Values(evaluation), texts(c.text...), 0)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v %v, want %v", c.name, got, err, c.want)
		}
	}
	if _, err := Overlap(slices.Values([]string(nil)), texts("a"), 0); err == nil {
		t.Error("no evaluation texts: no error")
	}
}

// FuzzOverlap compares with a search in the joined words.
func FuzzOverlap(f *testing.F) {
	f.Add("a b c d", "x a b c y", 3)
	f.Add("a", "b a", 2)
	f.Add("b b b", "b b b b", 2)
	f.Fuzz(func(t *testing.T, evaluation, text string, n int) {
		if n < 1 || n > 20 || len(evaluation)+len(text) > 500 {
			return
		}
		hits, err := Overlap(slices.Values([]string{evaluation}), texts(text), n)
		if err != nil {
			t.Fatal(err)
		}
		words := func(s string) (all []uint64) {
			eachWord(s, func(w uint64) { all = append(all, w) })
			return all
		}
		e, w := words(evaluation), words(text)
		m := min(n, len(e))
		want := false
		for i := 0; m > 0 && i+m <= len(e); i++ {
			for j := 0; j+m <= len(w); j++ {
				want = want || slices.Equal(e[i:i+m], w[j:j+m])
			}
		}
		if want != (len(hits) > 0) {
			t.Errorf("%q in %q by %d: %v, want %t", evaluation, text, n, hits, want)
		}
	})
}

func BenchmarkOverlap(b *testing.B) {
	x := NewOverlapIndex(slices.Values([]string{strings.Repeat("some words of an evaluation ", 20), "short one"}), 0)
	text := strings.Repeat("plain text that goes on and on without end ", 100)
	b.SetBytes(int64(len(text)))
	s := x.Scan()
	for b.Loop() {
		s.Add(text, func(Hit) {})
	}
}

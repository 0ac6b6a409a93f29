package summarizer

import (
	"math/rand/v2"
	"testing"
)

func TestRowsHoldEverySentenceOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		l := layout{length: 16 + r.IntN(100), cls: 1, sep: 2}
		l.sentence = 1 + r.IntN(l.length)
		sentences := make([][]int32, r.IntN(40))
		for i := range sentences {
			sentences[i] = make([]int32, r.IntN(30))
			for j := range sentences[i] {
				sentences[i][j] = int32(1000*(i+1) + j)
			}
		}
		next := 0
		for _, row := range l.rows(sentences) {
			if len(row.IDs) > l.length || row.IDs[0] != 1 || row.First != next {
				t.Fatalf("row of %d tokens starts with sentence %d, want at most %d and %d", len(row.IDs), row.First, l.length, next)
			}
			for _, s := range row.Spans {
				want := sentences[next]
				want = want[:min(len(want), l.sentence, l.length-2)]
				for i, id := range want {
					if row.IDs[int(s.Start)+i] != id {
						t.Fatalf("sentence %d: token %d is %d, want %d", next, i, row.IDs[int(s.Start)+i], id)
					}
				}
				if n := int(s.End - s.Start); n != max(len(want), 1) {
					t.Fatalf("sentence %d has a span of %d, want %d", next, n, max(len(want), 1))
				}
				next++
			}
		}
		if next != len(sentences) {
			t.Fatalf("%d of %d sentences", next, len(sentences))
		}
	}
}

func TestRowsAreEven(t *testing.T) {
	l := layout{length: 64, sentence: 64}
	sentences := make([][]int32, 13) // 13*10 tokens: 6 fit a row, so 3 rows
	for i := range sentences {
		sentences[i] = make([]int32, 9)
	}
	rows := l.rows(sentences)
	if len(rows) != 3 {
		t.Fatalf("got %d rows, want 3", len(rows))
	}
	for _, r := range rows {
		if len(r.Spans) < 3 {
			t.Errorf("a row of %d sentences, want 4 or 5", len(r.Spans))
		}
	}
}

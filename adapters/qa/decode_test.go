package qa

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/text/tokenizer"
)

func numbered(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(100 + i)
	}
	return ids
}

func TestWindowsCoverTheContext(t *testing.T) {
	l := layout{length: 20, stride: 4, question: 5, frame: bertFrame(), types: true}
	for n := range 60 {
		for q := range 8 {
			ws, err := l.windows(numbered(q), numbered(n))
			if err != nil {
				t.Fatal(err)
			}
			covered := 0
			for i, w := range ws {
				if len(w.IDs) > l.length || len(w.IDs) != len(w.Types) || w.IDs[0] != 1 || w.IDs[len(w.IDs)-1] != 2 || w.IDs[w.First-1] != 2 {
					t.Fatalf("%d tokens, question %d: row %v", n, q, w.IDs)
				}
				if !slices.Equal(w.IDs[w.First:w.First+w.Tokens], numbered(n)[w.Offset:w.Offset+w.Tokens]) {
					t.Fatalf("window %d holds other tokens than %d..%d", i, w.Offset, w.Offset+w.Tokens)
				}
				if i > 0 && w.Offset != covered-l.stride {
					t.Fatalf("window %d starts at %d, want %d: %d tokens shared", i, w.Offset, covered-l.stride, l.stride)
				}
				if i < len(ws)-1 && len(w.IDs) != l.length {
					t.Fatalf("window %d of %d isn't full", i, len(ws))
				}
				covered = w.Offset + w.Tokens
			}
			if covered != n {
				t.Fatalf("covered %d of %d tokens", covered, n)
			}
		}
	}
}

func TestWindowTooShort(t *testing.T) {
	l := layout{length: 20, stride: 10, question: 10, frame: bertFrame()}
	if _, err := l.windows(numbered(10), numbered(50)); err == nil {
		t.Fatal("7 tokens of context with a stride of 10 would never end")
	}
}

func TestMark(t *testing.T) {
	offsets := []span{{0, 3}, {4, 7}, {8, 10}, {10, 13}, {14, 20}}
	w := Window{First: 5, Offset: 1, Tokens: 3} // tokens 1, 2, 3
	tests := []struct {
		name       string
		answer     span
		start, end int
		holds      bool
	}{
		{"one token", span{4, 7}, 5, 5, true},
		{"two tokens", span{8, 13}, 6, 7, true},
		{"part of a token", span{11, 12}, 7, 7, true},
		{"before", span{0, 3}, 0, 0, false},
		{"half outside", span{8, 16}, 0, 0, false},
		{"between tokens", span{7, 8}, 0, 0, false},
	}
	for _, tt := range tests {
		w.mark(tt.answer, offsets)
		if w.Start != tt.start || w.End != tt.end || w.HoldsAnswer != tt.holds {
			t.Errorf("%s: got %d %d %t, want %d %d %t", tt.name, w.Start, w.End, w.HoldsAnswer, tt.start, tt.end, tt.holds)
		}
	}
}

// TestBestEqualsBruteForce tries every span. With n as large as the window nothing is cut off.
func TestBestEqualsBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l := layout{length: 16, stride: 3, question: 4, frame: bertFrame()}
		ws, err := l.windows(numbered(1+r.IntN(6)), numbered(1+r.IntN(40)))
		if err != nil {
			t.Fatal(err)
		}
		var starts, ends [][]float32
		for _, w := range ws {
			s, e := make([]float32, len(w.IDs)), make([]float32, len(w.IDs))
			for i := range s {
				s[i], e[i] = float32(r.NormFloat64()), float32(r.NormFloat64())
			}
			starts, ends = append(starts, s), append(ends, e)
		}
		const most = 5
		want := candidate{score: -1e9}
		for i, w := range ws {
			for s := w.First; s < w.First+w.Tokens; s++ {
				for e := s; e < min(w.First+w.Tokens, s+most); e++ {
					if v := float64(starts[i][s]) + float64(ends[i][e]); v > want.score {
						want = candidate{w.Offset + s - w.First, w.Offset + e - w.First, v}
					}
				}
			}
		}
		got, _ := best(ws, starts, ends, most, 16)
		if got[0] != want {
			t.Fatalf("got %+v, want %+v", got[0], want)
		}
		for i := 1; i < len(got); i++ {
			if got[i].score > got[i-1].score {
				t.Fatal("not in order")
			}
			for _, g := range got[:i] {
				if g.first == got[i].first && g.last == got[i].last {
					t.Fatal("a span twice")
				}
			}
		}
	}
}

// bertFrame is [CLS] question [SEP] context [SEP] with ids 1 and 2.
func bertFrame() tokenizer.Frame {
	return tokenizer.Frame{
		Before: []int32{1}, Between: []int32{2}, After: []int32{2}, BeforeTypes: []int32{0}, BetweenTypes: []int32{0}, AfterTypes: []int32{1}, SecondType: 1,
	}
}

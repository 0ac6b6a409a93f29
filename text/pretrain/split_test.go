package pretrain

import (
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
)

func testDocs(n int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for d := range n {
			var b strings.Builder
			for l := range 200 {
				fmt.Fprintf(&b, "document %d line %d of text\n", d, l)
			}
			if !yield(b.String(), nil) {
				return
			}
		}
	}
}

func TestPiecesAreTheCorpus(t *testing.T) {
	s := newSplitter(100_000, 0.05, 1)
	var all strings.Builder
	var held, total int
	if err := s.pieces(testDocs(20), func(piece string, isHeld, _ bool) bool {
		all.WriteString(piece)
		total += len(piece)
		if isHeld {
			held += len(piece)
		}
		if len(piece) > s.size+40 {
			t.Errorf("a piece of %d bytes, want about %d", len(piece), s.size)
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for d := range testDocs(20) {
		want.WriteString(d)
	}
	if all.String() != want.String() {
		t.Error("the pieces put together are not the corpus")
	}
	// One piece of 20, and at most one block is not whole.
	if share := float64(held) / float64(total); math.Abs(share-0.05) > 0.01 {
		t.Errorf("held back %.3f, want 0.05", share)
	}
}

func TestTrainingLeavesOutHeldBack(t *testing.T) {
	s := newSplitter(100_000, 0.05, 1)
	held := map[string]bool{}
	if err := s.pieces(testDocs(20), func(piece string, isHeld, _ bool) bool {
		if isHeld {
			for line := range strings.Lines(piece) {
				held[strings.TrimSpace(line)] = true
			}
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for line, err := range s.training(testDocs(20)) {
		if err != nil {
			t.Fatal(err)
		}
		if held[line] {
			t.Fatalf("line %q is held back and trained on", line)
		}
		n++
	}
	if n+len(held) != 20*200 || len(held) == 0 {
		t.Errorf("%d lines to train on and %d held back, want 4000 together", n, len(held))
	}
}

// TestRepeatedTextsLieOnOneSide: a document, a pair or a line that a corpus has twice is never both trained on and held back.
func TestRepeatedTextsLieOnOneSide(t *testing.T) {
	s := newSplitter(100_000, 0.1, 1)
	s.byContent = true
	sides := map[string]bool{}
	docs := func(yield func(string, error) bool) {
		for range 2 {
			for d := range testDocs(20) {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
	held, n := 0, 0
	if err := s.pieces(docs, func(piece string, isHeld, _ bool) bool {
		if was, ok := sides[piece]; ok && was != isHeld {
			t.Fatal("a piece lies on both sides")
		}
		sides[piece] = isHeld
		n++
		if isHeld {
			held++
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if share := float64(held) / float64(n); len(sides) == n || share < 0.05 || share > 0.2 {
		t.Errorf("%d pieces of %d texts, %.3f held back: want repeated ones, and about 0.1 held back", n, len(sides), share)
	}
	path := pairFile(t, 200)
	src := testSource(t, testConfig(t), path, path)
	kinds, err := src.pairs(32)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds {
		p := k.(*pairTexts)
		back := map[string]bool{}
		for i := range p.back {
			a, b, _ := p.heldPair(i)
			back[fmt.Sprint(a, b)] = true
		}
		for i := range p.size() {
			if a, b, _ := p.pair(i); back[fmt.Sprint(a, b)] {
				t.Errorf("%s: pair %d is trained on and held back", k.name(), i)
			}
		}
	}
}

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

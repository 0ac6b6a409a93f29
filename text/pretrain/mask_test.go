package pretrain

import (
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/random"
)

// testMasker has tokens 0..99: 0-4 special, 4 the mask, odd ones go on with a word.
func testMasker() *masker {
	m := &masker{mask: 4, begins: make([]bool, 100), special: make([]bool, 100)}
	for i := range int32(100) {
		m.begins[i] = i%2 == 0
		m.special[i] = i < 5
		if i >= 5 {
			m.ordinary = append(m.ordinary, i)
		}
	}
	return m
}

func testWindow(n int, seed uint64) []int32 {
	r := random.New(seed)
	w := make([]int32, n)
	for i := range w {
		w[i] = 5 + int32(r.IntN(95))
	}
	w[0], w[n-1] = 2, 3
	return w
}

func TestMaskCoversWholeWords(t *testing.T) {
	m := testMasker()
	for seed := range uint64(200) {
		w := testWindow(128, seed)
		ids, targets := make([]int32, 128), make([]int32, 128)
		m.apply(ids, targets, w, 0.15, seed)
		for i := 1; i < 127; i++ {
			sameWord := !m.begins[w[i]] && i > 1
			if drawn, before := targets[i] != ignored, targets[i-1] != ignored; sameWord && drawn != before {
				t.Fatalf("seed %d: position %d is drawn: %t, the one before in its word: %t", seed, i, drawn, before)
			}
			if targets[i] != ignored && targets[i] != w[i] {
				t.Fatalf("target %d is %d, want %d", i, targets[i], w[i])
			}
			if targets[i] == ignored && ids[i] != w[i] {
				t.Fatalf("position %d changed to %d and isn't asked for", i, ids[i])
			}
		}
		if targets[0] != ignored || targets[127] != ignored {
			t.Fatal("a special token is asked for")
		}
	}
}

func TestMaskProportions(t *testing.T) {
	m := testMasker()
	var tokens, drawn, masked, kept, other float64
	for seed := range uint64(2000) {
		w := testWindow(128, seed)
		ids, targets := make([]int32, 128), make([]int32, 128)
		m.apply(ids, targets, w, 0.15, random.Mix(7, seed))
		tokens += 126
		for i := range w {
			switch {
			case targets[i] == ignored:
				continue
			case ids[i] == m.mask:
				masked++
			case ids[i] == w[i]:
				kept++
			default:
				other++
			}
			drawn++
		}
	}
	// About 38,000 tokens are drawn: three standard errors of a share of 0.8 are 0.006. A random token is the old one once in 95 draws.
	const tolerance = 0.01
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"drawn", drawn / tokens, 19.0 / 126},
		{"masked", masked / drawn, 0.8},
		{"replaced", other / drawn, 0.1},
		{"kept", kept / drawn, 0.1},
	} {
		if math.Abs(c.got-c.want) > tolerance {
			t.Errorf("%s: got %.4f, want %.4f", c.name, c.got, c.want)
		}
	}
}

func TestMaskDependsOnKeyOnly(t *testing.T) {
	m := testMasker()
	w := testWindow(64, 1)
	draw := func(key uint64) []int32 {
		ids, targets := make([]int32, 64), make([]int32, 64)
		m.apply(ids, targets, w, 0.15, key)
		return append(ids, targets...)
	}
	if !slices.Equal(draw(5), draw(5)) {
		t.Error("one key gives two masks")
	}
	if slices.Equal(draw(5), draw(6)) {
		t.Error("two keys give one mask")
	}
}

func TestMaskShortWindows(t *testing.T) {
	m := testMasker()
	for _, w := range [][]int32{{2, 3}, {2, 10, 3}, {2, 10, 11, 11, 11, 3}, {}} {
		ids, targets := make([]int32, len(w)), make([]int32, len(w))
		m.apply(ids, targets, w, 0.15, 1)
		asked := 0
		for _, x := range targets {
			if x != ignored {
				asked++
			}
		}
		if want := max(len(w)-2, 0); asked != want {
			t.Errorf("%v: %d asked for, want %d: its only word", w, asked, want)
		}
	}
}

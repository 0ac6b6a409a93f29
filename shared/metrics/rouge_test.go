package metrics

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestROUGENoReference(t *testing.T) {
	if _, err := (ROUGE{}).ScoreMulti(nil, "x"); !errors.Is(err, ErrEmpty) {
		t.Errorf("got %v, want ErrEmpty", err)
	}
}

func FuzzROUGE(f *testing.F) {
	f.Add("the cat\nsat", "a cat sat", true)
	f.Add("", "\n\n", false)
	f.Add("\xff\xfe İ", "K", true)
	f.Fuzz(func(t *testing.T, a, b string, stem bool) {
		if len(a)+len(b) > 2000 {
			return
		}
		r := ROUGE{Stem: stem}
		s, same := r.Score(a, b), r.Score(a, a)
		for _, x := range []RougeScore{s.Rouge1, s.Rouge2, s.RougeL, s.RougeLsum} {
			for _, v := range []float64{x.Precision, x.Recall, x.F1} {
				if math.IsNaN(v) || v < 0 || v > 1+exact {
					t.Fatalf("score %v of %q and %q", s, a, b)
				}
			}
		}
		if len(r.Tokens(a)) > 0 && (same.Rouge1.F1 != 1 || same.RougeL.F1 != 1 || same.RougeLsum.F1 != 1) {
			t.Errorf("%q against itself: %v", a, same)
		}
		if s.RougeL.F1 > s.Rouge1.F1+exact {
			t.Errorf("ROUGE-L above ROUGE-1: %v of %q and %q", s, a, b)
		}
	})
}

func FuzzPorterStem(f *testing.F) {
	for _, w := range []string{"caresses", "y", "eed", "alli", "logi", "42nd"} {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, w string) {
		if len(w) > 200 {
			return
		}
		if got := PorterStem(w); len(got) > len(w)+1 || len(w) > 0 && got == "" && strings.Trim(w, "s") != "" {
			t.Errorf("PorterStem(%q) = %q", w, got)
		}
	})
}

func BenchmarkROUGE(b *testing.B) {
	text := strings.Repeat("the keepers of the bridges were sleeping while rivers rose over the hills\n", 10)
	b.ReportAllocs()
	for b.Loop() {
		ROUGE{Stem: true}.Score(text, text[100:])
	}
}

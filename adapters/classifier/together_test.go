package classifier_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// heads makes n classifiers with heads of their own on one frozen base as large as text/mini-distilled.
func heads(t testing.TB, n int) []*classifier.Predictor {
	t.Helper()
	tok, err := texttest.Tokenizer("card", "arrived")
	if err != nil {
		t.Fatal(err)
	}
	m, err := text.New(text.Config{Config: backbone.Config{Hidden: 256, Layers: 4, Heads: 4, Intermediate: 1024, MaxPositions: 128, Types: 2}}, tok, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.Freeze()
	var all []*classifier.Predictor
	for i := range n {
		h := head.New(m.Width(), 20)
		for j, p := range h.Linear.Params() {
			nn.InitNormal(p, random.Mix(uint64(i), uint64(j)))
		}
		labels := make([]string, 20)
		for j := range labels {
			labels[j] = string(rune('a' + j))
		}
		p, err := classifier.New(m, head.Layer{Linear: h.Linear}, labels, head.Settings{MaxLength: 64, Pooling: "mean"})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// line is a text of some forty tokens.
var line = []byte(`{"text": "` + strings.Repeat("my card has not arrived, ", 4) + `"}`)

// ask has all of the predictors answer the line together.
func ask(t testing.TB, all []*classifier.Predictor) ([]any, [][]int) {
	t.Helper()
	questions := make([]*text.Question, len(all))
	for i, p := range all {
		var err error
		if questions[i], err = p.BeginJSON(line); err != nil {
			t.Fatal(err)
		}
	}
	answers, shared, err := text.AskTogether(t.Context(), questions, 16)
	if err != nil {
		t.Fatal(err)
	}
	return answers, shared
}

// TestTogether holds that eight heads over one text answer as each does alone, to the bit, and cost hardly more than one. The bar is 1.25, which the benchmark is for; a quarter of the pairs
// must be below 1.5 here, as the machine has other work.
func TestTogether(t *testing.T) {
	all := heads(t, 8)
	answers, shared := ask(t, all)
	if !reflect.DeepEqual(shared, [][]int{{0, 1, 2, 3, 4, 5, 6, 7}}) {
		t.Fatalf("shared: got %v, want all eight", shared)
	}
	for i, p := range all {
		if want, err := p.PredictJSON(t.Context(), line); err != nil || !reflect.DeepEqual(answers[i], want) {
			t.Errorf("head %d: got %v, want %v (%v)", i, answers[i], want, err)
		}
	}
	if reflect.DeepEqual(answers[0], answers[1]) {
		t.Error("two heads say the same: the test proves nothing")
	}
	if raceEnabled {
		return
	}
	var ratios []float64
	for range 24 {
		began := time.Now()
		ask(t, all[:1])
		one := time.Since(began)
		began = time.Now()
		ask(t, all)
		ratios = append(ratios, float64(time.Since(began))/float64(one))
	}
	slices.Sort(ratios)
	if got := ratios[len(ratios)/4]; got > 1.5 {
		t.Errorf("eight heads take %.2f times one, want at most 1.25", got)
	}
}

// BenchmarkTogether compares eight heads over one text with one.
func BenchmarkTogether(b *testing.B) {
	all := heads(b, 8)
	for _, n := range []int{1, 8} {
		b.Run("heads="+string(rune('0'+n)), func(b *testing.B) {
			for b.Loop() {
				ask(b, all[:n])
			}
		})
	}
}

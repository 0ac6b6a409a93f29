package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// TestDetections: what a discriminator says is counted over the valid tokens.
func TestDetections(t *testing.T) {
	l := nn.NewDiscriminatorLoss("d", 1, nn.ReLU, 2)
	l.Dense.W.Value[0], l.Prediction.W.Value[0], l.Prediction.B.Value[0] = 1, 1, -1 // the logit is x - 1 for x > 0
	l.Replaced = []bool{true, true, false, false, true, true}
	b := &nn.Batch{B: 2, T: 3, Lengths: []int32{3, 2}}
	y := make([]float32, 1)
	if err := l.Forward(y, []float32{3, 0, 3, 0, 1, 9}, b); err != nil {
		t.Fatal(err)
	}
	if want := (nn.Detections{Tokens: 5, Correct: 2, Replaced: 3, Found: 1}); l.Counts != want {
		t.Errorf("got %+v, want %+v: a logit of 0 says that nothing was replaced", l.Counts, want)
	}
	l.Replaced = l.Replaced[:5]
	if err := l.Forward(y, make([]float32, 6), b); err == nil {
		t.Error("too few labels passed")
	}
}

// drawing runs a language-model head of vocabulary 4 whose logits are its bias.
func drawing(t *testing.T, targets []int32, draws []uint64) *nn.LMHead {
	t.Helper()
	l := nn.NewLMHead("lm", nn.NewParam("word", 4, 2), 2, 1e-5)
	copy(l.Bias.Value, []float32{0, float32(math.Log(2)), float32(math.Log(4)), float32(math.Log(1))}) // 1/8, 2/8, 4/8, 1/8
	l.Positions, l.Targets, l.Draws = make([]int32, len(targets)), targets, draws
	if err := l.Forward(make([]float32, 1), make([]float32, 2), &nn.Batch{B: 1, T: 1, Train: true}); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestDraws: a row's token is the one whose share of [0, 1) holds the random number, whatever the target and the other rows are.
func TestDraws(t *testing.T) {
	at := func(u float64) uint64 { return uint64(u*0x1p53) << 11 }
	draws := []uint64{0, at(0.12), at(0.13), at(0.37), at(0.38), at(0.87), at(0.88), math.MaxUint64}
	want := []int32{0, 0, 1, 1, 2, 2, 3, 3}
	for target := range int32(4) {
		if got := drawing(t, slices.Repeat([]int32{target}, 8), draws).Drawn; !slices.Equal(got, want) {
			t.Errorf("target %d: got %v, want %v", target, got, want)
		}
	}
	if got := drawing(t, []int32{nn.IgnoreLabel, 1}, draws[4:6]).Drawn; !slices.Equal(got, []int32{nn.IgnoreLabel, 2}) {
		t.Errorf("without a target: got %v", got)
	}
	const n = 1 << 14
	var counts [4]float64
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = random.Mix(1, uint64(i))
	}
	for _, id := range drawing(t, make([]int32, n), keys).Drawn {
		counts[id]++
	}
	for id, share := range []float64{0.125, 0.25, 0.5, 0.125} {
		if sigma := math.Sqrt(n * share * (1 - share)); math.Abs(counts[id]-n*share) > 5*sigma {
			t.Errorf("token %d is drawn %g times of %d, want a share of %g", id, counts[id], n, share)
		}
	}
	l := nn.NewLMHead("lm", nn.NewParam("word", 4, 2), 2, 1e-5)
	l.Positions, l.Targets, l.Draws = []int32{0}, []int32{0}, draws[:2]
	if err := l.Forward(make([]float32, 1), make([]float32, 2), &nn.Batch{B: 1, T: 1}); err == nil {
		t.Error("two random numbers for one row passed")
	}
}

// TestShare: an embedding over another's tables projects them to its width, and both add to one gradient.
func TestShare(t *testing.T) {
	e, err := nn.NewEmbedding("", nn.EmbeddingConfig{Vocab: 5, D: 4, Positions: 3, Types: 2, Eps: 1e-5, Dropout: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	same, narrow := e.Share("same", 4), e.Share("narrow", 2)
	if len(same.Params()) != len(e.Params()) || len(narrow.Params()) != len(e.Params())+2 {
		t.Fatalf("got %d and %d parameters beside %d", len(same.Params()), len(narrow.Params()), len(e.Params()))
	}
	for _, p := range narrow.Params() {
		p.Init(3)
	}
	b := &nn.Batch{B: 1, T: 2}
	ys := map[*nn.Embedding][]float32{e: make([]float32, 8), same: make([]float32, 8), narrow: make([]float32, 4)}
	for s, y := range ys {
		s.IDs = []int32{1, 2}
		if err := s.Forward(y, nil, b); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(ys[e], ys[same]) {
		t.Errorf("got %v, want the vectors %v", ys[same], ys[e])
	}
	projected := make([]float32, 4)
	if err := narrow.Project.Forward(projected, ys[e], 2, b); err != nil || !slices.Equal(projected, ys[narrow]) {
		t.Errorf("got %v, want the projected vectors %v", ys[narrow], projected)
	}
	dy := []float32{1, -2, 3, 4, 0, 1, 2, 5}
	if err := e.Backward(nil, dy, nil, ys[e], b); err != nil {
		t.Fatal(err)
	}
	once := slices.Clone(e.Word.Grad)
	if err := same.Backward(nil, dy, nil, ys[same], b); err != nil {
		t.Fatal(err)
	}
	for i, g := range e.Word.Grad {
		if g != 2*once[i] {
			t.Fatalf("gradient %d of the table: got %g, want twice %g", i, g, once[i])
		}
	}
	dropped := func(s *nn.Embedding) []float32 {
		y := make([]float32, 8)
		if err := s.Forward(y, nil, &nn.Batch{B: 1, T: 2, Train: true, Keys: []uint64{7}}); err != nil {
			t.Fatal(err)
		}
		return y
	}
	if slices.Equal(dropped(e), dropped(same)) {
		t.Error("what shares tables drops the same values")
	}
}

func ExampleDiscriminatorLoss() {
	l := nn.NewDiscriminatorLoss("discriminator_predictions", 2, nn.GELU, 1)
	l.Replaced = []bool{false, true, false}
	loss := make([]float32, 1)
	err := l.Forward(loss, make([]float32, 6), &nn.Batch{B: 1, T: 3}) // its weights are zero: every token may be either
	fmt.Printf("%.4f %+v %v\n", loss[0], l.Counts, err)
	// Output: 0.6931 {Tokens:3 Correct:2 Replaced:1 Found:0} <nil>
}

func ExampleEmbedding_Share() {
	e, err := nn.NewEmbedding("", nn.EmbeddingConfig{Vocab: 100, D: 8, Positions: 16, Eps: 1e-12})
	if err != nil {
		fmt.Println(err)
		return
	}
	small := e.Share("generator.embeddings", 4)
	fmt.Println(small.Word == e.Word, small.Project.W.Name, small.Project.W.Shape)
	// Output: true generator.embeddings_project.weight [4 8]
}

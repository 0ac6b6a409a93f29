package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
)

// TestDropoutIgnoresPadding: the same tokens fall out whatever length the batch is padded to, others for another key.
func TestDropoutIgnoresPadding(t *testing.T) {
	run := func(width int, key uint64) []float32 {
		e, err := nn.NewEmbedding("", nn.EmbeddingConfig{Vocab: 3, D: 16, Positions: 9, Eps: 1e-5, Dropout: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range e.Params() {
			p.Init(1)
		}
		e.IDs = make([]int32, 2*width)
		y := make([]float32, 2*width*16)
		b := &nn.Batch{B: 2, T: width, Lengths: []int32{4, 3}, Train: true, Keys: []uint64{key, key + 1}}
		if err := e.Forward(y, nil, b); err != nil {
			t.Fatal(err)
		}
		return append(y[:4*16:4*16], y[width*16:(width+3)*16]...)
	}
	if !slices.Equal(run(4, 1), run(9, 1)) {
		t.Error("dropout depends on padding")
	}
	if slices.Equal(run(4, 1), run(4, 2)) {
		t.Error("dropout doesn't depend on the key")
	}
}

// tableTolerance is half a unit in the last place of a float32 below 1, and a little for math's own rounding.
const tableTolerance = 0x1p-24

func TestTables(t *testing.T) {
	const positions, k = 3000, 12
	r := nn.NewRotary(positions, k, 10000)
	table := nn.Sinusoid(positions, k)
	for p := range positions {
		for j := range k / 2 {
			s, c := math.Sincos(float64(p) * math.Pow(10000, -float64(j)/(k/2)))
			for _, v := range []struct {
				got  float32
				want float64
			}{{r.Cos[p*k/2+j], c}, {r.Sin[p*k/2+j], s}, {table[p*k+2*j], s}, {table[p*k+2*j+1], c}} {
				if math.Abs(float64(v.got)-v.want) > tableTolerance {
					t.Fatalf("position %d, pair %d: got %.9g, want %.9g", p, j, v.got, v.want)
				}
			}
		}
	}
}

// TestCorrect counts right answers outside training.
func TestCorrect(t *testing.T) {
	word := nn.NewParam("word", 3, 2)
	l := nn.NewLMHead("lm", word, word.Shape[1], 1e-5)
	copy(l.Bias.Value, []float32{0, 2, 1})
	l.Positions, l.Targets = []int32{0, 1, 1, 0}, []int32{1, 1, 2, nn.IgnoreLabel}
	y := make([]float32, 1)
	if err := l.Forward(y, make([]float32, 4), &nn.Batch{B: 1, T: 2}); err != nil || l.Correct != 2 {
		t.Errorf("got %d right, %v, want 2", l.Correct, err)
	}
}

func TestErrors(t *testing.T) {
	r := base()
	for name, change := range map[string]func(s *stack){
		"id":        func(s *stack) { s.embedding.IDs[1] = 11 },
		"type":      func(s *stack) { s.embedding.TypeIDs[1] = -1 },
		"ids":       func(s *stack) { s.embedding.IDs = s.embedding.IDs[:9] },
		"position":  func(s *stack) { s.b.Positions = slices.Repeat([]int32{9}, 10) },
		"keys":      func(s *stack) { s.embedding.Dropout, s.b.Train = 0.5, true },
		"bad keys":  func(s *stack) { s.b.Keys = make([]uint64, 3) },
		"no length": func(s *stack) { s.b.T = 0 },
	} {
		s := newStack(t, base())
		change(s)
		if err := s.embedding.Forward(make([]float32, 2*5*8), nil, s.b); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	s := newStack(t, r)
	s.attention.External = &nn.External{Key: nn.NewParam("k", 2, 7), Value: nn.NewParam("v", 2, 7)}
	x := make([]float32, 2*5*8)
	if err := s.chain[1].Forward(x, slices.Clone(x), s.b); err == nil {
		t.Error("external keys of another width passed")
	}
	head := s.chain[len(s.chain)-1].(*nn.LMHead)
	for _, bad := range [][2][]int32{{{10}, {0}}, {{0}, {11}}, {{0, 1}, {1}}} {
		head.Positions, head.Targets = bad[0], bad[1]
		if err := head.Forward(make([]float32, 1), x, s.b); err == nil {
			t.Errorf("positions %v with targets %v passed", bad[0], bad[1])
		}
	}
	if _, err := nn.ParseActivation("mish"); err == nil {
		t.Error("an unknown activation passed")
	}
	if _, err := nn.ParsePooling("sum"); err == nil {
		t.Error("an unknown pooling passed")
	}
}

// TestEmbeddingInfer holds inference to the forward of training, and a clone to its own weights.
func TestEmbeddingInfer(t *testing.T) {
	s := newStack(t, base())
	want, got := make([]float32, 2*5*8), make([]float32, 2*5*8)
	if err := s.embedding.Forward(want, nil, s.b); err != nil {
		t.Fatal(err)
	}
	clone := s.embedding.Clone()
	clear(s.embedding.Word.Value)
	if err := clone.Infer(got, s.ids, s.types, s.b); err != nil || !slices.Equal(got, want) {
		t.Errorf("inference differs from training (%v)", err)
	}
}

func ExampleLinear() {
	l := nn.NewLinear("score", 2, 1)
	copy(l.W.Value, []float32{1, 10})
	l.B.Value[0] = 0.5
	y := make([]float32, 2)
	err := l.Forward(y, []float32{1, 2, 3, 4}, 2, &nn.Batch{})
	fmt.Println(y, err)
	// Output: [21.5 43.5] <nil>
}

func ExamplePooling_Forward() {
	x := []float32{1, 2, 3, 4, 99, 99} // three positions, the last one padding
	y := make([]float32, 2)
	nn.PoolMean.Forward(y, x, &nn.Batch{B: 1, T: 3, Lengths: []int32{2}}, 2)
	fmt.Println(y)
	// Output: [2 3]
}

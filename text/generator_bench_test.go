package text

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// BenchmarkGenerate times tokens of a model of mini's size: from the cache, alone and side by side, and by reading the row anew for each.
func BenchmarkGenerate(b *testing.B) {
	c, err := Preset("mini", 0)
	if err != nil {
		b.Fatal(err)
	}
	const v, tokens = 8192, 120
	m, h := miniModel(b, c, v)
	g, err := NewGenerator(m, h)
	if err != nil {
		b.Fatal(err)
	}
	endless(g)
	for _, n := range []int{1, 16} {
		b.Run(fmt.Sprintf("cache/B%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := g.Complete(b.Context(), slices.Repeat([]string{"a"}, n), GenerateConfig{MaxTokens: tokens}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n*tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
	b.Run("whole/B1", func(b *testing.B) {
		s, z := m.Snapshot(), make([]float32, v)
		for b.Loop() {
			for n := 2; n < 2+tokens; n++ {
				x := make([]float32, n*m.Width())
				if err := s.Encode(x, make([]int32, n), nil, &nn.Batch{B: 1, T: n, Causal: true}); err != nil {
					b.Fatal(err)
				}
				g.head.logits(z, x[len(x)-m.Width():], 1, new([]float32))
			}
		}
		b.ReportMetric(float64(tokens*b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
}

// miniModel makes a model of v tokens and its head.
func miniModel(b *testing.B, c Config, v int) (*Model, *Head) {
	b.Helper()
	vocab := slices.Clone(tokenizer.BertTokens[:])
	for i := range v - len(vocab) {
		vocab = append(vocab, fmt.Sprintf("w%d", i))
	}
	tok, err := tokenizer.NewWordPiece(vocab, tokenizer.BertOptions{})
	if err != nil {
		b.Fatal(err)
	}
	m, err := New(c, tok, 1)
	if err != nil {
		b.Fatal(err)
	}
	l := nn.NewLMHead("cls.predictions", m.Embedding.Word, m.Width(), m.Config.Eps)
	for _, p := range l.Params() {
		p.Init(1)
	}
	return m, &Head{Task: TaskFillMask, dense: l.Dense, act: string(nn.GELU), norm: l.Norm, out: &nn.Linear{W: l.Word, B: l.Bias}}
}

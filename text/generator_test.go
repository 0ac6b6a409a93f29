package text

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// logProbTolerance is of a logarithm in float32 against one in float64.
const logProbTolerance = 2e-5

// letters are as many words as those models have tokens for, behind the special tokens, a and b.
func letters() []string {
	words := make([]string, 41)
	for i := range words {
		words[i] = "##" + string(rune('a'+i%26))
		if i >= 20 {
			words[i] = "w" + string(rune('a'+i-20))
		}
	}
	return words
}

// generatorOf loads a case with its head and a vocabulary for all of its logits.
func generatorOf(t testing.TB, dir string) (*Model, *Head, *Generator) {
	t.Helper()
	m, at := loadCase(t, dir, letters()...)
	h, err := LoadHead(at, m)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGenerator(m, h)
	if err != nil {
		t.Fatal(err)
	}
	return m, h, g
}

// generators are those of every family with a masked-language head.
func generators(t *testing.T, each func(t *testing.T, m *Model, h *Head, g *Generator)) {
	for _, name := range []string{"bert", "roberta", "distilbert", "electra", "modernbert"} {
		t.Run(name, func(t *testing.T) {
			m, h, g := generatorOf(t, "testdata/families/"+name+"-masked-lm")
			each(t, m, h, g)
		})
	}
}

// collect gives all tokens.
func collect(t testing.TB, seq iter.Seq2[Token, error]) []Token {
	t.Helper()
	var all []Token
	for token, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, token)
	}
	return all
}

// TestGreedy holds greedy search to transformers' generate, of a model that is causal there and isn't here.
func TestGreedy(t *testing.T) {
	m, _, g := generatorOf(t, "testdata/generate")
	raw, err := os.ReadFile("testdata/generate/greedy.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Texts []struct {
			Prompt   []int32   `json:"prompt"`
			New      []int32   `json:"new"`
			LogProbs []float64 `json:"logprobs"`
		} `json:"texts"`
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	if m.Config.Causal {
		t.Error("the model is causal by itself: it should be the call that makes it so")
	}
	stopped := 0
	for _, c := range golden.Texts {
		s, err := g.begin("", GenerateConfig{MaxTokens: m.Config.MaxPositions - 1 - len(c.Prompt)})
		if err != nil {
			t.Fatal(err)
		}
		s.ids = append(s.ids, c.Prompt...)
		for i, want := range c.New {
			if err := g.step(t.Context(), []*sequence{s}); err != nil {
				t.Fatal(err)
			}
			if s.token.ID != want {
				t.Fatalf("prompt %v: token %d: got %d, want %d", c.Prompt, i, s.token.ID, want)
			}
			if math.Abs(s.token.LogProb-c.LogProbs[i]) > logProbTolerance*max(1, math.Abs(c.LogProbs[i])) {
				t.Errorf("prompt %v: token %d: log-probability %g, want %g", c.Prompt, i, s.token.LogProb, c.LogProbs[i])
			}
		}
		switch {
		case s.token.Finish == FinishStop:
			stopped++
		case s.token.Finish != FinishLength:
			t.Errorf("prompt %v: not finished after %d tokens", c.Prompt, len(c.New))
		}
	}
	if stopped == 0 || stopped == len(golden.Texts) {
		t.Errorf("%d of %d texts ended by themselves, want some", stopped, len(golden.Texts))
	}
}

// wholeRow gives the logits behind a row [CLS] ids that is read at once, without any cache.
func wholeRow(t testing.TB, m *Model, s *Inference, h *Head, ids []int32) []float32 {
	t.Helper()
	row := slices.Concat(m.single.Before, ids)
	b := &nn.Batch{B: 1, T: len(row), Causal: true}
	x, z := make([]float32, len(row)*m.Width()), make([]float32, h.Out())
	if err := s.Encode(x, row, nil, b); err != nil {
		t.Fatal(err)
	}
	if err := h.Logits(z, x[len(x)-m.Width():], 1); err != nil {
		t.Fatal(err)
	}
	return z
}

// TestGenerateReadsRows: every token is, to the bit of its probability, what the whole row read anew gives, of every family and past the longest row
// several times; and the pieces are what Decode makes of the tokens.
func TestGenerateReadsRows(t *testing.T) {
	generators(t, func(t *testing.T, m *Model, h *Head, g *Generator) {
		most, infer := m.Config.MaxPositions, m.Snapshot()
		for _, prompt := range []string{"", "a", "b wa a wb wc", strings.Repeat("wa wb a ", most/3), strings.Repeat("wa b a ", most)} {
			c := GenerateConfig{Sampling: Sampling{Temperature: 1.5, Seed: 3}, MaxTokens: 2 * most}
			tokens := collect(t, g.Generate(t.Context(), prompt, c))
			ids := m.Tokenizer.AppendIDs(nil, prompt)
			before := m.Tokenizer.Decode(ids, true)
			var s sampler
			s.reset(c.Sampling, g.banned, g.vocab)
			var text strings.Builder
			from := 0
			for i, got := range tokens {
				if 1+len(ids)-from > most {
					from = len(ids) - (most/2 - 1)
				}
				z := wholeRow(t, m, infer, h, ids[from:])
				want, _ := s.choose(z, i)
				loss := make([]float32, 1)
				kernels.CrossEntropy(nil, loss, z, []int32{want}, 1, 1, len(z))
				if got.ID != want || got.LogProb != -float64(loss[0]) {
					t.Fatalf("%.20q: token %d: got %d of %g, want %d of %g", prompt, i, got.ID, got.LogProb, want, -loss[0])
				}
				if special := m.Tokenizer.IsSpecial(got.ID); special && got.ID != m.sep || special != (got.Finish == FinishStop) {
					t.Errorf("%.20q: token %d is %s, finish %q", prompt, i, m.Tokenizer.Token(got.ID), got.Finish)
				}
				ids = append(ids, got.ID)
				text.WriteString(got.Piece)
			}
			if got, want := before+text.String(), m.Tokenizer.Decode(ids, true); got != want {
				t.Errorf("%.20q: pieces make %q, want %q", prompt, got, want)
			}
			if prompt == "" {
				endless(g) // from here on
			}
			if last := tokens[len(tokens)-1].Finish; last == "" || (last == FinishLength) != (len(tokens) == 2*most) {
				t.Errorf("%.20q: %d tokens, finish %q", prompt, len(tokens), last)
			}
		}
	})
}

// endless bans [SEP] too, so that a text has all the tokens that are asked for.
func endless(g *Generator) { g.banned = append(slices.Clone(g.banned), g.sep) }

// TestCompleteIsGenerate: texts side by side, on any number of workers, are those that each gets alone; seeds change them.
func TestCompleteIsGenerate(t *testing.T) {
	t.Cleanup(func() { kernels.SetWorkers(0) })
	m, _, g := generatorOf(t, "testdata/families/bert-masked-lm")
	var prompts []string
	draw := random.New(random.Key(1, "prompts"))
	for range completionBatch + 7 {
		prompts = append(prompts, strings.Repeat("a wb ", draw.IntN(m.Config.MaxPositions)))
	}
	c := GenerateConfig{Sampling: Sampling{Temperature: 2, TopK: 30, Seed: 8}, MaxTokens: 10}
	for workers := range 3 {
		kernels.SetWorkers(workers + 1)
		all, err := g.Complete(t.Context(), prompts, c)
		if err != nil {
			t.Fatal(err)
		}
		stopped := 0
		for i, got := range all {
			want := collect(t, g.Generate(t.Context(), prompts[i], c))
			if !slices.Equal(got.Tokens, want) {
				t.Fatalf("text %d, %d workers: side by side %v, alone %v", i, workers+1, got.Tokens, want)
			}
			var text strings.Builder
			for _, token := range got.Tokens {
				text.WriteString(token.Piece)
			}
			if got.Text != text.String() || got.Finish != want[len(want)-1].Finish {
				t.Errorf("text %d: got %q, %s", i, got.Text, got.Finish)
			}
			if got.Finish == FinishStop {
				stopped++
			}
		}
		if workers < 2 && (stopped == 0 || stopped == len(all)) {
			t.Errorf("%d of %d texts ended by themselves, want some", stopped, len(all))
		}
		if workers == 1 { // then without an end, past the longest row
			endless(g)
			c.MaxTokens = 50
		}
	}
	other := c
	other.Seed++
	if slices.Equal(collect(t, g.Generate(t.Context(), prompts[0], c)), collect(t, g.Generate(t.Context(), prompts[0], other))) {
		t.Error("another seed gives the same text")
	}
}

// TestBanned: special tokens but [SEP] never come, whatever their role, nor do tokens without a text.
func TestBanned(t *testing.T) {
	tok, err := tokenizer.NewWordPiece(append(slices.Clone(tokenizer.BertTokens[:]), "a", "b", "c"), tokenizer.BertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := tok.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	more := map[string]any{"id": 6, "content": "b", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
	for _, c := range []struct {
		added []any
		want  []int32
	}{
		{append(file["added_tokens"].([]any), more), []int32{0, 1, 2, 4, 6, 8, 9}},
		{[]any{}, []int32{0, 1, 2, 4, 8, 9}}, // special by their role alone
	} {
		file["added_tokens"] = c.added
		if raw, err = json.Marshal(file); err != nil {
			t.Fatal(err)
		}
		if tok, err = tokenizer.Parse(raw); err != nil {
			t.Fatal(err)
		}
		if got := banned(tok, tok.Roles().Sep, 10); !slices.Equal(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
}

// TestUnfinishedCharacter: a text that ends inside a character shows what it has of it, as Decode does.
func TestUnfinishedCharacter(t *testing.T) {
	tok, err := tokenizer.Load("tokenizer/testdata/roberta/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Config: backbone.Config{Hidden: 8, Layers: 1, Heads: 1, MaxPositions: 16}}
	m, err := New(c, tok, 1)
	if err != nil {
		t.Fatal(err)
	}
	crab := tok.AppendIDs(nil, "\U0001F980")
	part := crab[len(crab)-2]
	h := &Head{Task: TaskFillMask, out: &nn.Linear{W: m.Embedding.Word, B: nn.NewParam("bias", tok.VocabSize())}}
	h.out.B.Value[part] = 1e3
	g, err := NewGenerator(m, h)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i, token := range collect(t, g.Generate(t.Context(), "crab", GenerateConfig{MaxTokens: 3})) {
		if i < 2 && token.Piece != "" {
			t.Errorf("token %d shows %q", i, token.Piece)
		}
		text.WriteString(token.Piece)
	}
	if got, want := text.String(), tok.Decode([]int32{part, part, part}, true); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestPenalty: tokens that the text has come less often.
func TestPenalty(t *testing.T) {
	_, _, g := generatorOf(t, "testdata/families/bert-masked-lm")
	endless(g)
	distinct := map[float32]int{}
	for _, p := range []float32{0, 1, 100} {
		seen := map[int32]bool{}
		c := GenerateConfig{Sampling: Sampling{Penalty: p}, MaxTokens: 30}
		first := collect(t, g.Generate(t.Context(), "a", c))
		for _, token := range first {
			seen[token.ID] = true
		}
		distinct[p] = len(seen)
		if again := collect(t, g.Generate(t.Context(), "a", c)); !slices.Equal(again, first) { // what a text had is forgotten
			t.Errorf("penalty %g: got %v, then %v", p, first, again)
		}
	}
	if distinct[0] != distinct[1] || distinct[100] <= distinct[1] {
		t.Errorf("distinct tokens by penalty: %v", distinct)
	}
}

// TestGenerateConcurrently runs one generator from many goroutines; for the race detector too.
func TestGenerateConcurrently(t *testing.T) {
	_, _, g := generatorOf(t, "testdata/families/modernbert-masked-lm")
	run := func(i int) []Token {
		return collect(t, g.Generate(t.Context(), strings.Repeat("a ", i), GenerateConfig{Sampling: Sampling{Temperature: 1, Seed: uint64(i)}, MaxTokens: 20}))
	}
	var want [4][]Token
	for i := range want {
		want[i] = run(i)
	}
	var wg sync.WaitGroup
	for k := range 8 {
		wg.Go(func() {
			for i := range want {
				if j := (i + k) % len(want); !slices.Equal(run(j), want[j]) {
					t.Errorf("text %d differs", j)
				}
			}
		})
	}
	wg.Wait()
}

// TestGenerateStops: the end of the context, a caller who has enough, what can't be asked for, and logits that are no numbers.
func TestGenerateStops(t *testing.T) {
	m, h, g := generatorOf(t, "testdata/families/bert-masked-lm")
	endless(g)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range g.Generate(ctx, "a", GenerateConfig{MaxTokens: 1000}) {
		if last = err; err == nil {
			n++
		}
		if n == 5 {
			cancel()
		}
	}
	if n != 5 || !errors.Is(last, context.Canceled) {
		t.Errorf("got %d tokens and %v, want 5 and the context's error", n, last)
	}
	if _, err := g.Complete(ctx, []string{"a"}, GenerateConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if all, err := g.Complete(t.Context(), nil, GenerateConfig{}); len(all) != 0 || err != nil {
		t.Errorf("no texts: got %v, %v", all, err)
	}
	seq := g.Generate(t.Context(), "a", GenerateConfig{})
	for range seq {
		break
	}
	if got := len(collect(t, seq)); got != defaultTokens {
		t.Errorf("got %d tokens, want %d", got, defaultTokens)
	}
	for _, c := range []GenerateConfig{{MaxTokens: -1}, {Sampling: Sampling{TopK: -1}}} {
		for _, err := range g.Generate(t.Context(), "a", c) {
			if err == nil {
				t.Errorf("%+v passed", c)
			}
		}
		if _, err := g.Complete(t.Context(), []string{"a"}, c); err == nil {
			t.Errorf("%+v passed", c)
		}
	}
	nan := &Head{Task: h.Task, dense: h.dense, act: h.act, norm: h.norm, out: &nn.Linear{W: h.out.W, B: nn.NewParam("b", h.Out())}}
	for i := range nan.out.B.Value {
		nan.out.B.Value[i] = float32(math.NaN())
	}
	bad, err := NewGenerator(m, nan)
	if err != nil {
		t.Fatal(err)
	}
	nan.out.B.Value[7] = 0
	worse, err := NewGenerator(m, nan)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range []*Generator{bad, worse} {
		for token, err := range g.Generate(t.Context(), "a", GenerateConfig{Sampling: Sampling{Temperature: 1}}) {
			if !errors.Is(err, errLogits) {
				t.Errorf("logits of NaN: got token %d, %v", token.ID, err)
			}
		}
	}
}

// TestGeneratorRefuses: heads and models that can't generate.
func TestGeneratorRefuses(t *testing.T) {
	m, h := loadHeadCase(t, "bert-token-classification")
	if _, err := NewGenerator(m, h); err == nil {
		t.Error("a head of another task was accepted")
	}
	m, h, _ = generatorOf(t, "testdata/families/bert-masked-lm")
	m.Config.MaxPositions = 1
	if _, err := NewGenerator(m, h); !errors.Is(err, ErrConfig) {
		t.Errorf("a row of one token: got %v", err)
	}
	m.Config.MaxPositions = 2 // [CLS] and one token
	g, err := NewGenerator(m, h)
	if err != nil {
		t.Fatal(err)
	}
	endless(g)
	if got := len(collect(t, g.Generate(t.Context(), "a b a b", GenerateConfig{MaxTokens: 9}))); got != 9 {
		t.Errorf("got %d tokens, want 9", got)
	}
	m.sep = int32(h.Out())
	if _, err := NewGenerator(m, h); !errors.Is(err, ErrTokenizer) {
		t.Errorf("a [SEP] without a logit: got %v", err)
	}
}

// TestGeneratorKeepsItsWeights: training on doesn't change a generator.
func TestGeneratorKeepsItsWeights(t *testing.T) {
	m, h, g := generatorOf(t, "testdata/families/electra-masked-lm")
	want := collect(t, g.Generate(t.Context(), "a", GenerateConfig{MaxTokens: 5}))
	for _, p := range append(m.Params(), h.params()...) {
		for i := range p.Value {
			p.Value[i] = float32(i % 3)
		}
	}
	if got := collect(t, g.Generate(t.Context(), "a", GenerateConfig{MaxTokens: 5})); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

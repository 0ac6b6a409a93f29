package text

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// A Generator continues texts, token by token. It is safe for concurrent use.
//
// The encoder reads causally, whatever its config says, and the masked-language head guesses: the vector of a token gives the logits of the
// next one, as in GPT-BERT (Charpentier and Samuel, 2024), whose one encoder and head learn both objectives in turns. Config.Continues says
// whether a model did. A row is [CLS] and the text; [SEP] ends it. Masks and other special tokens never come.
//
// Keys and values of what is read are kept, so that a token costs the same wherever it stands. A model reads MaxPositions tokens at most: when a text
// is longer, prompt or not, the row is begun anew with [CLS] and the last tokens of the text, half as many as fit, and what stands before
// them is forgotten. So a text may grow without end.
type Generator struct {
	infer  *Inference
	head   *headInference
	banned []int32 // tokens that never come
	sep    int32
	vocab  int // V, logits

	sequences sync.Pool // of *sequence
	decodings sync.Pool // of *decoding
}

// A GenerateConfig says how texts are continued. The zero value takes the most likely token each time, 128 at most.
type GenerateConfig struct {
	Sampling
	MaxTokens int // most new tokens; 0: 128
}

// defaultTokens is the most new tokens where nobody says.
const defaultTokens = 128

// Validate names the first field out of range.
func (c *GenerateConfig) Validate() error {
	if c.MaxTokens < 0 {
		return fmt.Errorf("text: generate: most tokens: got %d, want 0 or more", c.MaxTokens)
	}
	return c.Sampling.Validate()
}

// A Token is one that a Generator appended.
type Token struct {
	ID      int32   `json:"id"`
	Piece   string  `json:"text"`    // what it adds to the text; the pieces of all tokens joined are the new text
	LogProb float64 `json:"logprob"` // natural logarithm of the probability that the model gave it among all tokens, whatever the sampling
	Finish  Finish  `json:"-"`       // set on the last token
}

// A Finish is why a text ended.
type Finish string

// The reasons.
const (
	FinishStop   Finish = "stop"   // the model ended it with [SEP]
	FinishLength Finish = "length" // it has as many new tokens as were asked for
)

// NewGenerator makes a generator of a model as it is now and its masked-language head.
func NewGenerator(m *Model, h *Head) (*Generator, error) {
	if h.Task != TaskFillMask {
		return nil, fmt.Errorf("text: head: got one for %s, want %s", h.Task, TaskFillMask)
	}
	g := &Generator{infer: m.Snapshot(), head: h.snapshot(), sep: m.sep, vocab: h.Out()}
	if int(g.sep) >= g.vocab {
		return nil, fmt.Errorf("text: %w: its [SEP] is %d, of %d logits", ErrTokenizer, g.sep, g.vocab)
	}
	if n := len(m.single.Before); n+1 > m.Config.MaxPositions {
		return nil, fmt.Errorf("text: generate: %w: max_position_embeddings: got %d, want at least %d", ErrConfig, m.Config.MaxPositions, n+1)
	}
	g.banned = banned(m.Tokenizer, g.sep, g.vocab)
	return g, nil
}

// banned lists the tokens of v logits that never come: special ones but sep, and those that the tokenizer has no text for.
func banned(t *tokenizer.Tokenizer, sep int32, v int) []int32 {
	r := t.Roles()
	special := []int32{r.Pad, r.Unk, r.Cls, r.Mask}
	var ids []int32
	for id := range int32(v) {
		if id != sep && (t.IsSpecial(id) || int(id) >= t.VocabSize() || slices.Contains(special, id)) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Generate continues a text: the iterator gives each token as soon as it is chosen, and ends after one with a Finish or with an error. Nothing
// is read before the iterator runs; it may run again, and gives the same. It stops at the end of ctx.
func (g *Generator) Generate(ctx context.Context, prompt string, c GenerateConfig) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		s, err := g.begin(prompt, c)
		if err != nil {
			yield(Token{}, err)
			return
		}
		defer g.sequences.Put(s)
		one := []*sequence{s}
		for {
			if err := g.step(ctx, one); err != nil {
				yield(Token{}, err)
				return
			}
			if !yield(s.token, nil) || s.token.Finish != "" {
				return
			}
		}
	}
}

// A Completion is how a text went on.
type Completion struct {
	Text   string // the new part
	Tokens []Token
	Finish Finish
}

// completionBatch is how many texts Complete continues side by side: they share the reading of the weights.
const completionBatch = 16

// Complete continues several texts side by side, each as Generate does alone.
func (g *Generator) Complete(ctx context.Context, prompts []string, c GenerateConfig) ([]Completion, error) {
	all := make([]Completion, len(prompts))
	var active []*sequence
	defer func() {
		for _, s := range active {
			g.sequences.Put(s)
		}
	}()
	for next := 0; next < len(prompts) || len(active) > 0; {
		for ; next < len(prompts) && len(active) < completionBatch; next++ {
			s, err := g.begin(prompts[next], c)
			if err != nil {
				return nil, fmt.Errorf("text %d: %w", next, err)
			}
			s.number = next
			active = append(active, s)
		}
		if err := g.step(ctx, active); err != nil {
			return nil, err
		}
		active = slices.DeleteFunc(active, func(s *sequence) bool {
			a := &all[s.number]
			a.Tokens = append(a.Tokens, s.token)
			a.Text += s.token.Piece
			if a.Finish = s.token.Finish; a.Finish == "" {
				return false
			}
			g.sequences.Put(s)
			return true
		})
	}
	return all, nil
}

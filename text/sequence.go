package text

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// A sequence is a text that a Generator is continuing.
type sequence struct {
	number  int     // of the text among those of one call
	ids     []int32 // of the whole text, without what it is framed by
	from    int     // the first of ids in the row that the model reads
	made    int     // new ones
	most    int
	row     []int32 // what the model reads next, for one step
	cache   *backbone.Cache
	sampler sampler
	speller speller
	token   Token // the last new one
}

// begin makes a sequence of a prompt.
func (g *Generator) begin(prompt string, c GenerateConfig) (*sequence, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s, _ := g.sequences.Get().(*sequence)
	if s == nil {
		s = &sequence{cache: g.infer.encoder.NewCache()}
	}
	s.cache.Truncate(0)
	s.ids = g.infer.tokenizer.AppendIDs(s.ids[:0], prompt)
	s.from, s.made, s.most = 0, 0, c.MaxTokens
	if s.most == 0 {
		s.most = defaultTokens
	}
	before := g.infer.single.Before
	if len(before)+len(s.ids) == 0 {
		g.sequences.Put(s)
		return nil, errors.New("text: generate: the prompt has no tokens, and the tokenizer puts none in front")
	}
	s.sampler.reset(c.Sampling, g.banned, g.vocab)
	s.sampler.see(before...)
	s.sampler.see(s.ids...)
	s.speller.reset(g.infer.tokenizer, s.ids)
	return s, nil
}

// unread sets row to the tokens that the cache lacks, of a row that fits.
func (g *Generator) unread(s *sequence) {
	before := g.infer.single.Before
	if most := g.infer.positions; len(before)+len(s.ids)-s.from > most {
		s.from = len(s.ids) - max(1, most/2-len(before))
		s.cache.Truncate(len(before)) // which stand where they stood
	}
	s.row = append(s.row[:0], before[min(s.cache.Len(), len(before)):]...)
	s.row = append(s.row, s.ids[s.from+max(0, s.cache.Len()-len(before)):]...)
}

// A decoding holds the values of one step.
type decoding struct {
	ids, positions, lengths, chosen []int32   // [B, T], [B, T], [B], [B]
	hidden, last, logits            []float32 // [B, T, D], [B, D], [B, V]
	inner, losses                   []float32 // of the head; [B]
	caches                          []*backbone.Cache
}

// step appends a token to each sequence.
func (g *Generator) step(ctx context.Context, all []*sequence) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d, _ := g.decodings.Get().(*decoding)
	if d == nil {
		d = new(decoding)
	}
	defer g.decodings.Put(d)
	if err := g.read(d, all); err != nil {
		return err
	}
	v := g.vocab
	logits, chosen := kernels.Grow(&d.logits, len(all)*v), kernels.Grow(&d.chosen, len(all))
	g.head.logits(logits, d.last, len(all), &d.inner)
	for i, s := range all {
		id, ok := s.sampler.choose(logits[i*v:(i+1)*v], s.made)
		if !ok {
			return errLogits
		}
		chosen[i] = id
	}
	losses := kernels.Grow(&d.losses, len(all))
	kernels.CrossEntropy(nil, losses, logits, chosen, 1, len(all), v)
	for i, s := range all {
		if math.IsNaN(float64(losses[i])) || math.IsInf(float64(losses[i]), 0) {
			return errLogits
		}
		s.append(chosen[i], 0-float64(losses[i]), g.sep) // and not -0
	}
	return nil
}

var errLogits = errors.New("text: generate: the model's logits are not finite numbers")

// append ends a step with a token.
func (s *sequence) append(id int32, logProb float64, sep int32) {
	s.ids = append(s.ids, id)
	s.made++
	s.sampler.see(id)
	s.token = Token{ID: id, LogProb: logProb}
	switch {
	case id == sep:
		s.token.Finish = FinishStop
		s.token.Piece = s.speller.rest()
		return
	case s.made == s.most:
		s.token.Finish = FinishLength
	}
	if s.token.Piece = s.speller.add(id); s.token.Finish != "" {
		s.token.Piece += s.speller.rest()
	}
}

// read reads what each sequence's cache lacks and sets d.last to the vectors of the last tokens.
func (g *Generator) read(d *decoding, all []*sequence) error {
	b := nn.Batch{B: len(all), Lengths: kernels.Grow(&d.lengths, len(all))}
	d.caches = d.caches[:0]
	for i, s := range all {
		g.unread(s)
		b.T, b.Lengths[i] = max(b.T, len(s.row)), int32(len(s.row))
		d.caches = append(d.caches, s.cache)
	}
	width := g.infer.width
	ids, x, last := kernels.Grow(&d.ids, b.B*b.T), kernels.Grow(&d.hidden, b.B*b.T*width), kernels.Grow(&d.last, b.B*width)
	b.Positions = kernels.Grow(&d.positions, b.B*b.T)
	for i, s := range all {
		copy(ids[i*b.T:], s.row)
		for t := range s.row {
			b.Positions[i*b.T+t] = int32(s.cache.Len() + t)
		}
	}
	if err := g.infer.embedding.Infer(x, ids, nil, &b); err != nil {
		return fmt.Errorf("text: generate: %w", err)
	}
	if err := g.infer.encoder.Decode(x, x, &b, d.caches); err != nil {
		return fmt.Errorf("text: generate: %w", err)
	}
	for i, s := range all {
		copy(last[i*width:(i+1)*width], x[(i*b.T+len(s.row)-1)*width:])
	}
	return nil
}

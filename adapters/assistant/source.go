package assistant

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer/extractive"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// maxSentences bounds the sentences of a passage that are compared with a message; those behind them are no sources.
const maxSentences = 64

// answer finds the sentence of the passage found that answers: the one that holds what the qa adapter points at, or else the one nearest to the message.
func (a *Assistant) answer(ctx context.Context, h *Heard) (*Answer, error) {
	passage := h.Best.Text
	out := &Answer{PassageID: h.Best.ID, Score: h.Best.Score, Text: passage}
	all := extractive.Sentences(passage)
	if len(all) == 0 { // of white space alone
		all = []extractive.Sentence{{Text: passage, End: len(passage)}}
	}
	all = all[:min(len(all), maxSentences)]
	if p := a.parts.Points; p != nil {
		found, err := p.Answer(ctx, []qa.Input{{Question: h.Message, Context: passage}})
		if err != nil {
			return nil, fmt.Errorf("assistant: %w", err)
		}
		if s := found[0].Span; s.EndByte > s.StartByte {
			for _, sentence := range all {
				if s.StartByte >= sentence.Start && s.StartByte < sentence.End {
					out.Span = &Piece{Text: s.Answer, Score: s.Score, Start: s.Start, End: s.End, StartByte: s.StartByte, EndByte: s.EndByte}
					sentence.End = max(sentence.End, s.EndByte) // a span over a sentence's end takes it along
					out.Sentence = piece(passage, sentence.Start, sentence.End, s.Score)
					return out, nil
				}
			}
		}
	}
	best, score := 0, h.Best.Score
	if len(all) > 1 {
		texts := make([]string, len(all))
		for i, s := range all {
			texts[i] = s.Text
		}
		vectors, err := a.parts.Knowledge.Embed(ctx, texts)
		if err != nil {
			return nil, fmt.Errorf("assistant: %w", err)
		}
		score = -2
		for i, v := range vectors {
			if c := cosine(v, h.vector); c > score {
				best, score = i, c
			}
		}
	}
	out.Sentence = piece(passage, all[best].Start, all[best].End, score)
	return out, nil
}

// piece is bytes start to end-1 of a passage.
func piece(passage string, start, end int, score float64) Piece {
	at := tokenizer.CodePoints(passage, []tokenizer.Span{{Start: start, End: end}})[0]
	return Piece{Text: passage[start:end], Score: score, Start: at.Start, End: at.End, StartByte: start, EndByte: end}
}

// cosine of two vectors of length 1. The sum runs in float64, in ascending order.
func cosine(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		sum += float64(float64(v) * float64(b[i]))
	}
	return sum
}

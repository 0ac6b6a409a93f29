// Package train learns tokenizers from text: WordPiece, as Hugging Face's WordPieceTrainer does, and byte-level BPE.
//
// Both count words, then merge the most frequent pair of neighbouring symbols again and again. Pair counts are kept up to date and wait in
// a heap, so that the time after counting is near to linear in the text of distinct words.
//
// The result depends on the text only. Of pairs that are equally frequent the one with the smaller left id, then the
// smaller right id goes first; the alphabet takes the most frequent characters, of equals the smaller code point.
package train

import (
	"context"
	"iter"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// WordPiece learns a BERT tokenizer from lines.
func WordPiece(ctx context.Context, lines iter.Seq2[string, error], c Config) (*tokenizer.Tokenizer, error) {
	if err := c.fill(tokenizer.BertTokens[:]); err != nil {
		return nil, err
	}
	counts, err := countWords(ctx, lines, tokenizer.BertWords(!c.Cased))
	if err != nil {
		return nil, err
	}
	v := newVocabulary(c.Special)
	words := v.spellWordPiece(counts, c.AlphabetLimit)
	if _, err := v.merge(ctx, words, c, "##"); err != nil {
		return nil, err
	}
	return tokenizer.NewWordPiece(v.tokens, tokenizer.BertOptions{Lowercase: !c.Cased})
}

// ByteLevelBPE learns a byte-level BPE tokenizer with GPT-2's pattern from lines. Every byte is in its alphabet, so no text is unknown to it.
func ByteLevelBPE(ctx context.Context, lines iter.Seq2[string, error], c Config) (*tokenizer.Tokenizer, error) {
	if err := c.fill([]string{"<|endoftext|>"}); err != nil {
		return nil, err
	}
	counts, err := countWords(ctx, lines, tokenizer.ByteLevelWords(c.PrefixSpace))
	if err != nil {
		return nil, err
	}
	v := newVocabulary(c.Special)
	words := v.spellBytes(counts)
	merges, err := v.merge(ctx, words, c, "")
	if err != nil {
		return nil, err
	}
	return tokenizer.NewByteLevel(v.tokens, merges, tokenizer.ByteLevelOptions{
		PrefixSpace: c.PrefixSpace, Special: c.Special, Cls: c.Cls, Sep: c.Sep,
	})
}

// Package tokenizer turns text into token ids and back, reading and writing the tokenizer.json of Hugging Face's tokenizers library.
//
// It covers WordPiece (the BERT family) and byte-level BPE (the GPT-2 and RoBERTa family): their normalisers, pre-tokenisers, added tokens,
// post-processors, decoders, truncation and padding. Ids, tokens, word indices and offsets equal those of the library; offsets are byte
// positions in the caller's text, and [CodePoints] turns them into the code points that Python reports.
//
// A [Tokenizer] is immutable and safe for concurrent use. [Tokenizer.AppendIDs] is the fast path: ids only, no garbage in steady state.
// No input takes more than about linear time: patterns are hand-written scanners, merges use a heap, long words have a limit.
//
// Files come from strangers. [Parse] refuses what it doesn't know with an error that wraps one of the sentinels of this package, within
// fixed limits of size, depth and memory, so that a Tokenizer that exists can't fail later on a missing token or an unbounded rule.
//
// One rule for text that is not UTF-8: every byte that isn't part of a valid encoding counts as one U+FFFD.
//
// Trainers live in the train sub-package, so that a program which only predicts doesn't link them.
package tokenizer

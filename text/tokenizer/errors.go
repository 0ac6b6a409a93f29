package tokenizer

import (
	"errors"
	"fmt"
)

// Sentinels. Every error about the content of a tokenizer's files wraps one of them.
var (
	// ErrSyntax: the file is not one JSON value in UTF-8.
	ErrSyntax = errors.New("not valid JSON")
	// ErrField: a field is missing, unknown, given twice, or of the wrong kind.
	ErrField = errors.New("invalid field")
	// ErrDepth: objects or rules are nested too deep.
	ErrDepth = errors.New("nested too deep")
	// ErrLimit: the file, the vocabulary, a token, a rule or the text is over its limit.
	ErrLimit = errors.New("over the limit")
	// ErrUnsupported: a model, rule or option that the library knows and this package doesn't have.
	ErrUnsupported = errors.New("not supported")
	// ErrVocab: an id is negative, too large, given twice or missing, or a token is given twice.
	ErrVocab = errors.New("invalid vocabulary")
	// ErrMerges: a merge is malformed, given twice, or its parts or its result are not in the vocabulary.
	ErrMerges = errors.New("invalid merges")
	// ErrSpecialToken: a token that a rule names is not in the vocabulary.
	ErrSpecialToken = errors.New("special token is not in the vocabulary")
	// ErrRegex: a regular expression is malformed or too large.
	ErrRegex = errors.New("invalid regular expression")
	// ErrRegexUnsupported: a regular expression is none of the known patterns that have a scanner here.
	ErrRegexUnsupported = errors.New("regular expression is not one of the known patterns")
	// ErrPostProcessor: a post-processor has an id out of range, an undefined token or a malformed template.
	ErrPostProcessor = errors.New("invalid post-processor")
	// ErrNotRegular: a file of a model folder is a folder, a pipe or another thing that is not a regular file.
	ErrNotRegular = errors.New("not a regular file")
	// ErrTruncation: truncation can't reach its length by its strategy.
	ErrTruncation = errors.New("cannot truncate")
)

// Limits on what Parse and Encode accept.
const (
	MaxFileBytes  = 64 << 20  // tokenizer.json
	MaxVocab      = 1_000_000 // tokens, added ones included
	MaxTokenBytes = 1024      // one token
	MaxTextBytes  = 1 << 30   // text given to Encode
	maxRuleBytes  = 4 << 20   // JSON of one rule: normaliser, pre-tokeniser, post-processor or decoder
	maxTrieBytes  = 8 << 20   // all WordPiece tokens together
	maxDepth      = 32        // nesting of JSON
	maxGrowth     = 16        // how much longer Replace rules may make a text
	maxPositions  = 1 << 24   // truncation, padding
	maxItems      = 64        // rules of one Sequence
)

// errorf makes an error about one part of a tokenizer.json: its path, the sentinel, what was found.
func errorf(path string, sentinel error, format string, args ...any) error {
	return fmt.Errorf("tokenizer: %s: %w: %s", path, sentinel, fmt.Sprintf(format, args...))
}

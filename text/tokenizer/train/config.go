package train

import (
	"errors"
	"fmt"
)

// ErrConfig: a Config asks for something that can't be.
var ErrConfig = errors.New("invalid configuration")

// Config says what to learn. The zero value of every field has a meaning.
type Config struct {
	VocabSize     int      // 0: 8192. Special tokens and alphabet count
	MinFrequency  int      // pairs seen less often are not merged; 0: 2
	AlphabetLimit int      // WordPiece: characters kept, most frequent first; 0: 1000
	Special       []string // first ids, in this order; nil: BERT's five for WordPiece, <|endoftext|> for byte-level BPE
	Cased         bool     // WordPiece: keep case and accents
	PrefixSpace   bool     // byte-level BPE: the start of a text is the start of a word
	Cls, Sep      string   // byte-level BPE: with both, texts stand between them; they must be special
}

func (c *Config) fill(special []string) error {
	if c.VocabSize == 0 {
		c.VocabSize = 8192
	}
	if c.MinFrequency == 0 {
		c.MinFrequency = 2
	}
	if c.AlphabetLimit == 0 {
		c.AlphabetLimit = 1000
	}
	if c.Special == nil {
		c.Special = special
	}
	if c.VocabSize < 0 || c.VocabSize > 1_000_000 || c.MinFrequency < 0 || c.AlphabetLimit < 0 {
		return fmt.Errorf("train: %w: vocabulary of %d, frequency %d, alphabet %d", ErrConfig, c.VocabSize, c.MinFrequency, c.AlphabetLimit)
	}
	seen := map[string]bool{}
	for _, s := range c.Special {
		if s == "" || seen[s] {
			return fmt.Errorf("train: %w: special token %q is empty or given twice", ErrConfig, s)
		}
		seen[s] = true
	}
	return nil
}

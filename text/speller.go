package text

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// A speller turns tokens into text one by one: its pieces, joined behind the text of the tokens before, are what Decode makes of
// all tokens. A token may show nothing yet, such as one of several with the bytes of one character.
type speller struct {
	tok   *tokenizer.Tokenizer
	ids   []int32 // tokens that are still looked at: what is shown and at least one token of context, then what isn't
	shown int     // of ids
}

// spellContext is how many shown tokens are kept for context, more than decide how the next one is spelled. Special ones aren't shown and decide
// nothing.
const spellContext = 4

// reset begins behind the tokens of a text.
func (s *speller) reset(t *tokenizer.Tokenizer, before []int32) {
	s.tok, s.ids = t, s.ids[:0]
	for i := len(before) - 1; i >= 0 && len(s.ids) < spellContext; i-- {
		if !t.IsSpecial(before[i]) {
			s.ids = append(s.ids, before[i])
		}
	}
	slices.Reverse(s.ids)
	s.shown = len(s.ids)
}

// add gives what a token adds to the text.
func (s *speller) add(id int32) string {
	s.ids = append(s.ids, id)
	before, all := s.tok.Decode(s.ids[:s.shown], true), s.tok.Decode(s.ids, true)
	piece, ok := strings.CutPrefix(all, before)
	if !ok || strings.HasSuffix(piece, string(utf8.RuneError)) {
		return "" // the next tokens decide
	}
	drop := max(0, len(s.ids)-spellContext)
	s.ids = s.ids[:copy(s.ids, s.ids[drop:])]
	s.shown = len(s.ids)
	return piece
}

// rest gives what is left to show at the end.
func (s *speller) rest() string {
	before, all := s.tok.Decode(s.ids[:s.shown], true), s.tok.Decode(s.ids, true)
	for i, r := range before {
		if size := utf8.RuneLen(r); i+size > len(all) || all[i:i+size] != before[i:i+size] {
			return all[i:]
		}
	}
	return all[len(before):]
}

package train

import (
	"slices"
	"unicode/utf8"

	"github.com/fmkit/fmkit/text/tokenizer"
)

// A vocabulary grows token by token; a token's index is its id.
type vocabulary struct {
	tokens []string
	ids    map[string]int32
}

func newVocabulary(special []string) *vocabulary {
	v := &vocabulary{ids: map[string]int32{}}
	for _, s := range special {
		v.add(s)
	}
	return v
}

// add gives the id of a token, which is new or known.
func (v *vocabulary) add(token string) int32 {
	id, ok := v.ids[token]
	if !ok {
		id = int32(len(v.tokens))
		v.tokens = append(v.tokens, token)
		v.ids[token] = id
	}
	return id
}

// A word is a distinct word as ids.
type word struct {
	ids   []int32
	count int64
}

// spellWordPiece adds the alphabet, in order of code points, then spells every word by it. As in Hugging Face's
// trainer, characters outside the alphabet are left out, and those that go on a word are added as "##c" when first met.
func (v *vocabulary) spellWordPiece(counts []wordCount, limit int) []word {
	chars := map[rune]int64{}
	for _, w := range counts {
		for _, r := range w.word {
			chars[r] += w.count
		}
	}
	alphabet := byCount(chars)
	alphabet = alphabet[:min(limit, len(alphabet))]
	slices.Sort(alphabet)
	for _, r := range alphabet {
		v.add(string(r))
	}
	words := make([]word, 0, len(counts))
	for _, w := range counts {
		out := word{count: w.count}
		for i, r := range w.word {
			if _, ok := slices.BinarySearch(alphabet, r); !ok {
				continue
			}
			token := string(r)
			if i > 0 {
				token = "##" + token
			}
			out.ids = append(out.ids, v.add(token))
		}
		words = append(words, out)
	}
	return words
}

// spellBytes adds all 256 bytes, in order of their characters, then spells every word by them.
func (v *vocabulary) spellBytes(counts []wordCount) []word {
	var spelt [256]string
	for b := range spelt {
		spelt[b] = tokenizer.ByteLevel(string([]byte{byte(b)}))
	}
	sorted := spelt
	slices.SortFunc(sorted[:], func(a, b string) int {
		x, _ := utf8.DecodeRuneInString(a)
		y, _ := utf8.DecodeRuneInString(b)
		return int(x - y)
	})
	for _, s := range sorted {
		v.add(s)
	}
	words := make([]word, 0, len(counts))
	for _, w := range counts {
		out := word{count: w.count, ids: make([]int32, len(w.word))}
		for i := range len(w.word) {
			out.ids[i] = v.ids[spelt[w.word[i]]]
		}
		words = append(words, out)
	}
	return words
}

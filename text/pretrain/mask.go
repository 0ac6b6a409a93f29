package pretrain

import (
	"fmt"
	"math"
	"strings"

	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// ignored is the target of a position that the loss passes over.
const ignored = -100

// A masker hides whole words of a window, the masked-language-model objective of BERT (Devlin et al., 2018) with whole-word masking: words are drawn in random order
// until a fraction of all tokens is covered; of the tokens drawn 80 % become [MASK], 10 % a random token, 10 % stay, and the model is asked
// for all of them.
type masker struct {
	mask     int32
	begins   []bool  // by token: it starts a word
	ordinary []int32 // tokens that may stand in for another, in ascending order
	special  []bool  // by token: never drawn
}

// newMasker knows which tokens of a vocabulary begin words: in WordPiece those without ##, in byte-level BPE those that
// start with a space or that don't start with a letter.
func newMasker(tok *tokenizer.Tokenizer) (*masker, error) {
	r := tok.Roles()
	if r.Mask < 0 {
		return nil, fmt.Errorf("pretrain: the tokenizer has no [MASK] token")
	}
	n := tok.VocabSize()
	m := &masker{mask: r.Mask, begins: make([]bool, n), special: make([]bool, n)}
	bytelevel := false
	for id := range int32(n) {
		bytelevel = bytelevel || strings.HasPrefix(tok.Token(id), "Ġ")
	}
	for id := range int32(n) {
		token := tok.Token(id)
		m.special[id] = tok.IsSpecial(id)
		if bytelevel {
			letter := token != "" && (token[0] >= 'a' && token[0] <= 'z' || token[0] >= 'A' && token[0] <= 'Z' || token[0] >= 0x80)
			m.begins[id] = strings.HasPrefix(token, "Ġ") || strings.HasPrefix(token, "Ċ") || !letter
		} else {
			m.begins[id] = !strings.HasPrefix(token, "##")
		}
		if !m.special[id] {
			m.ordinary = append(m.ordinary, id)
		}
	}
	if len(m.ordinary) == 0 {
		return nil, fmt.Errorf("pretrain: the tokenizer has special tokens only")
	}
	return m, nil
}

// apply writes the masked window to ids [T] and what to predict, a fraction rate of its tokens, to targets [T]. It depends on its arguments only, so a sample is masked alike
// whenever and wherever it is drawn. A word that doesn't fit into what is left of the budget is passed over for a shorter one.
func (m *masker) apply(ids, targets, window []int32, rate float64, key uint64) {
	copy(ids, window)
	var words []span
	n := 0
	for i, id := range window {
		targets[i] = ignored
		if m.special[id] {
			continue
		}
		n++
		if i == 0 || m.begins[id] || m.special[window[i-1]] {
			words = append(words, span{i, i + 1})
		} else {
			words[len(words)-1].end = i + 1
		}
	}
	budget := max(1, int(math.Round(rate*float64(n))))
	for rank, w := range random.Perm(random.Mix(key, 0), len(words)) {
		if budget == 0 {
			break
		}
		word := words[w]
		if rank > 0 && word.end-word.start > budget {
			continue
		}
		budget = max(0, budget-(word.end-word.start))
		for i := word.start; i < word.end; i++ {
			targets[i] = window[i]
			switch draw := random.Mix(key, uint64(1+2*i)) % 10; {
			case draw < 8:
				ids[i] = m.mask
			case draw == 8:
				ids[i] = m.ordinary[random.Mix(key, uint64(2+2*i))%uint64(len(m.ordinary))]
			}
		}
	}
}

// lay appends a window to b, masked, and what to predict of it.
func (m *masker) lay(b *batch, window []int32, pad int32, rate float64, key uint64) {
	at := b.add(window, pad, key)
	targets := make([]int32, len(window))
	m.apply(b.ids[at:at+len(window)], targets, window, rate, key)
	for i, target := range targets {
		if target != ignored {
			b.positions = append(b.positions, int32(at+i))
			b.targets = append(b.targets, target)
		}
	}
}

// A span is a range of positions.
type span struct{ start, end int }

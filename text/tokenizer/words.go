package tokenizer

import "unicode/utf8"

// BertWords gives a function that cuts a text into words as a BERT tokenizer does before it looks them up. The word is valid during the call only.
// The function is for one goroutine.
func BertWords(lowercase bool) func(text string, yield func(word []byte)) {
	n := &normalizer{kind: "BertNormalizer", clean: true, chinese: true, lower: lowercase}
	s := &scratch{}
	return func(text string, yield func(word []byte)) {
		src := n.apply(s, s.load(text), false)
		for i, j := nextBert(src.b, 0); i < len(src.b); i, j = nextBert(src.b, j) {
			yield(src.b[i:j])
		}
	}
}

// ByteLevelWords gives a function that cuts a text into words by GPT-2's pattern. The word is valid during the call
// only. The function is for one goroutine.
func ByteLevelWords(prefixSpace bool) func(text string, yield func(word []byte)) {
	s := &scratch{}
	return func(text string, yield func(word []byte)) {
		src := s.load(text)
		if prefixSpace && len(src.b) > 0 && src.b[0] != ' ' {
			src = s.prefix(src)
		}
		for i := 0; i < len(src.b); {
			j := nextGPT2(src.b, i)
			yield(src.b[i:j])
			i = j
		}
	}
}

// load copies text into s, with what is not UTF-8 repaired.
func (s *scratch) load(text string) aligned {
	s.text = append(s.text[:0], text...)
	if !utf8.Valid(s.text) {
		s.fixed.repair(s.text, s.enc != nil)
		return s.fixed
	}
	return aligned{b: s.text}
}

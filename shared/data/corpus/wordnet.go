package corpus

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// A wordSense is one meaning of a word of WordNet.
type wordSense struct {
	PartOfSpeech string // n, v, adj or adv
	Gloss        string
	Examples     []string
	Synonyms     []string // with the word itself; nil where there are no others
}

var (
	senseLine = regexp.MustCompile(`^ {4}(?:(n|v|adj|adv) )?\d{1,3}: (.*)$`)
	wordList  = regexp.MustCompile(` ?\[(syn|ant|also): ((?:\{[^{}]*\}(?:, )?)*)\]`)
	example   = regexp.MustCompile(`"([^"]+)"`)
)

// parseWordNetEntry reads an entry of the dictd form of WordNet: the headword on a line of its own, then senses "n 1: gloss; "example" [syn:
// {a}, {b}]", indented by four spaces, whose further lines are indented by more. A sense with no part of speech has that of the one before.
// An error names the line of the entry, from 1.
func parseWordNetEntry(text string) (word string, senses []wordSense, line int, err error) {
	word, rest, _ := strings.Cut(strings.TrimRight(text, "\n"), "\n")
	word = strings.TrimSpace(word)
	if word == "" {
		return "", nil, 1, fmt.Errorf("no headword: %w", data.ErrEmpty)
	}
	part := ""
	var body strings.Builder
	end := func() {
		if body.Len() > 0 {
			senses = append(senses, parseSense(part, body.String()))
		}
		body.Reset()
	}
	line = 1
	for s := range strings.SplitSeq(rest, "\n") {
		line++
		if m := senseLine.FindStringSubmatch(s); m != nil {
			end()
			if m[1] != "" {
				part = m[1]
			}
			if part == "" {
				return word, nil, line, fmt.Errorf("sense %q has no part of speech", s)
			}
			body.WriteString(m[2])
			continue
		}
		if !strings.HasPrefix(s, "     ") || body.Len() == 0 {
			return word, nil, line, fmt.Errorf("got %q, want a sense or a line that goes on", s)
		}
		body.WriteByte(' ')
		body.WriteString(strings.TrimSpace(s))
	}
	end()
	if len(senses) == 0 {
		return word, nil, line, fmt.Errorf("no senses: %w", data.ErrEmpty)
	}
	return word, senses, line, nil
}

func parseSense(part, body string) wordSense {
	s := wordSense{PartOfSpeech: part}
	for _, m := range wordList.FindAllStringSubmatch(body, -1) {
		if m[1] == "syn" {
			for _, w := range linked.FindAllStringSubmatch(m[2], -1) {
				if name := strings.TrimSpace(w[1]); name != "" {
					s.Synonyms = append(s.Synonyms, name)
				}
			}
		}
	}
	body = strings.TrimSpace(wordList.ReplaceAllString(body, ""))
	s.Gloss = body
	if i := strings.Index(body, `; "`); i >= 0 {
		s.Gloss = body[:i]
		for _, m := range example.FindAllStringSubmatch(body[i+2:], -1) {
			s.Examples = append(s.Examples, strings.TrimSpace(m[1]))
		}
	}
	return s
}

// A wordNetReader makes documents of entries. A sense that several words share is read with the first of them.
type wordNetReader struct {
	seed uint64
	seen map[uint64]bool // hashes of the senses read
}

// readWordNet reads WordNet: a document an entry. A sense is a line "word, synonyms: gloss", and its examples are lines of their own.
func (w *wordNetReader) read(l location, give func(*document) error, dropped func(string)) error {
	return eachEntry(l, func(e dictEntry, text string) error {
		index, _, _ := dictFiles(l)
		if !utf8.ValidString(text) {
			return &data.RowError{File: index.real, Line: e.line, Err: fmt.Errorf("entry %q: %w", e.word, data.ErrEncoding)}
		}
		word, senses, line, err := parseWordNetEntry(text)
		if err != nil {
			return &data.RowError{File: index.real, Line: e.line, Err: fmt.Errorf("line %d of entry %q: %w", line, e.word, err)}
		}
		d := w.document(word, senses)
		if len(d.lines) == 0 {
			return nil
		}
		return give(d)
	})
}

func (w *wordNetReader) document(word string, senses []wordSense) *document {
	d := &document{}
	for _, s := range senses {
		key := hashText(s.PartOfSpeech + "\x00" + s.Gloss + "\x00" + strings.Join(s.Synonyms, "\x00"))
		if s.Synonyms != nil && w.seen[key] {
			continue
		}
		w.seen[key] = true
		names := []string{word}
		for _, n := range s.Synonyms {
			if !slices.ContainsFunc(names, func(have string) bool { return strings.EqualFold(have, n) }) {
				names = append(names, n)
			}
		}
		all := strings.Join(names, ", ")
		id := d.add(all + ": " + s.Gloss)
		d.lines[id].aside = true
		d.pairs = append(d.pairs, pair{kind: kindGloss, a: all, b: s.Gloss, aLine: -1, bLine: -1, needs: id})
		for _, x := range s.Examples {
			id := d.add(x)
			d.lines[id].aside = true
			if other := w.replace(x, names); other != "" {
				d.pairs = append(d.pairs, pair{kind: kindExample, aLine: id, b: other, bLine: -1, needs: id})
			}
		}
	}
	return d
}

// replace puts one of the other names, of a single word, in lower case and not in the sentence, in the place of the first name that the sentence holds as it stands. Which
// one is drawn by seed and sentence. It gives "" where there is none, or where "a" would have to become "an".
func (w *wordNetReader) replace(sentence string, names []string) string {
	for _, have := range names {
		at := findWord(sentence, have)
		if at < 0 {
			continue
		}
		var others []string
		for _, n := range names {
			if n != have && plainWord(n) && findWord(sentence, n) < 0 && sameArticle(sentence[:at], have, n) {
				others = append(others, n)
			}
		}
		if len(others) == 0 {
			continue
		}
		pick := random.Mix(random.Key(w.seed, "corpus.synonym"), hashText(sentence)) % uint64(len(others))
		return sentence[:at] + others[pick] + sentence[at+len(have):]
	}
	return ""
}

// findWord finds word in s where no letter or digit touches it.
func findWord(s, word string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return -1
		}
		at := from + i
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+len(word):])
		if !inWord(before) && !inWord(after) {
			return at
		}
		from = at + 1
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '\'' }

// plainWord says whether a name is one word of lower-case letters.
func plainWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLower(r) })
}

// sameArticle says whether both words may follow the article, if any, that ends before.
func sameArticle(before, have, other string) bool {
	f := strings.Fields(before)
	if len(f) == 0 || !strings.EqualFold(f[len(f)-1], "a") && !strings.EqualFold(f[len(f)-1], "an") {
		return true
	}
	vowel := func(s string) bool { return strings.ContainsRune("aeiou", unicode.ToLower([]rune(s)[0])) }
	return vowel(have) == vowel(other)
}

package corpus

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// entryWords is the fewest words of a line of an entry but the first: shorter ones are headwords and remarks.
const entryWords = 3

// readDict reads a dictd database: a document an entry. Its first line is "headword: first sentence", and both make a pair.
func readDict(l location, give func(*document) error, dropped func(string)) error {
	return eachEntry(l, func(e dictEntry, text string) error {
		if !utf8.ValidString(text) {
			dropped(strings.ToValidUTF8(text, "\ufffd"))
			return nil
		}
		word, body := parseDictEntry(text)
		if word == "" {
			word = e.word
		}
		d := &document{}
		paragraphs := newProseReader(func(p *document) error {
			gap := false
			for _, s := range p.lines {
				if len(d.lines) > 0 && words(s.text) < entryWords {
					dropped(s.text)
					gap = true
					continue
				}
				id := d.add(s.text)
				d.lines[id].gap = s.gap || gap
				gap = false
			}
			return nil
		}, dropped)
		for _, s := range body {
			if err := paragraphs.line(s); err != nil {
				return err
			}
		}
		if err := paragraphs.end(); err != nil {
			return err
		}
		if len(d.lines) == 0 {
			return nil
		}
		first := d.lines[0].text
		d.lines[0].text = word + ": " + first
		if r, _ := utf8.DecodeRuneInString(first); unicode.IsLetter(r) || unicode.IsDigit(r) { // else it is a remark on the word
			d.pairs = append(d.pairs, pair{kind: kindGloss, a: word, b: first, aLine: -1, bLine: -1, needs: 0})
		}
		return give(d)
	})
}

var (
	pronunciation = regexp.MustCompile(`\\[^\\\n]{1,80}\\`)
	partOfSpeech  = regexp.MustCompile(`^[\s,;.:]*(?:(?:(?:n|a|adj|adv|v|t|i|vi|vt|pl|prep|conj|interj|pron|imp|p|pr|vb|sing|prop|superl|compar|obs|excl|quant|abbrev|suff|pref)\.|or|&|and)[\s,;]+|<[^<>]{1,60}>[\s,]*|/[^/\n]{0,60}/[\s,]*|\([A-Z0-9][\w /.&-]{0,24}\)[\s,]*|\d{1,2}\.\s+|\([a-z]\)\s+)+`)
	further       = regexp.MustCompile(`^(?:\s*,\s*(?:or )?[A-Z][\w' -]{1,40}(?:,|\s*$))+`)
	phonetics     = regexp.MustCompile("\\((?:[^()]*[\"*?`][^()]*|-[^()]*|[^()aeiou ]*)\\)[\\s,]*|\\([^()]{1,40}\\),\\s*")
	derived       = regexp.MustCompile("\\s*--\\s*(?:[A-Z][\\w\"*'`-]+,?\\s*)?(?:n|a|adv|v)\\.(\\s|$)")
	stops         = regexp.MustCompile(`(\w)\.\.(\s|$)`)
	attribution   = regexp.MustCompile(`\s*--\s?[A-Z][\w. '&]{1,40}$`)
	number        = regexp.MustCompile(`^\s*(?:\d{1,2}\.|\([a-z]\))\s+`)
	usage         = regexp.MustCompile(`\s*\[(?:[^\[\]]|\[[^\[\]]*\])*\]`)
	linked        = regexp.MustCompile(`\{([^{}]*)\}`)
)

// parseDictEntry takes an entry apart: the headword, which starts the first line, and the lines of the text below it without further headwords,
// pronunciation, parts of speech, etymologies, remarks in brackets, citations and the braces of links.
func parseDictEntry(text string) (word string, body []string) {
	head, rest, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	word, _, webster := strings.Cut(head, `\`)
	if webster {
		rest = head[len(word):] + "\n" + dropCitations(rest)
	} else {
		word, _, _ = strings.Cut(head, "%%%")
		for rest != "" && !strings.ContainsAny(rest[:1], " \t\n") { // other headwords
			_, rest, _ = strings.Cut(rest, "\n")
		}
	}
	word = strings.Join(strings.Fields(linked.ReplaceAllString(word, "$1")), " ")
	word = strings.TrimRight(word, ", ")
	rest = pronunciation.ReplaceAllString(rest, " ")
	rest = usage.ReplaceAllString(rest, "")
	rest = linked.ReplaceAllStringFunc(rest, func(s string) string { return strings.Join(strings.Fields(s[1:len(s)-1]), " ") })
	if webster {
		rest = derived.ReplaceAllString(rest, "$1")
	}
	rest = stops.ReplaceAllString(rest, "$1.$2")
	for s := range strings.SplitSeq(rest, "\n") {
		if len(body) == 0 { // what stands before the text may take several lines
			if webster {
				s = phonetics.ReplaceAllString(s, ",")
				s = further.ReplaceAllString(s, ",")
			}
			s = partOfSpeech.ReplaceAllString(s+" ", "")
			if strings.Trim(s, " \t,") == "" {
				continue
			}
		} else if m := number.FindString(s); m != "" {
			body = append(body, "") // another sense
			s = partOfSpeech.ReplaceAllString(s[len(m):]+" ", "")
		}
		body = append(body, attribution.ReplaceAllString(strings.TrimSpace(s), ""))
	}
	return word, body
}

// dropCitations leaves out the lines that stand far to the right.
func dropCitations(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		if strings.HasPrefix(line, "            ") {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

package corpus

import (
	"encoding/json"
	"io"
)

// Bounds of the sides of pairs, in words.
const (
	nextMin     = 4
	turnMin     = 2
	declaredMin = 2 // of the second side of the other kinds
	sideMax     = 64
)

// A Pair is a line of PairsFile: two texts that belong together.
type Pair struct {
	A      string `json:"a"`
	B      string `json:"b"`
	Kind   string `json:"kind"` // next, turn, question, gloss, example or title
	Source string `json:"source"`
}

// A pairWriter writes JSON lines and counts their bytes.
type pairWriter struct {
	w     io.Writer
	bytes int64
	enc   *json.Encoder
}

func newPairWriter(w io.Writer) *pairWriter {
	p := &pairWriter{w: w}
	p.enc = json.NewEncoder(p)
	p.enc.SetEscapeHTML(false)
	return p
}

// Write passes bytes on.
func (p *pairWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.bytes += int64(n)
	return n, err
}

// writePairs writes the pairs of a document whose lines were kept: consecutive lines, and those that its reader found. The same pair is
// written once. Pairs do not depend on a source's weight, but for documents that a weight below 1 leaves out.
func (b *builder) writePairs(d *document) error {
	byID := map[int]string{}
	for i, l := range d.lines {
		byID[l.id] = l.text
		if i == 0 || l.gap || l.aside || d.lines[i-1].aside {
			continue
		}
		p := Pair{A: d.lines[i-1].text, B: l.text, Kind: kindNext}
		least := nextMin
		if d.dialogue {
			p.Kind, least = kindTurn, turnMin
		}
		if err := b.writePair(p, least); err != nil {
			return err
		}
	}
	for _, q := range d.pairs {
		if _, ok := byID[q.needs]; q.needs >= 0 && !ok {
			continue
		}
		a, err := b.side(q.a, q.aLine, byID)
		if err != nil {
			return err
		}
		other, err := b.side(q.b, q.bLine, byID)
		if err != nil {
			return err
		}
		if words(other) < declaredMin {
			continue
		}
		if err := b.writePair(Pair{A: a, B: other, Kind: q.kind}, 1); err != nil {
			return err
		}
	}
	return nil
}

// side gives the text of one side, "" where its line is gone or an evaluation set has it.
func (b *builder) side(text string, id int, lines map[int]string) (string, error) {
	if id >= 0 {
		return lines[id], nil
	}
	text = clean(text)
	found := b.eval.search([]line{{text: text}})
	if len(found) == 0 {
		return text, nil
	}
	if b.o.Strict {
		return "", b.eval.found(b.report.Name, text, found[0])
	}
	return "", nil
}

func (b *builder) writePair(p Pair, least int) error {
	n, m := words(p.A), words(p.B)
	if min(n, m) < least || max(n, m) > sideMax || p.A == p.B || b.paired.add(hashText(p.Kind+"\x00"+p.A+"\x00"+p.B)) {
		return nil
	}
	p.Source = b.report.Name
	b.report.Pairs[p.Kind]++
	b.manifest.Pairs[p.Kind]++
	return b.pairs.enc.Encode(p)
}

package corpus

// A document is text that belongs together: the lines in order, and the pairs that its reader made of it.
type document struct {
	lines    []line
	pairs    []pair
	dialogue bool // the lines are turns
}

// A line is a sentence or a turn.
type line struct {
	text  string
	id    int  // number in the document as read: pairs refer to it
	gap   bool // something stood between this line and the one before
	aside bool // does not follow from the line before, nor the next from it
}

// Kinds of pairs.
const (
	kindNext     = "next"     // consecutive sentences of a document
	kindTurn     = "turn"     // consecutive turns of a dialogue or meeting
	kindQuestion = "question" // a question and the sentence that answers it
	kindGloss    = "gloss"    // a word with its synonyms, and what it means
	kindExample  = "example"  // a sentence, and the same with a synonym in it
	kindTitle    = "title"    // a title and the first sentence of its text
)

// A pair is two texts that belong together. A side is a text of its own or, where its line is not negative, the line with that id.
type pair struct {
	a, b         string
	aLine, bLine int
	kind         string
	needs        int // a line that must be kept for the pair to be, -1 for none
}

// add appends a line and gives its id.
func (d *document) add(text string) int {
	id := len(d.lines)
	d.lines = append(d.lines, line{text: text, id: id})
	return id
}

// drop removes the lines that gone names, by index, and marks the gaps.
func (d *document) drop(gone func(i int) bool) {
	kept := d.lines[:0]
	gap := false
	for i, l := range d.lines {
		if gone(i) {
			gap = true
			continue
		}
		l.gap = l.gap || gap
		gap = false
		kept = append(kept, l)
	}
	d.lines = kept
}

// Count is an amount of text. Words are what lies between white space.
type Count struct {
	Documents int64 `json:"documents"`
	Sentences int64 `json:"sentences"`
	Words     int64 `json:"words"`
}

func (c *Count) line(text string) {
	c.Sentences++
	c.Words += int64(words(text))
}

func (c *Count) add(d Count) {
	c.Documents += d.Documents
	c.Sentences += d.Sentences
	c.Words += d.Words
}

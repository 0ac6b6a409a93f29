package corpus

// documentWords is where a document of running text ends: with the paragraph that reaches it.
const documentWords = 800

// A flow puts the sentences of running text into documents.
type flow struct {
	give  func(*document) error
	doc   *document
	words int
	gap   bool // something was dropped since the last sentence
}

func newFlow(give func(*document) error) flow { return flow{give: give, doc: &document{}} }

// add cuts a paragraph into sentences, and ends a document that is long enough.
func (f *flow) add(paragraph string) error {
	for _, s := range sentences(paragraph) {
		id := f.doc.add(s)
		f.doc.lines[id].gap = f.gap
		f.gap = false
		f.words += words(s)
	}
	if f.words >= documentWords {
		return f.endDocument()
	}
	return nil
}

// endDocument gives what there is.
func (f *flow) endDocument() error {
	d := f.doc
	f.doc, f.words, f.gap = &document{}, 0, false
	if len(d.lines) == 0 {
		return nil
	}
	return f.give(d)
}

package summarizer

// A Row is what the encoder sees of a document at once: [CLS] sentence [SEP] sentence [SEP] ...
type Row struct {
	IDs   []int32 // [T]
	Spans []Span  // one per sentence in the row, without the [SEP]
	First int     // number, in the document, of the first sentence
}

// A layout says how documents become rows.
type layout struct {
	length   int // most tokens of a row
	sentence int // most tokens of one sentence; what is longer is cut
	cls, sep int32
}

// rows lays out the sentences of a document: in one row where they fit, else in as few whole-sentence rows as a first fit in order gives, evened out
// so that the last row isn't a lone sentence without company. Every sentence is in exactly one row; one without tokens has
// a span of its [SEP] alone.
func (l *layout) rows(sentences [][]int32) []Row {
	limit := min(l.sentence, l.length-2)
	cut := make([][]int32, len(sentences))
	total := 0
	for i, s := range sentences {
		cut[i] = s[:min(len(s), limit)]
		total += len(cut[i]) + 1
	}
	// Aim at equal rows: total tokens over the number of rows that a first fit needs.
	target := l.length
	if n := len(l.fit(cut, l.length)); n > 1 {
		for even := 1 + (total+n-1)/n; even < l.length; even += 1 + l.length/32 {
			if len(l.fit(cut, even)) <= n {
				target = even
				break
			}
		}
	}
	all := l.fit(cut, target)
	tokens := total - len(cut)
	for _, r := range all {
		for i := range r.Spans {
			at := r.First + i
			r.Spans[i].Place = placeOf(at, len(cut), len(cut[at]), tokens)
		}
	}
	return all
}

// fit fills rows in order up to target tokens each, at least one sentence a row.
func (l *layout) fit(sentences [][]int32, target int) []Row {
	var all []Row
	for i, s := range sentences {
		if len(all) == 0 || len(all[len(all)-1].IDs)+len(s)+1 > target && len(all[len(all)-1].Spans) > 0 {
			all = append(all, Row{IDs: []int32{l.cls}, First: i})
		}
		r := &all[len(all)-1]
		start := int32(len(r.IDs))
		r.IDs = append(r.IDs, s...)
		r.IDs = append(r.IDs, l.sep)
		r.Spans = append(r.Spans, Span{Start: start, End: max(start+int32(len(s)), start+1)})
	}
	return all
}

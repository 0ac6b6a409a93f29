package corpus

// longWords is the number of words above which a sentence is looked for among near duplicates; one that is not longer is a duplicate of its
// exact words only, and in a dialogue never.
const longWords = 8

// leftOut counts what a reader leaves out.
func (b *builder) leftOut(text string) {
	b.report.Read.line(text)
	b.report.Cleaned.line(text)
}

// document takes a document through all filters and writes what is left of it.
func (b *builder) document(d *document) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	b.report.Read.Documents++
	b.clean(d)
	if len(d.lines) == 0 {
		b.report.Cleaned.Documents++
		return nil
	}
	for _, step := range []struct {
		filter func(*document) error
		count  *Count
	}{
		{b.dropOverlaps, &b.report.Overlaps},
		{b.dropDuplicates, &b.report.NearDuplicates},
		{b.dropOverlaps, &b.report.Overlaps}, // lines that follow each other only now may hold a text between them
	} {
		if err := step.filter(d); err != nil {
			return err
		}
		if len(d.lines) == 0 {
			step.count.Documents++
			return nil
		}
	}
	b.report.Kept.Documents++
	for _, l := range d.lines {
		b.report.Kept.line(l.text)
	}
	written, err := b.out.document(d)
	if err != nil || !written {
		return err
	}
	return b.writePairs(d)
}

// clean cleans every line and drops those with nothing left.
func (b *builder) clean(d *document) {
	for i := range d.lines {
		l := &d.lines[i]
		text := clean(l.text)
		if text == "" {
			b.report.Read.line(l.text)
			b.report.Cleaned.line(l.text)
		} else {
			b.report.Read.line(text)
		}
		l.text = text
	}
	d.drop(func(i int) bool { return d.lines[i].text == "" })
}

// dropOverlaps drops the lines that share text with an evaluation set, until none does. In a strict run they are an error.
func (b *builder) dropOverlaps(d *document) error {
	for len(d.lines) > 0 {
		found := b.eval.search(d.lines)
		if len(found) == 0 {
			return nil
		}
		if b.o.Strict {
			return b.eval.found(b.report.Name, d.lines[found[0].last].text, found[0])
		}
		gone := make([]bool, len(d.lines))
		for _, t := range found {
			f := b.eval.file(t.hit.Text)
			for i := t.first; i <= t.last; i++ {
				if gone[i] {
					continue
				}
				gone[i] = true
				b.report.Overlaps.line(d.lines[i].text)
				b.report.OverlapsWith[b.eval.files[f].written]++
				b.manifest.Exclude[f].Sentences++
			}
		}
		d.drop(func(i int) bool { return gone[i] })
	}
	return nil
}

// dropDuplicates drops the document if it is one, or else its sentences that are.
func (b *builder) dropDuplicates(d *document) error {
	gone := make([]bool, len(d.lines))
	b.words = appendWords(b.words[:0], d.lines...)
	all := b.whole.add(hashWords(b.words))
	if !all && len(d.lines) > 1 && len(b.words) > longWords {
		b.set = shingles(b.set[:0], b.words)
		var err error
		if all, err = b.documents.seen(b.set); err != nil {
			return err
		}
	}
	short := make([]bool, len(d.lines))
	for i := range d.lines {
		if all {
			gone[i] = true
			continue
		}
		b.words = appendWords(b.words[:0], d.lines[i])
		if short[i] = len(b.words) <= longWords; short[i] {
			gone[i] = !d.dialogue && b.shorts.add(hashWords(b.words))
			continue
		}
		b.set = shingles(b.set[:0], b.words)
		var err error
		if gone[i], err = b.sentences.seen(b.set); err != nil {
			return err
		}
	}
	if d.dialogue {
		between(gone, short)
	}
	for i, l := range d.lines {
		if gone[i] {
			b.report.NearDuplicates.line(l.text)
		}
	}
	d.drop(func(i int) bool { return gone[i] })
	return nil
}

// between marks short turns as gone where the longer turns before and after them are: they are part of a copied passage.
func between(gone, short []bool) {
	for i := 0; i < len(short); {
		if !short[i] {
			i++
			continue
		}
		j := i
		for j < len(short) && short[j] {
			j++
		}
		first, last := i == 0, j == len(short)
		if !(first && last) && (first || gone[i-1]) && (last || gone[j]) {
			for k := i; k < j; k++ {
				gone[k] = true
			}
		}
		i = j
	}
}

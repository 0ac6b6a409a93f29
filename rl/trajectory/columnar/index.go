package columnar

// index finds the pages of a column in a row group, once.
func (f *File) index(c Column, i int) (*pages, error) {
	key := [2]int{i, c.leaf}
	f.mu.Lock()
	found, ok := f.pages[key]
	f.mu.Unlock()
	if ok {
		return found, nil
	}
	g := f.footer.groups[i]
	ch, all, rows := g.chunks[c.leaf], &pages{}, int64(0)
	for at, end := ch.start(), ch.start()+ch.size; at < end; {
		h, err := f.headerAt(at, end)
		if err != nil {
			return nil, err
		}
		switch h.kind {
		case dictionaryPage:
			if all.dictionary != 0 || len(all.data) > 0 {
				return nil, malformed("got a second dictionary")
			}
			all.dictionary = at
		case dataPage, dataPageV2:
			if len(all.data) == f.limits.Pages {
				return nil, beyond("got more than %d pages", f.limits.Pages)
			}
			all.data = append(all.data, page{at, rows})
			n := h.values
			if c.List {
				if n, err = f.begun(c, ch, at, h); err != nil {
					return nil, err
				}
			}
			rows += n
		case indexPage:
		default:
			return nil, malformed("got a page of type %d", h.kind)
		}
		at += h.length + h.size
	}
	if rows != g.rows {
		return nil, malformed("got %d rows in its pages, want %d", rows, g.rows)
	}
	f.mu.Lock()
	f.pages[key] = all
	f.mu.Unlock()
	return all, nil
}

// dictionary reads the dictionary page at an offset, 0 for none.
func (f *File) dictionary(c Column, ch chunk, at int64) (*Values, error) {
	if at == 0 {
		return nil, nil
	}
	h, err := f.headerAt(at, ch.start()+ch.size)
	if err != nil {
		return nil, err
	}
	_, b, err := f.body(ch.codec, at, h)
	if err != nil {
		return nil, err
	}
	return plain(c.Kind, b, int(h.values))
}

// begun counts the rows that begin in a data page of lists.
func (f *File) begun(c Column, ch chunk, at int64, h header) (int64, error) {
	before, b, err := f.body(ch.codec, at, h)
	if err != nil {
		return 0, err
	}
	rep, _, _, err := split(c, h, before, b)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	for _, r := range rep {
		if r == 0 {
			n++
		}
	}
	return n, nil
}

// data reads and decodes the data page at an offset.
func (f *File) data(c Column, ch chunk, at int64, dictionary *Values) (*decoded, error) {
	h, err := f.headerAt(at, ch.start()+ch.size)
	if err != nil {
		return nil, err
	}
	before, b, err := f.body(ch.codec, at, h)
	if err != nil {
		return nil, err
	}
	d := &decoded{n: int(h.values)}
	if d.rep, d.def, b, err = split(c, h, before, b); err != nil {
		return nil, err
	}
	n := d.n
	if d.def != nil {
		n = 0
		for _, v := range d.def {
			if int(v) == c.maxDef {
				n++
			}
		}
		if n == d.n && !c.List {
			d.def = nil
		}
	}
	d.values, err = decode(c.Kind, h.encoding, b, n, dictionary)
	return d, err
}

// split takes the levels of a data page off the front: before are those of version 2.
func split(c Column, h header, before, b []byte) (rep, def, rest []byte, err error) {
	take := func(most int, size int64) ([]byte, error) {
		if most == 0 {
			return nil, nil
		}
		from := &b
		if h.kind == dataPageV2 {
			from = &before
		} else {
			if len(b) < 4 {
				return nil, malformed("levels: the page ends within them")
			}
			size = int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 | int64(b[3])<<24
			b = b[4:]
		}
		if size > int64(len(*from)) {
			return nil, malformed("levels: got %d bytes, want at most %d", size, len(*from))
		}
		runs := (*from)[:size]
		*from = (*from)[size:]
		return levels(runs, most, int(h.values))
	}
	if rep, err = take(c.maxRep, h.repBytes); err == nil {
		def, err = take(c.maxDef, h.defBytes)
	}
	return rep, def, b, err
}

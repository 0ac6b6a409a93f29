package columnar

import "fmt"

// A page is where a data page of a column begins, and which row its first value belongs to, or continues.
type page struct {
	offset int64
	rows   int64 // of the row group that began in the pages before it
}

// The pages of a column in a row group.
type pages struct {
	dictionary int64 // where its page begins, 0: none
	data       []page
}

// Read gives the values of column c in rows from ... to-1. A null is ErrUnsupported; a list that is null is empty. most bounds the number of
// values.
func (f *File) Read(c Column, from, to int64, most int) (*Values, error) {
	if from < 0 || to < from || to > f.Rows() {
		return nil, fmt.Errorf("columnar: column %s: got rows %d to %d, want some of %d", c, from, to, f.Rows())
	}
	v := &Values{}
	for i, g := range f.footer.groups {
		if g.first >= to || g.first+g.rows <= from {
			continue
		}
		low, high := max(from-g.first, 0), min(to-g.first, g.rows)
		if err := guard(func() error { return f.readGroup(c, i, low, high, most, v) }); err != nil {
			return nil, fmt.Errorf("column %s, row group %d: %w", c, i, err)
		}
	}
	return v, nil
}

// readGroup appends rows from ... to-1 of a row group.
func (f *File) readGroup(c Column, i int, from, to int64, most int, v *Values) error {
	if c.maxRep > 1 {
		return unsupported("lists of lists")
	}
	all, err := f.index(c, i)
	if err != nil {
		return err
	}
	ch, pages := f.footer.groups[i].chunks[c.leaf], all.data
	dictionary, err := f.dictionary(c, ch, all.dictionary)
	if err != nil {
		return err
	}
	first := 0
	for first+1 < len(pages) && pages[first+1].rows <= from {
		first++
	}
	row, done := int64(0), from // the rows that began, and those of which all values are there
	for n := first; n < len(pages); n++ {
		if row = pages[n].rows; row >= to && !c.List {
			break
		}
		p, err := f.data(c, ch, pages[n].offset, dictionary)
		if err != nil {
			return err
		}
		if done, err = p.take(c, row, from, to, most, v); err != nil {
			return err
		}
		if done > to {
			return nil
		}
	}
	if done < to {
		return malformed("got %d rows, want %d", done, to)
	}
	return nil
}

// A decoded page. Levels are nil where all are the highest.
type decoded struct {
	n        int // values, with nulls and empty lists
	def, rep []byte
	values   *Values
}

// take appends the values of rows from ... to-1 of a page before which row rows began. It returns how many have begun after it, to+1 if a row
// past to-1 has.
func (d *decoded) take(c Column, row, from, to int64, most int, v *Values) (int64, error) {
	if d.rep == nil && d.def == nil { // a value a row
		low, high := max(from-row, 0), min(to-row, int64(d.n))
		return row + int64(d.n), v.addUpTo(d.values, int(low), int(high), most)
	}
	at, low, high := 0, -1, 0 // of values: where we are, and which are wanted
	for k := range d.n {
		if d.rep == nil || d.rep[k] == 0 {
			if row++; row > to {
				break
			}
			if c.List && row > from {
				v.Counts = append(v.Counts, 0)
			}
		}
		is := d.def == nil || int(d.def[k]) == c.maxDef
		switch {
		case row <= from:
		case is:
			if low < 0 {
				low = at
			}
			high = at + 1
			if c.List {
				v.Counts[len(v.Counts)-1]++
			}
		case !c.List || int(d.def[k]) >= c.listDef:
			return 0, unsupported("got a null in row %d", row-1)
		}
		if is {
			at++
		}
	}
	return row, v.addUpTo(d.values, low, high, most)
}

// addUpTo appends values i ... j-1 of other, unless that makes more than most.
func (v *Values) addUpTo(other *Values, i, j, most int) error {
	if i < 0 || i >= j {
		return nil
	}
	if v.Len()+j-i > most {
		return beyond("got more than %d values", most)
	}
	v.add(other, i, j)
	return nil
}

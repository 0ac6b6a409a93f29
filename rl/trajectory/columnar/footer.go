package columnar

import (
	"strings"
)

// A Kind is the physical type of a column's values.
type Kind int

// Physical types, with the numbers of the format.
const (
	Boolean   Kind = 0
	Int32     Kind = 1
	Int64     Kind = 2
	Float     Kind = 4
	Double    Kind = 5
	ByteArray Kind = 6
)

// A Column is a leaf of the schema.
type Column struct {
	Path    []string // names from the top, such as observation.state, list, element
	Kind    Kind
	List    bool // there are any number of values a row
	leaf    int  // its place among the leaves
	maxDef  int  // definition level of a value
	listDef int  // definition level of an element that may be null; below it the list has none
	maxRep  int
}

// A chunk is where a column's pages of a row group lie.
type chunk struct {
	kind       Kind
	codec      int64
	values     int64
	data       int64 // where the first data page begins
	dictionary int64 // where the dictionary page begins, 0: none
	size       int64 // bytes of all pages
}

// A group is a row group.
type group struct {
	rows, first int64 // how many, and the number of the first
	chunks      []chunk
}

// A footer is what a file says of itself.
type footer struct {
	rows     int64
	columns  []Column
	groups   []group
	metadata map[string]string
}

// maxGroups bounds row groups, as the format's 16-bit ordinals do, and maxChunks their columns in all.
const (
	maxGroups = 1<<15 - 1
	maxChunks = 1 << 19
)

// An element is a part of the schema.
type element struct {
	name       string
	kind       int64
	leaf       bool
	repetition int64
	children   int64
}

// readFooter decodes FileMetaData.
func readFooter(b []byte, l Limits) (*footer, error) {
	t := &thrift{b: b}
	f := &footer{metadata: map[string]string{}}
	var schema []element
	chunks := 0
	t.object(func(id int64, kind byte) {
		switch id {
		case 2:
			t.must(kind, thriftList)
			t.list(func(kind byte) {
				if len(schema) > 3*l.Columns {
					t.fail("got more than %d parts of a schema", 3*l.Columns)
				}
				if t.must(kind, thriftStruct) {
					schema = append(schema, t.element())
				}
			})
		case 3:
			f.rows = t.whole(kind)
		case 4:
			t.must(kind, thriftList)
			t.list(func(kind byte) {
				if len(f.groups) == maxGroups || chunks > maxChunks {
					t.fail("got more than %d row groups or %d columns in them", maxGroups, maxChunks)
				}
				if t.must(kind, thriftStruct) {
					f.groups = append(f.groups, t.group(l))
					chunks += len(f.groups[len(f.groups)-1].chunks)
				}
			})
		case 5:
			t.must(kind, thriftList)
			t.list(func(kind byte) {
				if t.must(kind, thriftStruct) {
					t.pair(f.metadata)
				}
			})
		case 8:
			t.fail("it is encrypted")
		default:
			t.skip(kind, false)
		}
	})
	if t.err != nil {
		return nil, t.err
	}
	if len(schema) == 0 {
		return nil, malformed("got no schema")
	}
	rest := schema[1:]
	for range schema[0].children {
		var err error
		if rest, err = f.leaves(rest, nil, Column{}, l, 0); err != nil {
			return nil, err
		}
	}
	if len(rest) != 0 {
		return nil, malformed("schema: %d parts belong nowhere", len(rest))
	}
	return f, f.check()
}

// check holds row groups to the schema.
func (f *footer) check() error {
	rows := int64(0)
	for i := range f.groups {
		g := &f.groups[i]
		if len(g.chunks) != len(f.columns) {
			return malformed("row group %d: got %d columns, want %d", i, len(g.chunks), len(f.columns))
		}
		for j, c := range g.chunks {
			if c.kind != f.columns[j].Kind {
				return malformed("row group %d, column %s: got type %d, want %d", i, f.columns[j], c.kind, f.columns[j].Kind)
			}
		}
		if g.rows < 0 || g.rows > 1<<40 {
			return malformed("row group %d: got %d rows", i, g.rows)
		}
		if g.first, rows = rows, rows+g.rows; rows > 1<<40 {
			return malformed("got more than 2^40 rows")
		}
	}
	if rows != f.rows {
		return malformed("got %d rows in all row groups, want %d", rows, f.rows)
	}
	return nil
}

// leaves adds the leaves of the first part of a schema and returns what follows it.
func (f *footer) leaves(schema []element, path []string, c Column, l Limits, depth int) ([]element, error) {
	if len(schema) == 0 || depth > maxDepth {
		return nil, malformed("schema: a part is missing, or it is nested more than %d deep", maxDepth)
	}
	e, rest := schema[0], schema[1:]
	path = append(path[:len(path):len(path)], e.name)
	switch e.repetition {
	case 0:
	case 1:
		c.maxDef++
	case 2:
		c.maxDef++
		c.maxRep++
		c.List, c.listDef = true, c.maxDef
	default:
		return nil, malformed("schema: %s: got repetition %d", strings.Join(path, "."), e.repetition)
	}
	if e.leaf {
		if len(f.columns) == l.Columns {
			return nil, beyond("got more than %d columns", l.Columns)
		}
		c.Path, c.Kind, c.leaf = path, Kind(e.kind), len(f.columns)
		f.columns = append(f.columns, c)
		return rest, nil
	}
	for range e.children {
		var err error
		if rest, err = f.leaves(rest, path, c, l, depth+1); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (c Column) String() string { return strings.Join(c.Path, ".") }

func (t *thrift) element() element {
	e := element{}
	t.object(func(id int64, kind byte) {
		switch id {
		case 1:
			e.kind, e.leaf = t.whole(kind), true
		case 3:
			e.repetition = t.whole(kind)
		case 4:
			t.must(kind, thriftBinary)
			e.name = string(t.binary())
		case 5:
			e.children = t.whole(kind)
		default:
			t.skip(kind, false)
		}
	})
	if e.children < 0 || e.children > 1<<20 {
		t.fail("schema: %q has %d children", e.name, e.children)
	}
	if e.children > 0 {
		e.leaf = false
	}
	return e
}

func (t *thrift) pair(to map[string]string) {
	var key, value string
	t.object(func(id int64, kind byte) {
		switch {
		case id == 1 && kind == thriftBinary:
			key = string(t.binary())
		case id == 2 && kind == thriftBinary:
			value = string(t.binary())
		default:
			t.skip(kind, false)
		}
	})
	to[key] = value
}

func (t *thrift) group(l Limits) group {
	g := group{}
	t.object(func(id int64, kind byte) {
		switch id {
		case 1:
			t.must(kind, thriftList)
			t.list(func(kind byte) {
				if len(g.chunks) > l.Columns {
					t.fail("got more than %d columns", l.Columns)
				}
				if t.must(kind, thriftStruct) {
					g.chunks = append(g.chunks, t.chunk())
				}
			})
		case 3:
			g.rows = t.whole(kind)
		default:
			t.skip(kind, false)
		}
	})
	return g
}

func (t *thrift) chunk() chunk {
	c, path := chunk{kind: -1}, false
	t.object(func(id int64, kind byte) {
		switch id {
		case 1:
			path = true // the data are in another file
			t.skip(kind, false)
		case 3:
			t.must(kind, thriftStruct)
			t.object(func(id int64, kind byte) {
				switch id {
				case 1:
					c.kind = Kind(t.whole(kind))
				case 4:
					c.codec = t.whole(kind)
				case 5:
					c.values = t.whole(kind)
				case 7:
					c.size = t.whole(kind)
				case 9:
					c.data = t.whole(kind)
				case 11:
					c.dictionary = t.whole(kind)
				default:
					t.skip(kind, false)
				}
			})
		default:
			t.skip(kind, false)
		}
	})
	if path {
		t.fail("a column is in another file")
	}
	return c
}

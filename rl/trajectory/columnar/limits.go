package columnar

// Limits bound what a file may ask for. A zero means the default.
type Limits struct {
	Footer  int // bytes of the footer, 8 MiB
	Columns int // leaves of the schema, 4,096
	Page    int // bytes of a page, before and after it is decompressed, 32 MiB
	Values  int // values of a page, 4,194,304
	Pages   int // pages of a column in a row group, 1,048,576
}

func (l Limits) defaults() Limits {
	for _, d := range []struct {
		limit *int
		value int
	}{{&l.Footer, 8 << 20}, {&l.Columns, 4096}, {&l.Page, 32 << 20}, {&l.Values, 4 << 20}, {&l.Pages, 1 << 20}} {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	return l
}

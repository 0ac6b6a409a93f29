package trajectory

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// A column of a sheet, under a name.
type column struct {
	name  string
	dtype string // of the types of features, or string
	list  bool   // rows have any number of values
}

const dtypeString = "string"

// node is the column's part of a Parquet schema.
func (c column) node() parquet.Node {
	n := map[string]parquet.Node{
		dtypeInt: parquet.Int(64), dtypeFloat: parquet.Leaf(parquet.FloatType), dtypeReal: parquet.Leaf(parquet.DoubleType),
		dtypeBool: parquet.Leaf(parquet.BooleanType), dtypeString: plainNode(parquet.String()),
		dtypeImage: parquet.Group{"bytes": plainNode(parquet.Leaf(parquet.ByteArrayType)), "path": plainNode(parquet.String())},
	}[c.dtype]
	if c.list {
		n = parquet.List(n)
	}
	return n
}

// plainNode is for byte arrays, which parquet-go otherwise writes in an encoding that few readers know.
func plainNode(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.Plain) }

// A sheet is a Parquet file being written, row by row, in a row group after another.
type sheet struct {
	w       *parquet.GenericWriter[any]
	columns []column // by name, as parquet-go orders them
	count   *counter
	row     parquet.Row
	pending int // bytes of rows that aren't in a row group yet
}

// groupBytes is about how large a row group is: reading an episode looks for it in one or two.
const groupBytes = 1 << 20

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// newSheet begins a file.
func newSheet(w io.Writer, columns []column, metadata map[string]string) *sheet {
	columns = slices.SortedFunc(slices.Values(columns), func(a, b column) int { return strings.Compare(a.name, b.name) })
	nodes := parquet.Group{}
	for _, c := range columns {
		nodes[c.name] = c.node()
	}
	s := &sheet{columns: columns, count: &counter{w: w}}
	options := []parquet.WriterOption{
		parquet.NewSchema("schema", nodes), parquet.Compression(&parquet.Snappy), parquet.PageBufferSize(16 << 10), parquet.DataPageVersion(1),
		parquet.CreatedBy("fmkit", "1", ""),
	}
	for k, v := range metadata {
		options = append(options, parquet.KeyValueMetadata(k, v))
	}
	s.w = parquet.NewGenericWriter[any](s.count, options...)
	return s
}

// add appends a row: a value for each column, which is an int64, a float64, a bool, a string, a picture, or a slice of such where it is a list.
func (s *sheet) add(values map[string]any) error {
	s.row = s.row[:0]
	leaf := 0
	for _, c := range s.columns {
		switch v := values[c.name].(type) {
		case int64:
			s.put(parquet.Int64Value(v), 0, 0, leaf)
		case float32:
			s.put(parquet.FloatValue(v), 0, 0, leaf)
		case float64:
			s.put(parquet.DoubleValue(v), 0, 0, leaf)
		case bool:
			s.put(parquet.BooleanValue(v), 0, 0, leaf)
		case string:
			s.put(parquet.ByteArrayValue([]byte(v)), 0, 0, leaf)
		case []string:
			for i, x := range v {
				s.put(parquet.ByteArrayValue([]byte(x)), min(i, 1), 1, leaf)
			}
		case []float32:
			for i, x := range v {
				if c.dtype == dtypeInt {
					s.put(parquet.Int64Value(int64(x)), min(i, 1), 1, leaf)
				} else {
					s.put(parquet.FloatValue(x), min(i, 1), 1, leaf)
				}
			}
		case stored:
			s.put(parquet.ByteArrayValue(v.bytes), 0, 0, leaf)
			s.pending += len(v.bytes)
			leaf++
			s.put(parquet.ByteArrayValue([]byte(v.path)), 0, 0, leaf)
		default:
			return fmt.Errorf("trajectory: column %s: got %T", c.name, v)
		}
		leaf++
	}
	if _, err := s.w.WriteRows([]parquet.Row{s.row}); err != nil {
		return fmt.Errorf("trajectory: %w", err)
	}
	return nil
}

// stored is a picture in a file.
type stored struct {
	bytes []byte
	path  string
}

func (s *sheet) put(v parquet.Value, rep, def, leaf int) {
	s.row = append(s.row, v.Level(rep, def, leaf))
	s.pending += 8
}

// size is about how many bytes the file has so far.
func (s *sheet) size() int64 { return s.count.n + int64(s.pending) }

// flush ends the row group where it is large enough.
func (s *sheet) flush() error {
	if s.pending < groupBytes {
		return nil
	}
	s.pending = 0
	return s.w.Flush()
}

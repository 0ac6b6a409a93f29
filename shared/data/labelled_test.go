package data

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLabelledGood(t *testing.T) {
	want := []Labelled{{"hello, \"you\"", "greet"}, {"two\nlines", "other"}}
	for _, c := range []struct{ name, file, content string }{
		{"plain", "a.csv", "text,label\n\"hello, \"\"you\"\"\",greet\n\"two\nlines\",other\n"},
		{"BOM, CRLF, no last line end", "a.csv", "\ufefftext,label\r\n\"hello, \"\"you\"\"\",greet\r\n\"two\r\nlines\",other"},
		{"more columns, other order", "a.csv", "id,label,text\n1,greet,\"hello, \"\"you\"\"\"\n2,other,\"two\nlines\"\n"},
		{"tabs", "a.TSV", "text\tlabel\nhello, \"you\"\tgreet\n\"two\nlines\"\tother\n"},
		{"JSON lines", "a.jsonl", "\ufeff{\"text\": \"hello, \\\"you\\\"\", \"label\": \"greet\", \"x\": [1]}\r\n\n{\"label\":\"other\",\"text\":\"two\\nlines\"}"},
	} {
		got, err := Collect(ReadLabelled(writeFile(t, c.file, c.content), LabelledOptions{}))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q %v, want %q", c.name, got, err, want)
		}
	}
	named, err := Collect(ReadLabelled(writeFile(t, "a.jsonl", `{"q":"x","n":3}`), LabelledOptions{Text: "q", Label: "n"}))
	if err != nil || !slices.Equal(named, []Labelled{{"x", "3"}}) {
		t.Errorf("named keys and a number: %v %v", named, err)
	}
}

func TestLabelledBad(t *testing.T) {
	for _, c := range []struct {
		name, file, content string
		line                int
		field               string
		is                  error
	}{
		{"no bytes", "a.csv", "", 0, "", ErrEmpty},
		{"only a header", "a.csv", "text,label\n", 0, "", ErrEmpty},
		{"no column", "a.csv", "text,category\nx,y\n", 1, "label", nil},
		{"column twice", "a.csv", "text,label,text\nx,y,z\n", 1, "text", nil},
		{"short row", "a.csv", "text,label\na,b\nc\n", 3, "label", nil},
		{"long row", "a.csv", "text,label\na,b\nc,d,e\n", 3, "", nil},
		{"bare quote", "a.csv", "text,label\na \"b\" c,d\n", 2, "", nil},
		{"unclosed quote", "a.csv", "text,label\n\"a,b\nc,d\n", 2, "", nil},
		{"after a quoted newline", "a.csv", "text,label\n\"a\nb\",c\nd,\n", 4, "label", ErrEmpty},
		{"not UTF-8", "a.csv", "text,label\na,b\nc,\"d\xff\"\n", 3, "label", ErrEncoding},
		{"empty text", "a.csv", "text,label\n \t,b\n", 2, "text", ErrEmpty},
		{"no bytes", "a.jsonl", "", 0, "", ErrEmpty},
		{"only blank lines", "a.jsonl", "\n\n", 0, "", ErrEmpty},
		{"not JSON", "a.jsonl", "{\"text\":\"a\",\"label\":\"b\"}\n{text}\n", 2, "", nil},
		{"a list", "a.jsonl", "[1]\n", 1, "", nil},
		{"null", "a.jsonl", "null\n", 1, "", nil},
		{"no key", "a.jsonl", "{\"text\":\"a\"}\n", 1, "label", nil},
		{"text is a number", "a.jsonl", "{\"text\":1,\"label\":\"b\"}\n", 1, "text", nil},
		{"label is null", "a.jsonl", "{\"text\":\"a\",\"label\":null}\n", 1, "label", nil},
		{"NaN", "a.jsonl", "{\"text\":\"a\",\"label\":NaN}\n", 1, "", nil},
		{"not UTF-8", "a.jsonl", "\n{\"text\":\"a\xff\",\"label\":\"b\"}\n", 2, "", ErrEncoding},
	} {
		path := writeFile(t, c.file, c.content)
		_, err := Collect(ReadLabelled(path, LabelledOptions{}))
		var row *RowError
		if !errors.As(err, &row) || row.File != path || row.Line != c.line || row.Field != c.field {
			t.Errorf("%s, %s: got %v, want line %d field %q", c.file, c.name, err, c.line, c.field)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s, %s: got %v, want it to be %v", c.file, c.name, err, c.is)
		}
	}
	path := writeFile(t, "a.csv", "text,label\na,b\nc,d\n")
	if _, err := Collect(ReadLabelled(path, LabelledOptions{Labels: []string{"b"}})); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), ":3:") {
		t.Errorf("unknown label: %v", err)
	}
	for _, p := range []string{filepath.Join(t.TempDir(), "none.csv"), t.TempDir(), writeFile(t, "a.xls", "x")} {
		if _, err := Collect(ReadLabelled(p, LabelledOptions{})); err == nil {
			t.Errorf("%s: no error", p)
		}
	}
}

// zeros is an endless reader of one byte.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// TestUnclosedQuoteIsBounded: a quote that never closes must not pull an endless file into memory.
func TestUnclosedQuoteIsBounded(t *testing.T) {
	r := &chain{strings.NewReader("text,label\n\"a"), endless('x')}
	if _, err := Collect(ParseCSV(r, "x", ',', LabelledOptions{})); !errors.Is(err, ErrTooLong) {
		t.Errorf("CSV: %v, want ErrTooLong", err)
	}
}

// chain reads first to its end, then second.
type chain struct {
	first  *strings.Reader
	second endless
}

func (c *chain) Read(p []byte) (int, error) {
	if c.first.Len() > 0 {
		return c.first.Read(p)
	}
	return c.second.Read(p)
}

func TestStopEarly(t *testing.T) {
	path := writeFile(t, "a.csv", "text,label\na,b\nc,d\nbroken\n")
	n := 0
	for r, err := range ReadLabelled(path, LabelledOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; r.Text == "a" {
			break
		}
	}
	if n != 1 {
		t.Errorf("got %d rows", n)
	}
}

func TestRealLabelled(t *testing.T) {
	for _, c := range []struct {
		path    string
		o       LabelledOptions
		n, size int
	}{
		{"cls-banking77/train.csv", LabelledOptions{Label: "category"}, 10003, 77},
		{"cls-bitext-support/train.csv", LabelledOptions{Text: "utterance", Label: "intent"}, 15682, 27},
	} {
		rows, err := Collect(ReadLabelled(datatest.Path(t, c.path), c.o))
		labels := map[string]bool{}
		for _, r := range rows {
			labels[r.Label] = true
		}
		if err != nil || len(rows) != c.n || len(labels) != c.size {
			t.Errorf("%s: %d rows, %d labels, %v; want %d and %d", c.path, len(rows), len(labels), err, c.n, c.size)
		}
	}
}

func FuzzLabelled(f *testing.F) {
	f.Add([]byte("text,label\na,b\n"), byte(0))
	f.Add([]byte("\ufefftext\tlabel\r\n\"a\nb\"\tc"), byte(1))
	f.Add([]byte("{\"text\":\"a\",\"label\":1}\n\n"), byte(2))
	f.Fuzz(func(t *testing.T, b []byte, kind byte) {
		r := strings.NewReader(string(b))
		s := ParseCSV(r, "f", ',', LabelledOptions{})
		switch kind % 3 {
		case 1:
			s = ParseCSV(r, "f", '\t', LabelledOptions{})
		case 2:
			s = ParseJSONL(r, "f", LabelledOptions{})
		}
		rows, ended := 0, false
		for rec, err := range s {
			if ended {
				t.Fatal("went on after an error")
			}
			var row *RowError
			if err != nil {
				if !errors.As(err, &row) {
					t.Fatalf("error %v is not a RowError", err)
				}
				ended = true
				continue
			}
			rows++
			if strings.TrimSpace(rec.Text) == "" || strings.TrimSpace(rec.Label) == "" {
				t.Fatalf("empty record %q", rec)
			}
		}
		if rows == 0 && !ended {
			t.Error("no rows and no error")
		}
	})
}

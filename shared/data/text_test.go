package data

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

func TestTextLines(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.txt": "\ufeffone\r\n\n  two  \nlast", "a/c.jsonl": "{\"text\":\"x\\ny\"}\n", "README.md": "not me", "pairs.jsonl": "{\"a\":\"not me\",\"b\":\"x\"}\n", "empty.txt": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := &Text{Paths: []string{dir}}
	got, err := Collect(r.Lines())
	if want := []string{"x\ny", "one", "  two", "last"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q %v, want %q", got, err, want)
	}
	if s := r.Stats; s.Files != 3 || s.EmptyFiles != 1 || s.Records != 4 || s.Bad != 0 {
		t.Errorf("stats %+v", s)
	}
	again, err := Collect(r.Lines())
	if err != nil || !slices.Equal(got, again) {
		t.Errorf("second time: %q %v", again, err)
	}
}

func TestTextBad(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		switch i {
		case 100:
			b.WriteString("bad \xff byte\n")
		case 200:
			b.WriteString(strings.Repeat("x", 5000) + "\n")
		default:
			fmt.Fprintln(&b, "line", i)
		}
	}
	path := writeFile(t, "a.txt", b.String())
	r := &Text{Paths: []string{path}, MaxBytes: 1000}
	got, err := Collect(r.Lines())
	if err != nil || len(got) != 298 || r.Stats.Bad != 2 || !errors.Is(r.Stats.FirstBad, ErrEncoding) || !strings.Contains(r.Stats.FirstBad.Error(), ":101:") {
		t.Errorf("got %d lines, %+v, %v", len(got), r.Stats, err)
	}
	bad := writeFile(t, "b.txt", "one\ntwo\xff\n")
	if _, err := Collect(Lines(bad)); !errors.Is(err, ErrTooManyBad) || !errors.Is(err, ErrEncoding) {
		t.Errorf("half bad: %v", err)
	}
	for name, paths := range map[string][]string{
		"no paths": nil, "empty file": {writeFile(t, "c.txt", "\n\n")}, "empty folder": {t.TempDir()},
	} {
		if _, err := Collect(Lines(paths...)); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: %v, want ErrEmpty", name, err)
		}
	}
	if _, err := Collect(Lines(filepath.Join(t.TempDir(), "none"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// TestLongLineIsBounded reads past a line of a gigabyte without keeping it.
func TestLongLineIsBounded(t *testing.T) {
	l := newLineReader(io.MultiReader(strings.NewReader("a\n"), io.LimitReader(endless('x'), 1<<30), strings.NewReader("\nb\n")), 1000)
	if line, err := l.next(); err != nil || string(line) != "a" {
		t.Fatal(line, err)
	}
	if _, err := l.next(); !errors.Is(err, ErrTooLong) || cap(l.buf) > 1<<20 {
		t.Errorf("got %v, holding %d bytes", err, cap(l.buf))
	}
	if line, err := l.next(); err != nil || string(line) != "b" || l.line != 3 {
		t.Errorf("after it: %q %v at %d", line, err, l.line)
	}
	if _, err := l.next(); !errors.Is(err, io.EOF) {
		t.Errorf("end: %v", err)
	}
}

func TestDocuments(t *testing.T) {
	path := writeFile(t, "a.txt", "\n\na\nb\n\nc\n\n\nd\n")
	for _, c := range []struct {
		blank, limit int
		want         []string
	}{
		{0, 0, []string{"a\nb\n\nc\n\n\nd"}},
		{1, 0, []string{"a\nb", "c", "d"}},
		{2, 0, []string{"a\nb\n\nc", "d"}},
		{0, 4, []string{"a\nb", "c", "d"}},
	} {
		got, err := Collect((&Text{Paths: []string{path}, Blank: c.blank, MaxBytes: c.limit}).Documents())
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("blank %d limit %d: got %q %v, want %q", c.blank, c.limit, got, err, c.want)
		}
	}
	if got, err := Collect(Documents(path, path)); err != nil || len(got) != 2 {
		t.Errorf("two files: %q %v", got, err)
	}
}

func TestRealText(t *testing.T) {
	r := &Text{Paths: []string{datatest.Path(t, "text"), datatest.Path(t, "text-technical")}}
	var bytes int
	for line, err := range r.Lines() {
		if err != nil {
			t.Fatal(err)
		}
		bytes += len(line)
	}
	if r.Stats.Files != 11 || bytes < 20e6 {
		t.Errorf("%d bytes, %+v", bytes, r.Stats)
	}
}

func TestMultiDoGO(t *testing.T) {
	head := strings.Join(multiDoGOHeader, "\t") + "\n"
	good := "c1\t0\tu\thi there\tO O\topen<div>more\n"
	var stats TextStats
	got, err := Collect(ReadMultiDoGO(&stats, writeFile(t, "a.tsv", head+strings.Repeat(good, 200)+"broken\n")))
	if err != nil || len(got) != 200 || stats.Bad != 1 {
		t.Fatalf("got %d turns, %+v, %v", len(got), stats, err)
	}
	if g := got[0]; g.Conversation != "c1" || g.Text != "hi there" || !slices.Equal(g.Intents, []string{"open", "more"}) || len(g.Slots) != 2 {
		t.Errorf("got %+v", g)
	}
	if _, err := Collect(ReadMultiDoGO(nil, writeFile(t, "b.tsv", head+good+"broken\n"))); !errors.Is(err, ErrTooManyBad) {
		t.Errorf("half broken: %v", err)
	}
	if _, err := Collect(ReadMultiDoGO(nil, writeFile(t, "c.tsv", "a\tb\n"))); err == nil {
		t.Error("took another header")
	}
}

func TestRealMultiDoGO(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(datatest.Path(t, "dialogue-multidogo"), "*", "*.tsv"))
	var stats TextStats
	ids := map[string]bool{}
	n := 0
	for turn, err := range ReadMultiDoGO(&stats, files...) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		ids[turn.Conversation] = true
	}
	t.Logf("%d turns, %d conversations, %d broken", n, len(ids), stats.Bad)
	if n < 90000 || len(ids) < 11000 {
		t.Errorf("%d turns of %d conversations, want about 92,939 of 11,313", n, len(ids))
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\n\n\xff\nb\r\n"), 0)
	f.Add([]byte("\ufeffxxxxxxxxx\ny"), 1)
	f.Fuzz(func(t *testing.T, b []byte, blank int) {
		path := filepath.Join(t.TempDir(), "a.txt")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		r := &Text{Paths: []string{path}, MaxBytes: 16, Blank: blank}
		for doc, err := range r.Documents() {
			if err == nil && (doc == "" || len(doc) > 17) {
				t.Fatalf("document %q", doc)
			}
		}
		for line, err := range r.Lines() {
			if err == nil && (line == "" || len(line) > 16 || strings.Contains(line, "\n")) {
				t.Fatalf("line %q", line)
			}
		}
	})
}

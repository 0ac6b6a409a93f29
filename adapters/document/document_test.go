package document_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
)

var asked = document.Settings{
	Fields:    []document.Field{{Name: "sleeper", Question: "who sleeps?"}, {Name: "place", Entity: "place"}, {Name: "animal", Entity: "animal"}},
	Questions: []document.Question{{Question: "where is the river?"}, {Name: "rain", Question: "who runs in the rain?"}},
	Overlap:   6,
}

// long is a document of several pages, with characters of several bytes.
func long() string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "The cat sleeps, café %d 😀. The dog runs to the river bank in the rain!\nWho sleeps there? ", i)
		if i%3 == 2 {
			b.WriteString("\n\n")
		}
		if i%5 == 4 {
			b.WriteString("\f")
		}
	}
	return b.String()
}

func loaded(t testing.TB, method string) *document.Analyzer {
	t.Helper()
	base := toy(t)
	dir := t.TempDir() + "/document"
	if _, err := document.Assemble(t.Context(), dir, base, parts(t, base, method), asked, nil); err != nil {
		t.Fatal(err)
	}
	a, err := document.Load(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// cuts holds every offset to the text that it cuts.
func cuts(t *testing.T, given string, d *document.Document) {
	t.Helper()
	points := []rune(given)
	check := func(what, quoted string, s document.Span) {
		t.Helper()
		if s.StartByte > s.EndByte || given[s.StartByte:s.EndByte] != quoted || string(points[s.Start:s.End]) != quoted {
			t.Errorf("%s: got %q at %+v, which cuts %q", what, quoted, s, given[s.StartByte:s.EndByte])
		}
	}
	for _, a := range append(d.Fields, d.Answers...) {
		check(a.Name, a.Answer, a.Span)
	}
	for _, e := range d.Entities {
		check(e.Group, e.Word, e.Span)
	}
	for name, spans := range map[string][]document.Span{"page": d.Segments.Pages, "paragraph": d.Segments.Paragraphs, "sentence": d.Segments.Sentences} {
		last := 0
		for _, s := range spans {
			cut := given[s.StartByte:s.EndByte]
			check(name, cut, s)
			if cut != strings.TrimSpace(cut) || s.StartByte < last {
				t.Errorf("%s %q at %+v, after byte %d", name, cut, s, last)
			}
			last = s.EndByte
		}
	}
}

// TestParts holds every part of a document to what its adapter says alone, to the bit, and offsets to the text.
func TestParts(t *testing.T) {
	for _, method := range []string{adapter.Head, adapter.LoRA} {
		base, ctx := toy(t), t.Context()
		dirs := parts(t, base, method)
		dir := t.TempDir() + "/document"
		if _, err := document.Assemble(t.Context(), dir, base, dirs, asked, nil); err != nil {
			t.Fatal(err)
		}
		a, err := document.Load(dir, base)
		if err != nil {
			t.Fatal(err)
		}
		for _, given := range []string{long(), "the cat sleeps."} {
			d, err := a.Analyze(ctx, given)
			if err != nil {
				t.Fatal(err)
			}
			cuts(t, given, d)
			read := strings.ReplaceAll(given, "\f", "\n")
			c, err := classifier.Load(dirs["type"], base)
			if err != nil {
				t.Fatal(err)
			}
			scores, err := c.Predict(ctx, []string{read})
			if err != nil || *d.Type != scores[0][0] {
				t.Errorf("type: got %v, want %v (%v)", *d.Type, scores, err)
			}
			q, err := qa.Load(dirs["answers"], base)
			if err != nil {
				t.Fatal(err)
			}
			answers, err := q.Answer(ctx, []qa.Input{{Question: "who sleeps?", Context: read}, {Question: "where is the river?", Context: read}, {Question: "who runs in the rain?", Context: read}})
			if err != nil {
				t.Fatal(err)
			}
			for i, got := range []document.Answer{d.Fields[0], d.Answers[0], d.Answers[1]} {
				if want := answers[i]; got.Score != want.Score || got.StartByte != want.StartByte || got.EndByte != want.EndByte || got.Start != want.Start {
					t.Errorf("answer %d: got %+v, want %+v", i, got, want.Span)
				}
			}
			m, err := summarizer.Load(dirs["summary"], base)
			if err != nil {
				t.Fatal(err)
			}
			want, err := m.Summarize(ctx, []summarizer.Input{{Text: read}}, summarizer.Options{})
			if err != nil || !reflect.DeepEqual(d.Summary.Sentences, want[0].Picked) || d.Summary.Text != want[0].Text {
				t.Errorf("summary: got %+v, want %+v (%v)", d.Summary, want[0], err)
			}
			if given != long() {
				g, err := tagger.Load(dirs["entities"], base)
				if err != nil {
					t.Fatal(err)
				}
				entities, err := g.Predict(ctx, []string{read})
				if err != nil || len(entities[0]) != len(d.Entities) || len(d.Entities) == 0 || entities[0][0].Score != d.Entities[0].Score {
					t.Errorf("entities: got %+v, want %+v (%v)", d.Entities, entities, err)
				}
				if want := []string{"type", "entities"}; len(d.Shared) == 0 || !reflect.DeepEqual(d.Shared[0][:2], want) {
					t.Errorf("shared: got %v, want %v", d.Shared, want)
				}
			}
		}
	}
}

// TestLongDocument holds that an entity over the end of a window is one, that none goes on over a paragraph's end, that pages and paragraphs are told apart, and that JSON has what Go has.
func TestLongDocument(t *testing.T) {
	a := loaded(t, adapter.Head)
	given := long()
	d, err := a.Analyze(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	if s := d.Segments; len(s.Pages) != 3 || len(s.Paragraphs) != 4 || len(s.Sentences) != 36 {
		t.Errorf("got %d pages, %d paragraphs, %d sentences, want 3, 4 and 36", len(s.Pages), len(s.Paragraphs), len(s.Sentences))
	}
	if len(d.Entities) < 10 {
		t.Fatalf("got %d entities: the test proves nothing", len(d.Entities))
	}
	for _, e := range d.Entities {
		if strings.Contains(e.Word, "\n\n") {
			t.Errorf("%q goes on over a paragraph's end", e.Word)
		}
	}
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"type":{"label":`, `"fields":[{"name":"sleeper"`, `"entities":[{"entity_group":`, `"summary":{"summary_text":`, `"answers":[{"name":"where is the river?"`, `"segments":{"pages":[{"start":0`, `"shared":[`} {
		if !strings.Contains(string(raw), key) {
			t.Errorf("JSON lacks %s: %.300s", key, raw)
		}
	}
	other, err := a.Analyze(t.Context(), given)
	if err != nil || !reflect.DeepEqual(d, other) {
		t.Errorf("the same document twice gives other answers (%v)", err)
	}
}

// TestLineEnds holds that line ends and a byte order mark change offsets and what is quoted, and nothing else.
func TestLineEnds(t *testing.T) {
	a := loaded(t, adapter.Head)
	unix := strings.ReplaceAll(long(), " \n", "\n")
	want, err := a.Analyze(t.Context(), unix)
	if err != nil {
		t.Fatal(err)
	}
	for name, given := range map[string]string{
		"CRLF": strings.ReplaceAll(unix, "\n", "\r\n"), "CR": strings.ReplaceAll(unix, "\n", "\r"), "mark": "\ufeff" + unix, "mark and CRLF": "\ufeff" + strings.ReplaceAll(unix, "\n", "\r\n"),
	} {
		got, err := a.Analyze(t.Context(), given)
		if err != nil {
			t.Fatal(err)
		}
		cuts(t, given, got)
		if *got.Type != *want.Type || got.Summary.Text != want.Summary.Text || !reflect.DeepEqual(got.Summary.Sentences, want.Summary.Sentences) {
			t.Errorf("%s: got type %v and summary %q, want %v and %q", name, got.Type, got.Summary.Text, want.Type, want.Summary.Text)
		}
		if len(got.Entities) != len(want.Entities) || len(got.Segments.Paragraphs) != len(want.Segments.Paragraphs) || len(got.Segments.Sentences) != len(want.Segments.Sentences) {
			t.Fatalf("%s: got %d entities and %d paragraphs, want %d and %d", name, len(got.Entities), len(got.Segments.Paragraphs), len(want.Entities), len(want.Segments.Paragraphs))
		}
		same := func(a, b string) bool {
			return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
		}
		for i, e := range want.Entities {
			if !same(got.Entities[i].Word, e.Word) || got.Entities[i].Score != e.Score {
				t.Errorf("%s: got %+v, want %+v", name, got.Entities[i], e)
			}
		}
		for i, e := range want.Answers {
			if !same(got.Answers[i].Answer, e.Answer) || got.Answers[i].Score != e.Score {
				t.Errorf("%s: got %+v, want %+v", name, got.Answers[i], e)
			}
		}
	}
}

// TestBadDocuments holds that what is no text is refused by its kind.
func TestBadDocuments(t *testing.T) {
	a := loaded(t, adapter.Head)
	for _, c := range []struct {
		given string
		want  error
	}{
		{"", document.ErrEmpty},
		{" \r\n\f\u3000", document.ErrEmpty},
		{"\ufeff", document.ErrEmpty},
		{"a cat \xff", document.ErrText},
		{"\xed\xa0\x80", document.ErrText},
		{strings.Repeat("a", document.MaxBytes+1), document.ErrSize},
	} {
		if _, err := a.Analyze(t.Context(), c.given); !errors.Is(err, c.want) {
			t.Errorf("%.20q: got %v, want %v", c.given, err, c.want)
		}
	}
	for line, want := range map[string]string{`{}`: `"text" is missing`, `{"text": "a", "x": 1}`: "x", `{"text": " "}`: "no text"} {
		if _, err := a.PredictJSON(t.Context(), []byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
	if _, err := a.Analyze(t.Context(), "\ufffd is a character"); err != nil {
		t.Errorf("the replacement character: %v", err)
	}
}

// FuzzAnalyze holds that every offset cuts what is quoted, whatever the text.
func FuzzAnalyze(f *testing.F) {
	a := loaded(f, adapter.Head)
	for _, s := range []string{long()[:300], "\ufeffThe cat\r\n\r\nsleeps.\fThe dog.\r", "\u200d\u0301 . . \f\f\n\n. 😀", "a\x00b. C\u2028D"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 2000 {
			return
		}
		d, err := a.Analyze(t.Context(), s)
		if err != nil {
			if utf8.ValidString(s) && !errors.Is(err, document.ErrEmpty) {
				t.Fatal(err)
			}
			return
		}
		cuts(t, s, d)
	})
}

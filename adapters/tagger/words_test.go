package tagger_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/text"
)

// TestRowsHoldEveryWord lays long sentences out in rows of every length.
func TestRowsHoldEveryWord(t *testing.T) {
	p := bert(t)
	words := strings.Fields(strings.Repeat("anna lives-in New york with unknownness \u200d zurich ", 9))
	s, err := tagger.JoinWords(p.Model(), words)
	if err != nil {
		t.Fatal(err)
	}
	for n := 3 * 20; n <= 48*20; n++ {
		length, overlap := n/20, n%20
		var seen []int
		rows := s.Windows(p.Model(), length, overlap)
		read := 0
		for _, r := range rows {
			read += len(r.IDs) - 2
		}
		if common := min(overlap, (length-2)/2) - 11; length > 13 && (read < tokens(s, p.Model()) || read < tokens(s, p.Model())+common*(len(rows)-1)) { // words have up to 11 tokens
			t.Errorf("length %d, overlap %d: %d rows of %d tokens have too little in common", length, overlap, len(rows), read)
		}
		if overlap == 0 && !reflect.DeepEqual(rows, s.Rows(p.Model(), length)) {
			t.Fatalf("length %d: other rows with nothing in common", length)
		}
		for i, r := range rows {
			if overlap > 14 && length > 40 && (i > 0 && r.At[0] == 1 || i < len(rows)-1 && r.At[len(r.At)-1] > len(r.IDs)-6) {
				t.Fatalf("length %d, overlap %d: row %d answers a word at its edge: %+v", length, overlap, i, r)
			}
			if len(r.IDs) > length || len(r.Words) != len(r.At) || r.IDs[0] != 2 || r.IDs[len(r.IDs)-1] != 3 {
				t.Fatalf("length %d: row %+v", length, r)
			}
			for i, at := range r.At {
				if at < 1 || at >= len(r.IDs)-1 || i > 0 && at <= r.At[i-1] {
					t.Fatalf("length %d: row %+v", length, r)
				}
			}
			seen = append(seen, r.Words...)
		}
		var want []int
		for i, w := range words {
			if w != "\u200d" { // which the tokenizer drops
				want = append(want, i)
			}
		}
		if !slices.Equal(seen, want) {
			t.Fatalf("length %d: words %v", length, seen)
		}
	}
}

// tokens counts those of a sentence.
func tokens(s *tagger.Sentence, m *text.Model) int {
	n := 0
	for _, r := range s.Rows(m, 48) {
		n += len(r.IDs) - 2
	}
	return n
}

func TestAloneAndTogether(t *testing.T) {
	p := bert(t)
	var texts []string
	for i := range 50 {
		texts = append(texts, strings.Repeat("Anna lives in New York. ", i%7)+fmt.Sprint(i))
	}
	together, err := p.Predict(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range texts {
		alone, err := p.Predict(context.Background(), []string{s})
		if err != nil || !reflect.DeepEqual(alone[0], together[i]) {
			t.Errorf("%q alone: %v, %v, want %v", s, alone, err, together[i])
		}
	}
}

func TestPredictJSON(t *testing.T) {
	p := bert(t)
	for line, want := range map[string]string{
		`{}`: `"text" is missing`, `{"text": "a", "tokens": ["a"]}`: "one of them", `{"txt": "a"}`: "txt", `{"tokens": [1]}`: "tokens",
	} {
		if _, err := p.PredictJSON(context.Background(), []byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
	a, err := p.PredictJSON(context.Background(), []byte(`{"text": "anna lives in new york"}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.PredictJSON(context.Background(), []byte(`{"tokens": ["anna", "lives", "in", "new", "york"]}`))
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("words that are given: %v, %v, want %v", b, err, a)
	}
	if a, err = p.PredictJSON(context.Background(), []byte("{\"tokens\": [\" \", \"\u200d\"]}")); err != nil || len(a.([]tagger.Entity)) != 0 {
		t.Errorf("no words: %v, %v", a, err)
	}
}

func FuzzPredict(f *testing.F) {
	p := bert(f)
	f.Add("Anna lives in New York.")
	f.Add("\u200d\xff [SEP] o'neill")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := p.Predict(context.Background(), []string{s})
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for _, e := range all[0] {
			if e.StartByte < last || e.EndByte < e.StartByte || e.EndByte > len(s) || !(e.Score > 0 && e.Score <= 1) {
				t.Fatalf("%q: %+v", s, e)
			}
			last = e.EndByte
		}
	})
}

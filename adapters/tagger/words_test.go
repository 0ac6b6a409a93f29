package tagger_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/tagger"
)

// TestRowsHoldEveryWord lays long sentences out in rows of every length.
func TestRowsHoldEveryWord(t *testing.T) {
	p := bert(t)
	words := strings.Fields(strings.Repeat("anna lives-in New york with unknownness \u200d zurich ", 9))
	s, err := tagger.JoinWords(p.Model(), words)
	if err != nil {
		t.Fatal(err)
	}
	for length := 3; length <= 48; length++ {
		var seen []int
		for _, r := range s.Rows(p.Model(), length) {
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

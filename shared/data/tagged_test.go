package data

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestTagged(t *testing.T) {
	want := []Tagged{
		{[]string{"Anna", "Ott", "lives", "in", "Ulm"}, []string{"B-person", "I-person", "O", "O", "B-location"}},
		{[]string{"Yes"}, []string{"O"}},
	}
	for name, text := range map[string]string{
		"a.jsonl": `{"tokens": ["Anna", "Ott", "lives", "in", "Ulm"], "tags": ["B-person", "I-person", "O", "O", "B-location"], "id": 3}` + "\n\n" + `{"tokens":["Yes"],"tags":["O"]}`,
		"a.conll": "Anna\tB-person\nOtt\tI-person\nlives\tO\nin\tO\nUlm\tB-location\n\t\n\nYes\tO",
		"a.txt":   "-DOCSTART- -X- O\r\n\r\nAnna NNP B-NP B-person\r\nOtt NNP I-NP I-person\r\nlives VB O O\r\nin IN O O\r\nUlm NNP O B-location\r\n\r\nYes UH O O\r\n",
	} {
		parse := ParseCoNLL
		if strings.HasSuffix(name, ".jsonl") {
			parse = ParseTagged
		}
		got, err := Collect(parse(strings.NewReader(text), name))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestTaggedRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                 "no data",
		`{"tokens": [], "tags": []}`:       "tokens",
		`{"tokens": ["a"], "tags": []}`:    "got 0, want 1",
		`{"tokens": "a", "tags": "O"}`:     "want a list",
		`{"tokens": [""], "tags": ["O"]}`:  "token 0",
		`{"tokens": ["a"], "tags": ["X"]}`: `got "X", want O, B-TYPE or I-TYPE`,
		`{"tokens": ["a"], "tags": [3]}`:   "tags",
		`{"tokens": ["a"]}`:                "no such key",
	} {
		if _, err := Collect(ParseTagged(strings.NewReader(text), "f")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "no data", "\n\n": "no data", "a\tO\nb\n": "f:2", "a\tB-\n": "f:1", "\tO\n": "empty", "a\tO\n\xff\tO\n": "UTF-8",
	} {
		if _, err := Collect(ParseCoNLL(strings.NewReader(text), "f")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzTagged(f *testing.F) {
	f.Add("Anna\tB-person\nx O\n\n", false)
	f.Add(`{"tokens": ["a"], "tags": ["B-x"]}`, true)
	f.Fuzz(func(t *testing.T, s string, lines bool) {
		parse := ParseCoNLL
		if lines {
			parse = ParseTagged
		}
		all, err := Collect(parse(strings.NewReader(s), "f"))
		var row *RowError
		if err != nil && !errors.As(err, &row) {
			t.Fatalf("%T", err)
		}
		for _, s := range all {
			if field, err := s.check(); err != nil {
				t.Fatalf("%s: %v", field, err)
			}
		}
	})
}

func TestTagSlots(t *testing.T) {
	text := "Grüße: a table at 7 o'clock, please"
	slots, err := restaurantSlots(text, []restaurantLabel{{"time", struct{ StartIndex, EndIndex int }{18, 27}}})
	if err != nil {
		t.Fatal(err)
	}
	got := tagSlots(text, slots)
	want := Tagged{
		[]string{"Grüße", ":", "a", "table", "at", "7", "o", "'", "clock", ",", "please"},
		[]string{"O", "O", "O", "O", "O", "B-time", "I-time", "I-time", "I-time", "O", "O"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	label := func(name string, start, end int) restaurantLabel {
		return restaurantLabel{name, struct{ StartIndex, EndIndex int }{start, end}}
	}
	slots, err = restaurantSlots(text, []restaurantLabel{label("time", 18, 27), label("people", 9, 14), label("date", 20, 27)})
	if err != nil || len(slots) != 2 || slots[0].name != "people" || slots[1].name != "time" {
		t.Errorf("labels out of order that overlap: %v, %v", slots, err)
	}
	for _, s := range [][2]int{{5, 5}, {5, 4}, {30, 36}, {-1, 3}} {
		if _, err := restaurantSlots(text, []restaurantLabel{{"time", struct{ StartIndex, EndIndex int }{s[0], s[1]}}}); !errors.Is(err, errSlotSpan) {
			t.Errorf("%v: %v", s, err)
		}
	}
	if got := tagSlots("cats", []slot{{"animal", 0, 3}}); fmt.Sprint(got) != "{[cat s] [B-animal O]}" {
		t.Errorf("a slot that ends in a word: %v", got)
	}
}

package data

import (
	"fmt"
	"strings"
	"testing"
)

func TestPassagesAndQueries(t *testing.T) {
	p, err := Collect(ParsePassages(strings.NewReader(`{"id": 7, "text": "a b"}`+"\n"+`{"id": "x", "text": "c", "more": 1}`), "p"))
	if err != nil || fmt.Sprint(p) != "[{7 a b} {x c}]" {
		t.Errorf("%v, %v", p, err)
	}
	q, err := Collect(ParseQueries(strings.NewReader(`{"query": "a?", "ids": [7, "x"]}`), "q"))
	if err != nil || fmt.Sprint(q) != "[{a? [7 x]}]" {
		t.Errorf("%v, %v", q, err)
	}
	for text, want := range map[string]string{
		``: "no data", `{"text": "a"}`: "id", `{"id": "", "text": "a"}`: "id", `{"id": 1}`: "text", `{"id": 1, "text": " "}`: "text",
		`{"id": 1, "text": "a"}` + "\n" + `{"id": "1", "text": "b"}`: `p:2: field "id": "1" occurs twice`,
	} {
		if _, err := Collect(ParsePassages(strings.NewReader(text), "p")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	for text, want := range map[string]string{`{"ids": [1]}`: "query", `{"query": "a"}`: "ids", `{"query": "a", "ids": []}`: "ids", `{"query": "a", "ids": [{}]}`: "ids"} {
		if _, err := Collect(ParseQueries(strings.NewReader(text), "q")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

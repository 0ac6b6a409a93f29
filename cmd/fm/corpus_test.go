package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const corpusText = `CHAPTER I

It rained all day, and the river rose over its banks. Where can I find my lost card? Nobody in the village knew.

The old mill stood at the end of the lane. Nobody had walked there for years.
`

// TestCorpus makes a corpus, checks it, and pretrains on it.
func TestCorpus(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "book.txt", corpusText)
	test := write(t, dir, "test.csv", "text,label\nwhere can i find my lost card,card\n")
	var more strings.Builder
	for i := range 300 {
		fmt.Fprintf(&more, "{\"text\": \"The %s met engine number %d.\"}\n", animals[i%len(animals)], i)
	}
	write(t, dir, "more.jsonl", more.String())
	src := write(t, dir, "corpus.json", `{"sources": [{"name": "books", "format": "text", "paths": ["book.txt"]}, {"name": "more", "format": "jsonl", "paths": ["more.jsonl"]}], "exclude": ["test.csv"], "seed": 1}`)
	out := filepath.Join(dir, "corpus")
	m := lastObject(t, mustFM(t, "", "data", "prepare", "corpus", "--json", "--src", src, "--out", out))
	if got := m["exclude"].([]any)[0].(map[string]any)["sentences"]; got != 1.0 {
		t.Errorf("dropped %v sentences of evaluation text, want 1", got)
	}
	if got := tree(t, out); len(got) != 5 || filepath.Base(got[1]) != "books.txt" || filepath.Base(got[2]) != "corpus.json" || filepath.Base(got[4]) != "pairs.jsonl" {
		t.Errorf("made %v", got)
	}
	again := mustFM(t, "", "data", "prepare", "corpus", "--src", src, "--out", out)
	if !strings.Contains(again, "books.txt  1 documents, 4 sentences") || !strings.Contains(again, "pairs.jsonl  2 next") {
		t.Errorf("said %q", again)
	}
	if hits := lastObject(t, mustFM(t, "", "data", "overlap", "--text", out, "--with", test))["hits"].([]any); len(hits) != 0 {
		t.Errorf("the corpus: %v", hits)
	}
	mustFM(t, "", "pretrain", "text", "--data", out, "--out", filepath.Join(dir, "base"), "--preset", "tiny", "--steps", "1")

	stdout, code, err := fm(t, "", "data", "overlap", "--text", filepath.Join(dir, "book.txt"), "--with", test)
	if hits := lastObject(t, stdout)["hits"].([]any); code != exitFailed || err == nil || len(hits) != 1 || hits[0].(map[string]any)["line"] != 3.0 {
		t.Errorf("the source: code %d, %v, hits %v", code, err, hits)
	}
	strict := filepath.Join(dir, "strict")
	if _, code, err := fm(t, "", "data", "prepare", "corpus", "--strict", "--src", src, "--out", strict); code != exitFailed || !strings.Contains(err.Error(), "where can i find my lost card") {
		t.Errorf("strict: code %d, %v, want %d and the text", code, err, exitFailed)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*strict*")); len(left) > 0 {
		t.Errorf("strict left %v", left)
	}
}

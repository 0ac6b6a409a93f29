package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestSearch goes the whole way of an index.
func TestSearch(t *testing.T) {
	dir := t.TempDir()
	var passages, queries strings.Builder
	for i, a := range animals {
		text := fmt.Sprintf(animal[i%3], a)
		fmt.Fprintf(&passages, `{"id": %d, "text": "%s"}`+"\n", 100+i, text)
		fmt.Fprintf(&queries, `{"query": "%s", "ids": [%d]}`+"\n", text, 100+i)
	}
	base, file, questions := smallBase(t, dir, 1), write(t, dir, "passages.jsonl", passages.String()), write(t, dir, "queries.jsonl", queries.String())
	out := filepath.Join(dir, "index")
	a := lastObject(t, mustFM(t, "", "adapt", "search", "--base", base, "--data", file, "--out", out, "--json"))
	if a["passages"] != 6.0 || a["width"] != 32.0 {
		t.Errorf("adapt says %v", a)
	}
	for _, args := range [][]string{{"--adapter", out}, {"--baseline", "bm25", "--train", file}} {
		s := lastObject(t, mustFM(t, "", append([]string{"eval", "search", "--data", questions, "--json"}, args...)...))
		if s["n"] != 6.0 || s["recall@1"] != 1.0 || s["mrr@10"] != 1.0 || s["ndcg@10"] != 1.0 {
			t.Errorf("%q: eval says %v", args, s)
		}
	}
	p := mustFM(t, `{"query": "a dog ate the grass", "k": 1}`+"\n", "predict", "--adapter", out)
	if !strings.Contains(p, `"corpus_id":1`) || !strings.Contains(p, `"id":"101","text":"a dog ate the grass"`) {
		t.Errorf("predict says %s", p)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
	for _, args := range [][]string{
		{"eval", "search", "--baseline", "bm25", "--data", questions},
		{"adapt", "search", "--base", base, "--data", questions, "--out", filepath.Join(dir, "x")},
		{"eval", "search", "--adapter", out, "--data", file},
		{"eval", "qa", "--adapter", out, "--data", file},
		{"adapt", "search", "--base", base, "--data", file, "--out", filepath.Join(dir, "x"), "--pooling", "sum"},
	} {
		if _, code, err := fm(t, "", args...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
}

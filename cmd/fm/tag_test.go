package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// taggedJSONL writes sentences in which animals and machines are named.
func taggedJSONL(t *testing.T, dir, name string) string {
	t.Helper()
	var b strings.Builder
	for i := range animals {
		fmt.Fprintf(&b, `{"tokens": ["the", "%s", "sleeps", "in", "the", "hay"], "tags": ["O", "B-animal", "O", "O", "O", "O"]}`+"\n", animals[i])
		fmt.Fprintf(&b, `{"tokens": ["my", "%s", "%s", "needs", "oil"], "tags": ["O", "B-machine", "I-machine", "O", "O"]}`+"\n", machines[i], machines[(i+1)%6])
	}
	return write(t, dir, name, b.String())
}

// TestTag goes the whole way of a tagger.
func TestTag(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), taggedJSONL(t, dir, "train.jsonl")
	out := filepath.Join(dir, "adapter")
	a := lastObject(t, mustFM(t, "", "adapt", "tag", "--base", base, "--data", data, "--eval", data, "--out", out, "--steps", "60", "--lr", "3e-3", "--batch", "6", "--json"))
	s := lastObject(t, mustFM(t, "", "eval", "tag", "--adapter", out, "--data", data, "--json"))
	if s["n"] != 12.0 || s["f1"].(float64) < 0.9 {
		t.Errorf("eval says %v, want the training data learnt", s)
	}
	for _, key := range []string{"precision", "recall", "f1", "accuracy", "interval"} {
		if _, ok := s[key]; !ok {
			t.Errorf("eval doesn't say %s", key)
		}
	}
	p := lastObject(t, mustFM(t, `{"id": "x", "text": "my pump drill needs oil"}`+"\n", "predict", "--adapter", out))
	if p["id"] != "x" {
		t.Errorf("predict says %v", p)
	}
	found := mustFM(t, `{"text": "my pump drill needs oil"}`+"\n", "predict", "--adapter", out)
	if !strings.Contains(found, `"entity_group":"machine"`) || !strings.Contains(found, `"word":"pump drill","start":3,"end":13`) {
		t.Errorf("predict says %s", found)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
	if s := lastObject(t, mustFM(t, "", "eval", "tag", "--baseline", "perceptron", "--train", data, "--data", data, "--json")); s["f1"].(float64) < 0.9 {
		t.Errorf("the baseline scores %v on what it learnt", s)
	}
	for _, args := range [][]string{{"--baseline", "perceptron"}, {"--baseline", "lead", "--train", data}} {
		if _, code, err := fm(t, "", append([]string{"eval", "tag", "--data", data}, args...)...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
	bad := write(t, dir, "bad.jsonl", `{"tokens": ["a"], "tags": ["X"]}`)
	if _, code, err := fm(t, "", "eval", "tag", "--adapter", out, "--data", bad); code != exitUsage || !strings.Contains(err.Error(), "bad.jsonl:1") {
		t.Errorf("a bad tag: code %d, %v", code, err)
	}
}

// TestTagWithHead answers with a checkpoint of transformers.
func TestTagWithHead(t *testing.T) {
	dir := filepath.Join("..", "..", "adapters", "tagger", "testdata", "bert")
	line := `{"text": "Carl lives in New York."}` + "\n"
	if got := mustFM(t, line, "predict", "--base", dir, "--aggregation", "first"); !strings.Contains(got, `"entity_group":"LOC"`) {
		t.Errorf("got %s", got)
	}
	if got := mustFM(t, line, "predict", "--base", dir); !strings.Contains(got, `"entity":"`) {
		t.Errorf("got %s", got)
	}
	for _, args := range [][]string{{"--base", dir, "--aggregation", "max"}, {"--base", "mini", "--aggregation", "first"}, {"--adapter", dir, "--aggregation", "first"}} {
		if _, code, err := fm(t, line, append([]string{"predict"}, args...)...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
}

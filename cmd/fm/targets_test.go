package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestTargets goes the whole way of adapters for many labels and for a number.
func TestTargets(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	var many, number strings.Builder
	for i := range animals {
		fmt.Fprintf(&many, `{"text": "the %s sleeps", "label": ["animal"]}`+"\n", animals[i])
		fmt.Fprintf(&many, `{"text": "my %s needs oil", "label": "machine"}`+"\n", machines[i])
		fmt.Fprintf(&many, `{"text": "the %s sleeps in my %s", "label": ["animal", "machine"]}`+"\n", animals[i], machines[i])
		fmt.Fprintf(&many, `{"text": "oil in the hay", "label": []}`+"\n")
		fmt.Fprintf(&number, `{"text": "the %s sleeps", "label": 1}`+"\n", animals[i])
		fmt.Fprintf(&number, `{"text": "my %s needs oil", "label": -2.5}`+"\n", machines[i])
	}
	for task, c := range map[string]struct{ content, score, line, wants string }{
		"multilabel": {many.String(), "micro_f1", `{"id": "x", "text": "the cat sleeps in my drill"}`, `"label":"machine"`},
		"regress":    {number.String(), "r2", `{"id": "x", "text": "my drill needs oil"}`, `"score":-2.`},
	} {
		file, out := write(t, dir, task+".jsonl", c.content), filepath.Join(dir, task)
		a := lastObject(t, mustFM(t, "", "adapt", task, "--base", base, "--data", file, "--eval", file, "--out", out, "--steps", "60", "--lr", "3e-3", "--batch", "8", "--json"))
		s := lastObject(t, mustFM(t, "", "eval", task, "--adapter", out, "--data", file, "--json"))
		if s[c.score].(float64) < 0.9 {
			t.Errorf("%s: eval says %v, want the training data learnt", task, s)
		}
		if got := mustFM(t, c.line+"\n", "predict", "--adapter", out); !strings.Contains(got, c.wants) || !strings.Contains(got, `"id":"x"`) {
			t.Errorf("%s: predict says %s, want %s", task, got, c.wants)
		}
		if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
			t.Errorf("%s: verify says %v, want %v", task, v, a["digest"])
		}
		if s := lastObject(t, mustFM(t, "", "eval", task, "--baseline", "tfidf", "--train", file, "--data", file, "--json")); s[c.score].(float64) < 0.8 {
			t.Errorf("%s: the baseline scores %v on what it learnt", task, s)
		}
		for _, args := range [][]string{{"--baseline", "tfidf"}, {"--baseline", "lead", "--train", file}} {
			if _, code, err := fm(t, "", append([]string{"eval", task, "--data", file}, args...)...); code != exitUsage {
				t.Errorf("%s: %q: code %d, %v", task, args, code, err)
			}
		}
		bad := write(t, dir, "bad.jsonl", `{"text": "a", "label": {}}`)
		if _, code, err := fm(t, "", "eval", task, "--adapter", out, "--data", bad); code != exitUsage || !strings.Contains(err.Error(), "bad.jsonl:1") {
			t.Errorf("%s: a bad label: code %d, %v", task, code, err)
		}
	}
}

// TestHeads: heads that are fitted at once have no steps, and can be verified.
func TestHeads(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	var b strings.Builder
	for i := range animals {
		fmt.Fprintf(&b, `{"text": "the %s sleeps", "label": "animal"}`+"\n"+`{"text": "my %s needs oil", "label": "machine"}`+"\n", animals[i], machines[i])
	}
	file := write(t, dir, "train.jsonl", b.String())
	for name, args := range map[string][]string{"ridge": {"--head", "ridge", "--penalty", "0.1"}, "knn": {"--head", "knn", "--neighbours", "3"}, "contrast": {"--contrastive", "0.1", "--steps", "2", "--batch", "8"}} {
		out := filepath.Join(dir, name)
		a := lastObject(t, mustFM(t, "", append([]string{"adapt", "classify", "--base", base, "--data", file, "--eval", file, "--out", out, "--json"}, args...)...))
		if want := map[bool]float64{false: 0, true: 2}[name == "contrast"]; a["steps"] != want {
			t.Errorf("%s: got %v steps, want %v", name, a["steps"], want)
		}
		if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
			t.Errorf("%s: verify says %v, want %v", name, v, a["digest"])
		}
		if got := mustFM(t, `{"text": "my drill needs oil"}`+"\n", "predict", "--adapter", out); !strings.Contains(got, `"label":"`) {
			t.Errorf("%s: predict says %s", name, got)
		}
	}
	for _, args := range [][]string{{"--head", "svm"}, {"--head", "ridge", "--method", "full"}, {"--head", "knn", "--penalty", "1"}, {"--method", "head", "--contrastive", "0.1"}} {
		if _, code, err := fm(t, "", append([]string{"adapt", "classify", "--base", base, "--data", file, "--out", filepath.Join(dir, "bad")}, args...)...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
}

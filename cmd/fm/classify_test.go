package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestClassify goes the whole way of a classifier: adapt, eval, predict, verify.
func TestClassify(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), labelledCSV(t, dir, "train.csv")
	out := filepath.Join(dir, "adapter")
	adapt := []string{"adapt", "classify", "--base", base, "--data", data, "--out", out, "--eval", data, "--epochs", "20", "--lr", "3e-3", "--batch", "8", "--json"}
	a := lastObject(t, mustFM(t, "", adapt...))
	if a["task"] != "classify" || a["adapter"] != out || !strings.HasPrefix(a["digest"].(string), "sha256:") {
		t.Errorf("adapt says %v", a)
	}
	s := lastObject(t, mustFM(t, "", "eval", "classify", "--adapter", out, "--data", data, "--json"))
	if s["n"] != 36.0 || s["accuracy"].(float64) < 0.95 || s["macro_f1"].(float64) < 0.95 {
		t.Errorf("eval says %v, want the training data learnt", s)
	}
	if i := s["interval"].(map[string]any)["accuracy"].([]any); i[0].(float64) > s["accuracy"].(float64) || i[1].(float64) < s["accuracy"].(float64) {
		t.Errorf("interval %v doesn't hold the accuracy %v", i, s["accuracy"])
	}
	p := mustFM(t, "{\"text\": \"the horse sleeps in the hay\", \"id\": \"7\"}\n\n{\"text\": \"my pump makes a loud noise\"}\n", "predict", "--adapter", out)
	lines := strings.Split(strings.TrimSpace(p), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"id":"7","label":"animal","score":`) || !strings.Contains(lines[1], `{"label":"machine"`) {
		t.Errorf("predict says %q", lines)
	}
	v := lastObject(t, mustFM(t, "", "verify", out, "--json"))
	if v["match"] != true || v["want"] != a["digest"] {
		t.Errorf("verify says %v, want a match with %v", v, a["digest"])
	}
	write(t, dir, "train.csv", "text,label\na cat sleeps,animal\nthe pump broke,machine\n")
	if _, code, err := fm(t, "", "verify", out); code != exitUsage || !strings.Contains(err.Error(), "train.csv") {
		t.Errorf("verify after the data changed: code %d, %v, want %d and the file", code, err, exitUsage)
	}
}

// TestScratch holds that the control arm starts from other weights and goes through the same verbs.
func TestScratch(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 9), labelledCSV(t, dir, "train.csv")
	digests := map[any]string{}
	for _, extra := range []string{"", "--scratch", "--method=head", "--seed=2", "--shots=3", "--pooling=cls", "--label-smoothing=0.2", "--grid=1e-3:1,3e-3:2"} {
		args := []string{"adapt", "classify", "--base", base, "--data", data, "--out", filepath.Join(dir, "a"+extra), "--epochs", "2", "--json"}
		if extra != "" {
			args = append(args, extra)
		}
		d := lastObject(t, mustFM(t, "", args...))["digest"]
		if other, ok := digests[d]; ok {
			t.Errorf("%q and %q give the same weights", extra, other)
		}
		digests[d] = extra
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestAssist goes the whole way of an assistant.
func TestAssist(t *testing.T) {
	dir := t.TempDir()
	var dialogues, passages strings.Builder
	for i := range 48 {
		a, m := animals[i%6], machines[i%6]
		fmt.Fprintf(&dialogues, `{"id": %d, "turns": [{"text": "the %s sleeps in the hay", "intent": "animal", "slots": [{"slot": "who", "start": 4, "end": %d}], "answers": ["a"]}, {"text": "a %s broke its belt", "intent": "machine", "slots": []}, {"text": "my %s makes a loud noise", "intent": "noise", "slots": []}]}`+"\n",
			i, a, 4+len(a), m, m)
	}
	fmt.Fprintln(&passages, `{"id": "a", "text": "The cat sleeps in the hay. A mouse ate the grass."}`)
	fmt.Fprintln(&passages, `{"id": "b", "text": "The pump needs new oil."}`)
	base, file, knowledge := smallBase(t, dir, 1), write(t, dir, "dialogues.jsonl", dialogues.String()), write(t, dir, "passages.jsonl", passages.String())
	out := filepath.Join(dir, "helper")
	made := lastObject(t, mustFM(t, "", "adapt", "assist", "--base", base, "--dialogues", file, "--knowledge", knowledge, "--out", out, "--out-of-scope", "noise", "--needs", "animal=who",
		"--intents-method", "head", "--steps", "40", "--held-back", "0.5", "--false-alarms", "0.1", "--risk", "0.3", "--json"))
	if made["task"] != "assist" || len(made["parts"].([]any)) != 3 {
		t.Errorf("adapt says %v", made)
	}
	s := lastObject(t, mustFM(t, "", "eval", "assist", "--adapter", out, "--data", file, "--train", file, "--json"))
	for _, key := range []string{"accuracy", "slot_f1", "recall@1", "coverage", "risk", "false_alarms", "out_of_scope_AUROC", "tfidf_accuracy", "perceptron_slot_f1", "bm25_recall@1", "gain_accuracy"} {
		if _, ok := s[key]; !ok {
			t.Errorf("eval doesn't say %s: %v", key, s)
		}
	}
	if s["n"] != 144.0 || s["accuracy"].(float64) < 0.8 {
		t.Errorf("eval says %v, want the training data learnt", s)
	}
	first := lastObject(t, mustFM(t, `{"id": "x", "message": "the cat sleeps in the hay"}`+"\n", "predict", "--adapter", out))
	if first["id"] != "x" || first["intent"].(map[string]any)["label"] != "animal" {
		t.Errorf("predict says %v", first)
	}
	line, err := json.Marshal(map[string]any{"message": "a pump broke its belt", "state": first["state"]})
	if err != nil {
		t.Fatal(err)
	}
	if next := lastObject(t, mustFM(t, string(line)+"\n", "predict", "--adapter", out)); next["state"].(map[string]any)["count"] != 2.0 {
		t.Errorf("predict says %v of the second message", next)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != made["digest"] {
		t.Errorf("verify says %v, want %v", v, made["digest"])
	}
	for _, args := range [][]string{
		{"adapt", "assist", "--base", base, "--out", filepath.Join(dir, "x")},
		{"adapt", "assist", "--base", base, "--dialogues", file, "--out", filepath.Join(dir, "x"), "--needs", "animal"},
		{"adapt", "assist", "--base", base, "--dialogues", knowledge, "--out", filepath.Join(dir, "x")},
		{"adapt", "assist", "--base", base, "--dialogues", file, "--out", filepath.Join(dir, "x"), "--risk", "2"},
		{"eval", "assist", "--data", file},
		{"eval", "assist", "--adapter", base, "--data", file},
		{"eval", "assist", "--adapter", out, "--data", knowledge},
		{"eval", "classify", "--adapter", out, "--data", file},
	} {
		if _, code, err := fm(t, "", args...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
	for _, bad := range []string{`{"message": "a", "state": {"count": -1}}`, `{"message": ""}`} {
		if _, code, err := fm(t, bad+"\n", "predict", "--adapter", out); code != exitUsage || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s: code %d, %v", bad, code, err)
		}
	}
}

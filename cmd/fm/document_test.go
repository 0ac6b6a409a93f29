package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocument goes the whole way of documents: parts are trained, put together, asked, scored and verified.
func TestDocument(t *testing.T) {
	dir := t.TempDir()
	base, csv, tags := smallBase(t, dir, 1), labelledCSV(t, dir, "train.csv"), taggedJSONL(t, dir, "tags.jsonl")
	at := func(name string) string { return filepath.Join(dir, name) }
	mustFM(t, "", "adapt", "classify", "--base", base, "--data", csv, "--eval", csv, "--method", "head", "--out", at("kind"))
	mustFM(t, "", "adapt", "tag", "--base", base, "--data", tags, "--eval", tags, "--steps", "60", "--lr", "3e-3", "--batch", "6", "--out", at("names"))
	asked := write(t, dir, "asked.json", `{"fields": [{"name": "what", "entity": "machine"}]}`)
	a := lastObject(t, mustFM(t, "", "adapt", "document", "--type", at("kind"), "--entities", at("names"), "--questions", asked, "--out", at("document"), "--json"))
	line := `{"id": "7", "text": "my pump drill needs oil"}` + "\n"
	out := mustFM(t, line, "predict", "--adapter", at("document"))
	var d struct {
		ID     string
		Type   json.RawMessage
		Fields []struct {
			Name, Answer string
			Start, End   int
		}
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if d.ID != "7" || len(d.Fields) != 1 || d.Fields[0].Answer != "pump drill" || d.Fields[0].Start != 3 || d.Fields[0].End != 13 {
		t.Errorf("predict says %s", out)
	}
	alone := mustFM(t, strings.Replace(line, `"id": "7", `, "", 1), "predict", "--adapter", at("kind"))
	if string(d.Type) != strings.TrimSpace(alone) {
		t.Errorf("type: got %s, want %s", d.Type, alone)
	}
	known := write(t, dir, "known.jsonl", `{"text": "my pump drill needs oil", "type": "machine", "entities": [{"entity_group": "machine", "start": 3, "end": 13}]}
{"text": "the cat sleeps in the hay", "type": "animal", "entities": [{"entity_group": "animal", "start": 4, "end": 7}]}`)
	s := lastObject(t, mustFM(t, "", "eval", "document", "--adapter", at("document"), "--data", known, "--json"))
	if s["n"] != 2.0 || s["entities_f1"] != 1.0 || s["type_accuracy"] != 1.0 || s["rouge1"] != nil {
		t.Errorf("eval says %v", s)
	}
	if v := lastObject(t, mustFM(t, "", "verify", at("document"), "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
	for _, args := range [][]string{
		{"adapt", "document", "--out", at("x")},
		{"adapt", "document", "--out", at("x"), "--answers", at("kind")},
		{"adapt", "document", "--out", at("x"), "--type", at("nowhere")},
		{"adapt", "document", "--out", at("x"), "--type", at("kind"), "--questions", asked},
		{"adapt", "document", "--out", at("x"), "--type", at("kind"), "--questions", csv},
		{"adapt", "document", "--out", at("x"), "--type", at("kind"), "--calibrate", known},
		{"eval", "document", "--adapter", at("document"), "--data", csv},
		{"eval", "document", "--adapter", at("kind"), "--data", known},
	} {
		if _, code, err := fm(t, "", args...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
	if _, err := os.Stat(at("x")); err == nil {
		t.Error("something was written")
	}
	weights := filepath.Join(at("document"), "parts", "entities", "adapter_model.safetensors")
	raw, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(weights, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, code, err := fm(t, "", "verify", at("document")); code != exitFailed {
		t.Errorf("verify of other weights: code %d, %v", code, err)
	}
}

package main

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestFanOut holds that several adapters answer a line as each does alone, and that those that share a pass are named.
func TestFanOut(t *testing.T) {
	dir := t.TempDir()
	base, csv, tags := smallBase(t, dir, 1), labelledCSV(t, dir, "train.csv"), taggedJSONL(t, dir, "tags.jsonl")
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, a := range [][]string{
		{"classify", "kind", csv, "--method", "head"},
		{"classify", "again", csv, "--method", "head", "--seed", "2"},
		{"multilabel", "many", csv, "--method", "head"},
		{"classify", "low", csv, "--method", "lora", "--steps", "20"},
		{"classify", "whole", csv, "--steps", "20"},
		{"tag", "names", tags, "--method", "head", "--steps", "20"},
	} {
		mustFM(t, "", append([]string{"adapt", a[0], "--base", base, "--data", a[2], "--eval", a[2], "--out", at(a[1])}, a[3:]...)...)
	}
	names := []string{"kind", "low", "names", "again", "whole", "many"}
	args := []string{"predict"}
	for _, n := range names {
		args = append(args, "--adapter", n+"="+at(n))
	}
	lines := []string{`{"text": "my pump drill <needs> oil & a Pump"}`, `{"text": "the horse \ud83d\ude00 sleeps"}`}
	got := strings.Split(strings.TrimSpace(mustFM(t, `{"id": "7", `+lines[0][1:]+"\n"+lines[1]+"\n", args...)), "\n")
	var parsed []struct {
		ID      string
		Answers map[string]json.RawMessage
		Shared  [][]string
	}
	if err := json.Unmarshal([]byte("["+strings.Join(got, ",")+"]"), &parsed); err != nil {
		t.Fatal(err)
	}
	for i, p := range parsed {
		if want := [][]string{{"kind", "names", "again", "many"}}; !reflect.DeepEqual(p.Shared, want) {
			t.Errorf("line %d: shared %v, want %v", i, p.Shared, want)
		}
		for _, n := range names {
			if want := strings.TrimSpace(mustFM(t, lines[i]+"\n", "predict", "--adapter", at(n))); string(p.Answers[n]) != want {
				t.Errorf("line %d, %s: got %s, want %s", i, n, p.Answers[n], want)
			}
		}
	}
	if parsed[0].ID != "7" || parsed[1].ID != "" || len(parsed[0].Answers) != len(names) {
		t.Errorf("got %s", got)
	}
	both := []string{"predict", "--adapter", "a=" + at("kind"), "--adapter", "b=" + at("names")}
	for line, want := range map[string]string{
		`{"text": "a", "tokens": ["a"]}`: `want one of them`, `{"text": "a", "txt": "b"}`: `unknown key "txt"`, `{"tokens": ["a"]}`: `a: "text"`, `{"text": "a", "text": "b"}`: "text",
	} {
		if _, code, err := fm(t, line+"\n", both...); code != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: code %d, %v, want %s", line, code, err, want)
		}
	}
	for _, args := range [][]string{
		{"--adapter", at("kind"), "--adapter", "b=" + at("names")},
		{"--adapter", "a=" + at("kind"), "--adapter", "a=" + at("names")},
		{"--adapter", "=" + at("kind")},
		{"--adapter", "a=" + at("nowhere")},
		{"--adapter", "a=" + at("kind"), "--adapter", "b=" + at("names"), "--overlay", "heat"},
	} {
		if _, code, err := fm(t, lines[0]+"\n", append([]string{"predict"}, args...)...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
}

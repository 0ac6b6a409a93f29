package main

import (
	"path/filepath"
	"testing"
)

// TestFewParameters goes the whole way of every method that tunes few parameters, for every task of texts.
func TestFewParameters(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	for task, data := range map[string]string{
		"classify": labelledCSV(t, dir, "train.csv"), "qa": squadJSON(t, dir, "train.json"), "summarize": documents(t, dir, "train.jsonl"),
	} {
		digests := map[any]bool{}
		for _, method := range [][]string{
			{"lora", "--rank=2", "--targets=query,value"},
			{"ia3"},
			{"ia3", "--targets=value,intermediate.dense", "--feed-forward=intermediate.dense"},
			{"prefix", "--tokens=3"},
			{"bottleneck", "--size=4", "--attention"},
			{"bottleneck"},
			{"bitfit"},
			{"last-k", "--layers=1"},
			{"full", "--layer-decay=0.7"},
			{"full", "--optimizer=muon"},
		} {
			out := filepath.Join(dir, "adapter")
			a := lastObject(t, mustFM(t, "", append([]string{"adapt", task, "--base", base, "--data", data, "--eval", data, "--out", out, "--steps=2", "--json", "--method"}, method...)...))
			if a["method"] != method[0] || digests[a["digest"]] {
				t.Errorf("%s, %q: adapt says %v", task, method, a)
			}
			digests[a["digest"]] = true
			if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true {
				t.Errorf("%s, %q: verify says %v", task, method, v)
			}
			s := lastObject(t, mustFM(t, "", "eval", task, "--adapter", out, "--data", data, "--json"))
			if want := a["metrics"].(map[string]any)["n"]; s["n"] != want {
				t.Errorf("%s, %q: eval says %v, adapt scored %v", task, method, s, want)
			}
		}
	}
}

func TestFewParametersRefused(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), labelledCSV(t, dir, "train.csv")
	for _, args := range [][]string{
		{"--method=dora"},
		{"--rank=2"}, // the method is full
		{"--method=ia3", "--rank=2"},
		{"--method=lora", "--feed-forward=query"},
		{"--method=lora", "--rank=1000"},
		{"--method=lora", "--rank=40"}, // wider than the model
		{"--method=lora", "--alpha=0"},
		{"--method=lora", "--targets=nobody"},
		{"--method=ia3", "--targets=query", "--feed-forward=query"},
		{"--method=prefix", "--tokens=0"},
		{"--method=bottleneck", "--size=33"},
		{"--method=last-k"}, // two of one block
		{"--method=bitfit", "--layers=1"},
		{"--method=head", "--layer-decay=0.5"},
		{"--layer-decay=2"},
		{"--optimizer=sgd"},
		{"--label-smoothing=1"},
		{"--method=lora", "--optimizer=muon"},
	} {
		_, code, err := fm(t, "", append([]string{"adapt", "classify", "--base", base, "--data", data, "--out", filepath.Join(dir, "a"), "--steps=1"}, args...)...)
		if err == nil || code != exitUsage {
			t.Errorf("%q: code %d, %v, want %d", args, code, err, exitUsage)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReportTransfer: a report of tags goes on where its folder is, leaves a page and JSON, and says what is wrong with its flags.
func TestReportTransfer(t *testing.T) {
	dir := t.TempDir()
	base, data, out := smallBase(t, dir, 1), taggedJSONL(t, dir, "train.jsonl"), filepath.Join(dir, "report")
	args := []string{"report", "transfer", "tag", "--base", base, "--data", data, "--held-back", "0.4", "--budgets", "2,all", "--seeds", "2", "--grid", "1e-3:1", "--out", out, "--pretraining-minutes", "1", "--json"}
	r := lastObject(t, mustFM(t, "", args...))
	if r["metric"] != "f1" || len(r["arms"].([]any)) != 5 || len(r["labels_saved"].([]any)) != 3 || r["verdict"] == "" {
		t.Errorf("report says %v", r)
	}
	for _, name := range []string{"report.html", "report.json", "comparison.json", "cells/lora.2.seed1.json"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	if err := os.Remove(filepath.Join(out, "cells", "lora.2.seed1.json")); err != nil {
		t.Fatal(err)
	}
	again := lastObject(t, mustFM(t, "", args...))
	if again["verdict"] != r["verdict"] {
		t.Errorf("again it says %v, was %v", again["verdict"], r["verdict"])
	}
	if _, _, err := fm(t, "", append(args, "--optimizer", "muon")...); err == nil {
		t.Error("another optimizer in the same folder: got no error")
	}
	muon := lastObject(t, mustFM(t, "", append(args, "--optimizer", "muon", "--out", filepath.Join(dir, "muon"))...))
	if len(muon["arms"].([]any)) != 5 {
		t.Errorf("by Muon it says %v", muon)
	}
	for name, c := range map[string][]string{
		"task":    {"search"},
		"budget":  {"tag", "--budgets", "x"},
		"order":   {"tag", "--budgets", "9,3"},
		"both":    {"tag", "--budgets", "3", "--shots", "3"},
		"arm":     {"tag", "--arms", "best"},
		"too few": {"tag", "--budgets", "1000"},
		"grid":    {"tag", "--grid", "1"},
		"seeds":   {"tag", "--seeds", "0"},
		"muon":    {"policy", "--optimizer", "muon"},
		"sgd":     {"tag", "--optimizer", "sgd"},
	} {
		if _, code, err := fm(t, "", append(append([]string{"report", "transfer"}, c...), "--base", base, "--data", data)...); code != exitUsage {
			t.Errorf("%s: code %d, %v, want %d", name, code, err, exitUsage)
		}
	}
}

// TestAdvise: the bases given are probed, and limits and data are checked.
func TestAdvise(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	data := labelledCSV(t, dir, "train.csv")
	a := lastObject(t, mustFM(t, "", "advise", "--data", data, "--bases", base, "--max-memory", "1GB", "--json"))
	if bases := a["bases"].([]any); len(bases) != 1 || bases[0].(map[string]any)["name"] != base || a["says"] == "" {
		t.Errorf("advise says %v", a)
	}
	if out := mustFM(t, "", "advise", "--data", bars(t, dir, 8), "--bases", visionBase(t, dir), "--max-size", "1kB"); !strings.Contains(out, "HOG") || !strings.Contains(out, "no base") {
		t.Errorf("advise says %s", out)
	}
	for name, c := range map[string][]string{
		"no data": {}, "no file": {"--data", "none.csv"}, "neither": {"--data", base}, "bytes": {"--data", data, "--max-size", "20 parsecs"},
		"task": {"--data", data, "--task", "qa"}, "seconds": {"--data", data, "--seconds", "0"},
	} {
		if _, code, err := fm(t, "", append([]string{"advise"}, c...)...); code != exitUsage {
			t.Errorf("%s: code %d, %v, want %d", name, code, err, exitUsage)
		}
	}
}

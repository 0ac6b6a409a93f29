package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/mini"
	minidistilled "github.com/fmkit/fmkit/text/mini-distilled"
)

// TestBundledBases: the bases of this program are found by name, and adapters on them find them again.
func TestBundledBases(t *testing.T) {
	t.Setenv("HF_HUB_OFFLINE", "1")
	for short, load := range map[string]func() (*text.Model, error){"mini": mini.Load, "mini-distilled": minidistilled.Load} {
		m, err := load()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{short, "text/" + short} {
			if got := lastObject(t, mustFM(t, "", "inspect-model", name, "--json")); got["fingerprint"] != m.Fingerprint() {
				t.Errorf("%s: got %v, want the fingerprint %s", name, got, m.Fingerprint())
			}
		}
	}
	for name, task := range map[string]string{"vision/mini": "adapt inspect", "rl/mini": "adapt policy"} {
		got := lastObject(t, mustFM(t, "", "inspect-model", name, "--json"))
		if got["fingerprint"] == nil || got["num_hidden_layers"] != 4.0 || !slices.Contains(got["supports"].([]any), any(task)) {
			t.Errorf("%s: got %v", name, got)
		}
		if table := mustFM(t, "", "inspect-model", name); !strings.Contains(table, "4 layers, 256 wide") {
			t.Errorf("%s: got %s", name, table)
		}
	}
	if _, code, err := fm(t, "", "inspect-model", "text/maxi"); code == 0 {
		t.Errorf("text/maxi: code %d, %v, want an error", code, err)
	}
	if got := mustFM(t, "where is my card?\n", "embed", "--base", "mini"); !strings.HasPrefix(got, "[") {
		t.Errorf("embed: got %.60s", got)
	}
	dir := t.TempDir()
	csv, adapter := labelledCSV(t, dir, "train.csv"), filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "classify", "--base", "text/mini", "--data", csv, "--out", adapter, "--steps", "2")
	if got := mustFM(t, `{"text": "my card"}`+"\n", "predict", "--adapter", adapter); !strings.Contains(got, "label") {
		t.Errorf("predict: got %s", got)
	}
}

// TestMiniPolicy: mini alone is rl/mini for policies, which find it again.
func TestMiniPolicy(t *testing.T) {
	t.Setenv("HF_HUB_OFFLINE", "1")
	dir := t.TempDir()
	data, adapter := filepath.Join(dir, "data"), filepath.Join(dir, "adapter")
	poleEpisodes(t, data, 2)
	mustFM(t, "", "adapt", "policy", "--base", "mini", "--data", data, "--method", "head", "--out", adapter, "--steps", "2", "--episodes", "0")
	if got := lastObject(t, mustFM(t, "", "eval", "policy", "--adapter", adapter, "--episodes", "1", "--json")); got["mean_return"] == nil {
		t.Errorf("eval: got %v", got)
	}
}

// TestBaseFolder: a base of this program is written out where a folder is needed, and removed after that.
func TestBaseFolder(t *testing.T) {
	b := &base{name: "mini-distilled", fsys: minidistilled.FS()}
	dir, done, err := b.folder()
	if err != nil {
		t.Fatal(err)
	}
	if got := lastObject(t, mustFM(t, "", "inspect-model", dir, "--json")); got["fingerprint"] == nil {
		t.Errorf("got %v", got)
	}
	done()
	if _, code, _ := fm(t, "", "inspect-model", dir); code == 0 {
		t.Errorf("%s is still there", dir)
	}
}

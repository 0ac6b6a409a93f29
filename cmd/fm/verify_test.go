package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/adapter/adaptertest"
)

// edit replaces the first old by new in a file, and gives the function that undoes it.
func edit(t *testing.T, path, old, new string) (undo func()) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), old) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(raw), old, new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// flip changes the lowest bit of the last weight of a file.
func flip(t *testing.T, path string) (undo func()) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := string(raw[len(raw)-4:])
	return edit(t, path, string(raw[len(raw)-64:]), string(raw[len(raw)-64:len(raw)-4])+string([]byte{last[0] ^ 1})+last[1:])
}

func sum(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := sha256.Sum256(raw)
	return hex.EncodeToString(s[:])
}

// reseal makes the sums of an adapter folder fit.
func reseal(t *testing.T, dir string) {
	t.Helper()
	if err := adaptertest.Reseal(dir); err != nil {
		t.Fatal(err)
	}
}

// refuses runs verify on something that was changed.
func refuses(t *testing.T, dir string, code int, want error, text string) {
	t.Helper()
	out, got, err := fm(t, "", "verify", dir, "--json")
	if got != code || err == nil || !strings.Contains(err.Error(), text) || want != nil && !errors.Is(err, want) {
		t.Errorf("code %d, %v, want %d, %v and %q; %s", got, err, code, want, text, out)
	}
}

// TestVerifyRun changes one thing at a time of a pretraining run.
func TestVerifyRun(t *testing.T) {
	dir := t.TempDir()
	out, corpus := filepath.Join(dir, "run"), filepath.Join(dir, "corpus.txt")
	mustFM(t, "", pretrainArgs(t, dir, "run", "--seed", "0")...)
	recipe := filepath.Join(out, "recipe.json")
	mustFM(t, "", "verify", out)

	was := sum(t, corpus)
	undo := edit(t, corpus, "sleeps", "sleepy")
	refuses(t, out, exitUsage, nil, "corpus.txt")
	undoRecipe := edit(t, recipe, was, sum(t, corpus)) // the hash is changed too
	refuses(t, out, exitFailed, errDigest, "the weights differ: got sha256:")
	undoRecipe()
	undo()

	// recipe.json has the seed in two places.
	edit(t, recipe, `"seed": 0`, `"seed": 2`)
	refuses(t, out, exitFailed, errChanged, "recipe.json")
	edit(t, recipe, `"seed": 0`, `"seed": 2`)
	refuses(t, out, exitFailed, errDigest, "the weights differ: got sha256:")
}

// TestVerifyRunWeights changes one bit of the model of a run.
func TestVerifyRunWeights(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "run")
	mustFM(t, "", pretrainArgs(t, dir, "run")...)
	undo := flip(t, filepath.Join(out, "model.safetensors"))
	refuses(t, out, exitFailed, errDigest, "the weights differ: got sha256:")
	undo()
	mustFM(t, "", "verify", out)
}

// TestVerifyAdapter changes one thing at a time of an adapter.
func TestVerifyAdapter(t *testing.T) {
	dir := t.TempDir()
	base, data, out := smallBase(t, dir, 1), labelledCSV(t, dir, "train.csv"), filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "classify", "--base", base, "--data", data, "--out", out, "--eval", data, "--epochs", "2", "--seed", "17")
	passport, weights := filepath.Join(out, "fmkit.json"), filepath.Join(out, "adapter_model.safetensors")
	mustFM(t, "", "verify", out)

	// The label of an example. The evaluation is the same file.
	was := sum(t, data)
	undo := edit(t, data, ",animal", ",machine")
	refuses(t, out, exitUsage, nil, "train.csv")
	undoFirst := edit(t, passport, was, sum(t, data))
	undoBoth := edit(t, passport, was, sum(t, data))
	reseal(t, out)
	refuses(t, out, exitFailed, errDigest, "the weights differ: got sha256:")
	undoBoth()
	undoFirst()
	undo()

	// A weight.
	undo = flip(t, weights)
	refuses(t, out, exitFailed, errChanged, "weights do not match the passport")
	undo()

	// The seed: of the passport, of the recipe, of the recipe with its hash made to fit.
	var p struct {
		Recipe       json.RawMessage `json:"recipe"`
		RecipeSHA256 string          `json:"recipe_sha256"`
	}
	raw, err := os.ReadFile(passport)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	at := strings.LastIndex(string(raw), `"seed": 17`)
	undo = edit(t, passport, string(raw[at:]), strings.Replace(string(raw[at:]), "17", "18", 1))
	refuses(t, out, exitFailed, errChanged, "fmkit.json: not what was written")
	reseal(t, out)
	refuses(t, out, exitFailed, errChanged, "seed of the passport: got 18, the recipe gives 17")
	undo()
	undo = edit(t, passport, string(p.Recipe), strings.Replace(string(p.Recipe), `"seed": 17`, `"seed": 18`, 1))
	refuses(t, out, exitFailed, errChanged, "recipe is not the one on record")
	if raw, err = os.ReadFile(passport); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		t.Fatal(err)
	}
	hash, err := adapter.RecipeSum(p.Recipe)
	if err != nil {
		t.Fatal(err)
	}
	edit(t, passport, p.RecipeSHA256, hash)
	edit(t, passport, `"seed": 17`, `"seed": 18`)
	reseal(t, out)
	refuses(t, out, exitFailed, errDigest, "the weights differ: got sha256:")
	undo()
	mustFM(t, "", "verify", out)
}

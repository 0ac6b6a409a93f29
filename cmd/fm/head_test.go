package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// TestExport: an exported adapter is a folder that answers by itself, as the adapter does.
func TestExport(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), squadJSON(t, dir, "train.json")
	adapter, out := filepath.Join(dir, "adapter"), filepath.Join(dir, "exported")
	mustFM(t, "", "adapt", "qa", "--base", base, "--data", data, "--eval", data, "--out", adapter, "--epochs", "60", "--lr", "3e-3", "--batch", "6")
	mustFM(t, "", "export", "--adapter", adapter, "--out", out)
	i := lastObject(t, mustFM(t, "", "inspect-model", out, "--json"))
	if i["task"] != text.TaskQuestionAnswering || i["model_type"] != "bert" || i["num_hidden_layers"] != 1.0 {
		t.Errorf("inspect-model: got %v", i)
	}
	if table := mustFM(t, "", "inspect-model", out); !strings.Contains(table, "question-answering") || !strings.Contains(table, "sha256:") {
		t.Errorf("inspect-model: got %s", table)
	}
	const line = `{"id": "7", "question": "in the hay?", "context": "the horse sleeps in the hay. my horse runs to the river."}` + "\n"
	var answers []map[string]any
	for _, args := range [][]string{{"predict", "--adapter", adapter}, {"predict", "--base", out}} {
		a := lastObject(t, mustFM(t, line, args...))
		answers = append(answers, a)
	}
	for _, key := range []string{"id", "answer", "start", "end"} {
		if answers[0][key] != answers[1][key] {
			t.Errorf("%s: the adapter says %v, the exported model %v", key, answers[0][key], answers[1][key])
		}
	}

	csv := labelledCSV(t, dir, "train.csv")
	mustFM(t, "", "adapt", "classify", "--base", base, "--data", csv, "--out", filepath.Join(dir, "classes"), "--steps", "2")
	dense := filepath.Join(dir, "dense")
	mustFM(t, "", "export", "--adapter", filepath.Join(dir, "classes"), "--out", dense, "--half")
	if got := lastObject(t, mustFM(t, "", "inspect-model", dense, "--json")); got["sentence_transformers"].(map[string]any)["unsupported_module"] != "Dense" || got["dtypes"].(map[string]any)["F16"] == nil {
		t.Errorf("got %v", got)
	}
}

// TestPredictHead asks checkpoints with heads of their own.
func TestPredictHead(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 2)
	m, err := text.Load(base)
	if err != nil {
		t.Fatal(err)
	}
	if _, code, err := fm(t, "", "predict", "--base", base); code != exitUsage || !strings.Contains(err.Error(), "no head") {
		t.Errorf("an encoder alone: code %d, %v", code, err)
	}
	qa := filepath.Join(dir, "qa")
	if err := m.Save(qa, text.SaveOptions{Head: text.NewHead(text.TaskQuestionAnswering, nn.NewLinear("x", 32, 2), nil, "")}); err != nil {
		t.Fatal(err)
	}
	if got := lastObject(t, mustFM(t, `{"question": "who?", "context": "the cat"}`+"\n", "predict", "--base", qa)); !slices.Contains([]any{"the", "cat", "the cat"}, got["answer"]) {
		t.Errorf("got %v", got)
	}
	for _, line := range []string{`{"question": "who?"}`, `{"text": "x"}`, `[]`} {
		if _, code, err := fm(t, line+"\n", "predict", "--base", qa); code != exitUsage || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%s: code %d, %v", line, code, err)
		}
	}
	for _, args := range [][]string{{"predict"}, {"predict", "--base", filepath.Join(dir, "none")}, {"inspect-model", dir}, {"inspect-model"}, {"export", "--adapter", base, "--out", filepath.Join(dir, "x")}} {
		if _, code, err := fm(t, "", args...); code != exitUsage {
			t.Errorf("%q: code %d, %v", args, code, err)
		}
	}
}

// TestFillMaskLine asks for a masked token of a model with its pretraining head.
func TestFillMaskLine(t *testing.T) {
	dir := t.TempDir()
	corpus := write(t, dir, "corpus.txt", strings.Repeat("the cat sleeps in the hay.\nmy horse runs to the river.\n", 200))
	out := filepath.Join(dir, "base")
	mustFM(t, "", "pretrain", "text", "--data", corpus, "--out", out, "--preset", "tiny", "--steps", "3", "--vocab", "100", "--length", "16")
	var fills []text.Fill
	answer := mustFM(t, `{"text": "the [MASK] sleeps"}`+"\n", "predict", "--base", out)
	if err := json.Unmarshal([]byte(answer), &fills); err != nil || len(fills) != fillTop || !strings.Contains(fills[0].Sequence, "sleeps") {
		t.Errorf("got %s, %v", answer, err)
	}
	two := lastObject(t, mustFM(t, `{"id": "a", "text": "the [MASK] [MASK]"}`+"\n", "predict", "--base", out))
	if two["id"] != "a" || len(two["answers"].([]any)) != 2 {
		t.Errorf("got %v", two)
	}
	if _, code, err := fm(t, `{"text": "no mask"}`+"\n", "predict", "--base", out); code != exitUsage {
		t.Errorf("no mask: code %d, %v", code, err)
	}
}

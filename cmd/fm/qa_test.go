package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/data/datatest"
)

// squadJSON writes questions about where an animal sleeps.
func squadJSON(t *testing.T, dir, name string) string {
	t.Helper()
	type answer struct {
		Text  string `json:"text"`
		Start int    `json:"answer_start"`
	}
	type qa struct {
		ID       string   `json:"id"`
		Question string   `json:"question"`
		Answers  []answer `json:"answers"`
	}
	type paragraph struct {
		Context string `json:"context"`
		QAs     []qa   `json:"qas"`
	}
	type article struct {
		Title      string      `json:"title"`
		Paragraphs []paragraph `json:"paragraphs"`
	}
	var file struct {
		Version string    `json:"version"`
		Data    []article `json:"data"`
	}
	file.Version = "1.1"
	for i, a := range animals {
		context := fmt.Sprintf("the %s sleeps in the hay. my %s runs to the river.", a, a)
		start := strings.Index(context, "the hay")
		file.Data = append(file.Data, article{Title: a, Paragraphs: []paragraph{{Context: context, QAs: []qa{
			{ID: fmt.Sprint("q", i), Question: "in the hay?", Answers: []answer{{"the hay", start}}},
		}}}})
	}
	raw, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, dir, name, string(raw))
}

// TestQA goes the whole way of a question-answering adapter.
func TestQA(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), squadJSON(t, dir, "train.json")
	out := filepath.Join(dir, "adapter")
	a := lastObject(t, mustFM(t, "", "adapt", "qa", "--base", base, "--data", data, "--eval", data, "--out", out, "--epochs", "60", "--lr", "3e-3", "--batch", "6", "--json"))
	s := lastObject(t, mustFM(t, "", "eval", "qa", "--adapter", out, "--data", data, "--json"))
	if s["n"] != 6.0 || s["f1"].(float64) < 0.9 {
		t.Errorf("eval says %v, want the training data learnt", s)
	}
	p := lastObject(t, mustFM(t, `{"question": "in the hay?", "context": "the dog sleeps in the hay. my dog runs to the river."}`+"\n", "predict", "--adapter", out))
	if p["answer"] != "the hay" || p["start"] != 18.0 || p["end"] != 25.0 {
		t.Errorf("predict says %v", p)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
}

// TestAnswersFromElsewhere scores predictions without a model.
func TestAnswersFromElsewhere(t *testing.T) {
	dir := t.TempDir()
	data := squadJSON(t, dir, "data.json")
	eval := func(predictions string) (map[string]any, int, error) {
		return evalPredictions(t, "qa", data, write(t, dir, "p.json", predictions))
	}
	s, _, err := eval(`{"q0": "The Hay!", "q1": "hay", "q2": "hay the river", "q3": "nowhere"}`)
	if err != nil || s["n"] != 6.0 || s["exact_match"] != 2.0/6 || math.Abs(s["f1"].(float64)-(1+1+2.0/3)/6) > 1e-12 {
		t.Errorf("scores %v, %v", s, err)
	}
	for predictions, want := range map[string]string{
		`{"x": "y"}`: "no question", `{"q0": 3}`: "p.json", `["q0"]`: "p.json", ``: "p.json", `{"q0":"a","q0":"b"}`: "q0",
	} {
		if _, code, err := eval(predictions); code != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: code %d, %v, want %q", predictions, code, err, want)
		}
	}
	if _, code, err := fm(t, "", "eval", "classify", "--data", data, "--predictions", data); code != exitUsage {
		t.Errorf("predictions of classify: %v", err)
	}
}

// TestPublishedAnswers holds that the scorer gives the published figures of three systems.
func TestPublishedAnswers(t *testing.T) {
	dir := datatest.Path(t, "qa-squad")
	for name, want := range map[string][2]float64{"bert-ensemble": {86.64, 92.67}, "match-lstm": {68.85, 77.87}, "logreg-baseline": {40.80, 51.46}} {
		out := mustFM(t, "", "eval", "qa", "--json", "--data", filepath.Join(dir, "squad-dev-v1.1.part-dev.json"), "--predictions", filepath.Join(dir, "reference-predictions."+name+".json"))
		s := lastObject(t, out)
		for i, key := range []string{"exact_match", "f1"} {
			if got := 100 * s[key].(float64); math.Abs(got-want[i]) > 0.005 {
				t.Errorf("%s: %s is %.3f, want %.2f", name, key, got, want[i])
			}
		}
	}
}

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// documents writes texts whose summary is always the sentence about a machine.
func documents(t *testing.T, dir, name string) string {
	t.Helper()
	var b strings.Builder
	for i := range animals {
		m := fmt.Sprintf(machine[i%3], machines[i])
		fmt.Fprintf(&b, `{"id": "%d", "source": ["%s", "%s", "%s"], "target": "%s"}`+"\n", i, fmt.Sprintf(animal[0], animals[i]), m, fmt.Sprintf(animal[2], animals[i]), m)
	}
	return write(t, dir, name, b.String())
}

// TestSummarize goes the whole way of a summarizer.
func TestSummarize(t *testing.T) {
	dir := t.TempDir()
	base, data := smallBase(t, dir, 1), documents(t, dir, "train.jsonl")
	out := filepath.Join(dir, "adapter")
	a := lastObject(t, mustFM(t, "", "adapt", "summarize", "--base", base, "--data", data, "--eval", data, "--out", out, "--epochs", "60", "--lr", "3e-3", "--batch", "6", "--json"))
	s := lastObject(t, mustFM(t, "", "eval", "summarize", "--adapter", out, "--data", data, "--json"))
	lead := lastObject(t, mustFM(t, "", "eval", "summarize", "--baseline", "lead", "--data", data, "--json"))
	oracle := lastObject(t, mustFM(t, "", "eval", "summarize", "--baseline", "oracle", "--data", data, "--json"))
	if s["rouge1"].(float64) <= lead["rouge1"].(float64) || oracle["rouge1"] != 1.0 || s["rouge1"].(float64) > 1 {
		t.Errorf("rouge1: adapter %v, lead %v, oracle %v", s["rouge1"], lead["rouge1"], oracle["rouge1"])
	}
	for _, key := range []string{"n", "rouge1", "rouge2", "rougeL", "rougeLsum", "interval"} {
		if _, ok := s[key]; !ok {
			t.Errorf("eval doesn't say %s", key)
		}
	}
	p := lastObject(t, mustFM(t, `{"id": "x", "text": "The horse sleeps in the hay. The lathe needs new oil. My horse runs to the river."}`+"\n", "predict", "--adapter", out))
	if p["id"] != "x" || p["summary_text"] == "" {
		t.Errorf("predict says %v", p)
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != a["digest"] {
		t.Errorf("verify says %v, want %v", v, a["digest"])
	}
}

// TestSummariesFromElsewhere scores predictions without a model.
func TestSummariesFromElsewhere(t *testing.T) {
	dir := t.TempDir()
	data := documents(t, dir, "data.jsonl")
	var perfect, short strings.Builder
	for i := range animals {
		fmt.Fprintf(&perfect, `{"id": "%d", "summary_text": "%s"}`+"\n\n", i, fmt.Sprintf(machine[i%3], machines[i]))
		fmt.Fprintf(&short, `{"summary_text": "%s"}`+"\n", machines[i])
	}
	eval := func(predictions string) (map[string]any, int, error) {
		return evalPredictions(t, "summarize", data, write(t, dir, "p.jsonl", predictions))
	}
	if s, _, err := eval(perfect.String()); err != nil || s["rougeL"] != 1.0 || s["n"] != 6.0 {
		t.Errorf("perfect summaries: %v, %v", s, err)
	}
	if s, _, err := eval(short.String()); err != nil || s["rouge1"].(float64) <= 0 || s["rouge1"].(float64) >= 0.5 || s["rouge2"] != 0.0 {
		t.Errorf("short summaries: %v, %v", s, err)
	}
	for predictions, want := range map[string]string{
		"": "got 0 lines", `{"summary_text": "a"}`: "got 1 lines", "\n" + `{"summary": "a"}`: "p.jsonl:2", `{"id": "5", "summary_text": "a"}`: `want "0"`,
		perfect.String() + `{"summary_text": "a"}`: "p.jsonl:13",
	} {
		if _, code, err := eval(predictions); code != exitUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: code %d, %v, want %q", predictions, code, err, want)
		}
	}
	if _, code, err := fm(t, "", "eval", "summarize", "--data", data, "--baseline", "random"); code != exitUsage {
		t.Errorf("unknown baseline: %v", err)
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpusFile writes some hundred lines about animals and machines.
func corpusFile(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, animal[i%3]+" and "+machine[i/3%3]+".\n", animals[i%6], machines[i/2%6])
	}
	return write(t, dir, "corpus.txt", b.String())
}

// pretrainArgs is a run of a few steps, its recipe in a file.
func pretrainArgs(t *testing.T, dir, out string, more ...string) []string {
	t.Helper()
	recipe := write(t, dir, "recipe.json", `{
		"model": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 32,
			"type_vocab_size": 2, "model_type": "bert", "vocab_size": 200},
		"length": 32, "batch": 4, "eval_max": 4, "held": 0.1, "train": {"steps": 12, "warmup": 2, "lr": 0.003, "eval_every": 4, "save_every": 4}
	}`)
	return append([]string{"pretrain", "text", "--data", corpusFile(t, dir), "--out", filepath.Join(dir, out), "--config", recipe, "--json"}, more...)
}

// TestPretrain goes from text to vectors, and to the same bits again.
func TestPretrain(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "run")
	r := lastObject(t, mustFM(t, "", pretrainArgs(t, dir, "run")...))
	for _, key := range []string{"steps", "loss", "eval_loss", "eval_accuracy", "per_second", "seconds", "digest"} {
		if _, ok := r[key]; !ok {
			t.Errorf("pretrain doesn't say %s: %v", key, r)
		}
	}
	if r["steps"] != 12.0 {
		t.Errorf("%v steps, want 12", r["steps"])
	}
	lines := strings.Split(strings.TrimSpace(mustFM(t, "the cat sleeps\nan engine\n", "embed", "--base", out)), "\n")
	if len(lines) != 2 || strings.Count(lines[0], ",") != 31 || lines[0] == lines[1] {
		t.Errorf("embed gives %d lines, the first %.60s", len(lines), lines[0])
	}
	if v := lastObject(t, mustFM(t, "", "verify", out, "--json")); v["match"] != true || v["got"] != r["digest"] {
		t.Errorf("verify says %v, want %v", v, r["digest"])
	}
	other := lastObject(t, mustFM(t, "", pretrainArgs(t, dir, "other", "--seed", "2")...))
	if other["digest"] == r["digest"] {
		t.Error("another seed gives the same weights")
	}
	minutes := lastObject(t, mustFM(t, "", pretrainArgs(t, dir, "minutes", "--minutes", "0.02")...))
	if minutes["steps"].(float64) < 1 || minutes["steps"] == 12.0 {
		t.Errorf("--minutes gave %v steps", minutes["steps"])
	}
}

// TestResume holds that a stopped run goes on to the bits of one that wasn't, and only with its own recipe.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	want := lastObject(t, mustFM(t, "", pretrainArgs(t, dir, "whole")...))["digest"]
	args := pretrainArgs(t, dir, "run")
	ctx, cancel := context.WithCancelCause(t.Context())
	// Standard error is where progress goes: stop after the first evaluation.
	stop := watcher{seen: "step 4/12", then: func() { cancel(interrupt{os.Interrupt}) }}
	err := run(ctx, args, strings.NewReader(""), &strings.Builder{}, &stop)
	if code := exitCode(ctx, err); code != exitSIGINT {
		t.Fatalf("stopped with code %d, %v, want %d", code, err, exitSIGINT)
	}
	if _, code, err := fm(t, "", args...); code != exitUsage || !strings.Contains(err.Error(), "already holds a run") {
		t.Errorf("a second run in the folder: code %d, %v", code, err)
	}
	before := tree(t, dir)
	if _, code, err := fm(t, "", append(args, "--resume", "--lr", "0.1")...); code != exitUsage || !strings.Contains(err.Error(), "lr: was 0.003, now 0.1") {
		t.Errorf("resume with another recipe: code %d, %v", code, err)
	}
	if after := tree(t, dir); len(after) != len(before) {
		t.Errorf("resume with another recipe wrote files: %d, then %d", len(before), len(after))
	}
	if got := lastObject(t, mustFM(t, "", append(args, "--resume")...))["digest"]; got != want {
		t.Errorf("resumed to %v, want %v", got, want)
	}
}

// A watcher calls then when it is written a text.
type watcher struct {
	seen string
	then func()
	text strings.Builder
}

func (w *watcher) Write(p []byte) (int, error) {
	w.text.Write(p)
	if w.then != nil && strings.Contains(w.text.String(), w.seen) {
		w.then()
		w.then = nil
	}
	return len(p), nil
}

// TestPretrainBadInput holds that a run that can't begin writes nothing.
func TestPretrainBadInput(t *testing.T) {
	dir := t.TempDir()
	good := pretrainArgs(t, dir, "run")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no data":            {[]string{"pretrain", "text", "--data", filepath.Join(dir, "none.txt"), "--out", filepath.Join(dir, "run")}, "none.txt"},
		"empty data":         {[]string{"pretrain", "text", "--data", write(t, dir, "empty.txt", "\n\n"), "--out", filepath.Join(dir, "run")}, "empty.txt"},
		"not UTF-8":          {[]string{"pretrain", "text", "--data", write(t, dir, "latin1.txt", "caf\xe9\nna\xefve\n"), "--out", filepath.Join(dir, "run")}, "latin1.txt"},
		"preset":             {append(good, "--preset", "huge"), "huge"},
		"steps":              {append(good, "--steps", "-3"), "steps"},
		"length":             {append(good, "--length", "1000"), "length"},
		"minutes":            {append(good, "--minutes", "-1"), "--minutes"},
		"minutes and steps":  {append(good, "--minutes", "1", "--steps", "5"), "--steps"},
		"unknown key":        {append(good, "--config", write(t, dir, "c.json", `{"lenght": 3}`)), "lenght"},
		"tokenizer":          {append(good, "--tokenizer", write(t, dir, "t.json", `[]`)), "t.json"},
		"tokenizer is there": {append(good, "--tokenizer", filepath.Join(dir, "no.json")), "no.json"},
	} {
		t.Run(name, func(t *testing.T) {
			before := tree(t, dir)
			_, code, err := fm(t, "", c.args...)
			if code != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("code %d, %v, want %d and %q", code, err, exitUsage, c.want)
			}
			if after := tree(t, dir); len(after) != len(before) {
				t.Errorf("wrote files:\n%v\n%v", before, after)
			}
		})
	}
}

// TestEmbedStopsWithTheContext holds that reading lines ends with the context, by a failure where no signal was the cause.
func TestEmbedStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	err := run(ctx, []string{"embed", "--base", smallBase(t, t.TempDir(), 1)}, strings.NewReader("a\n"), &strings.Builder{}, &strings.Builder{})
	if code := exitCode(ctx, err); code != exitFailed {
		t.Errorf("code %d, %v, want %d", code, err, exitFailed)
	}
}

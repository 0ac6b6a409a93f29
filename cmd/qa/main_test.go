package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/qa/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestRun answers from folders as fm adapt leaves them.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	const passage = "the cat sleeps in the hay"
	base, err := texttest.Model(1, strings.Fields(passage+" where does it")...)
	if err != nil {
		t.Fatal(err)
	}
	if err := base.Save(filepath.Join(dir, "base"), text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	c := train.Defaults()
	c.Epochs, c.LR, c.Held = 60, 3e-3, 0
	q := data.Question{ID: "1", Title: "a", Context: passage, Text: "where does it sleep?", Answers: []data.Answer{{Text: "the hay", Start: 18, End: 25, RuneStart: 18}}}
	if _, err := train.Adapt(t.Context(), base, train.Data{Train: []data.Question{q, q, q}}, c, finetune.Options{Out: filepath.Join(dir, "adapter")}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(file, []byte(passage), 0o644); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"--base", filepath.Join(dir, "base"), "--adapter", filepath.Join(dir, "adapter"), file, "where does it sleep?"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "where does it sleep?\tthe hay\t") {
		t.Errorf("got %q", out.String())
	}
	out.Reset()
	if err := run(t.Context(), []string{file, "where?", "why?"}, &out); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("the model in the binary: got %q, %v, want two lines", out.String(), err)
	}
	for _, args := range [][]string{{}, {file}, {"--bass", "x"}, {filepath.Join(dir, "none.txt"), "why?"}, {"--base", dir, file, "why?"}} {
		if err := run(t.Context(), args, &out); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

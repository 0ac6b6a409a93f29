package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/summarizer/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestRun summarises with folders as fm adapt leaves them.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	sentences := []string{"The cat sleeps in the hay.", "A pump broke its belt.", "My horse runs to the river."}
	document := strings.Join(sentences, " ")
	base, err := texttest.Model(1, strings.Fields(strings.ToLower(document))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := base.Save(filepath.Join(dir, "base"), text.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	c := train.Defaults()
	c.Epochs, c.LR, c.Held = 100, 3e-3, 0
	d := data.Summary{ID: "1", Source: document, Sentences: sentences, Targets: sentences[1:2]}
	if _, err := train.Adapt(t.Context(), base, train.Data{Train: []data.Summary{d, d}}, c, finetune.Options{Out: filepath.Join(dir, "adapter")}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "text.txt")
	if err := os.WriteFile(file, []byte(document), 0o644); err != nil {
		t.Fatal(err)
	}
	folders := []string{"--base", filepath.Join(dir, "base"), "--adapter", filepath.Join(dir, "adapter")}
	var out strings.Builder
	if err := run(t.Context(), append(folders, "--sentences", "1", file), &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != sentences[1]+"\n" {
		t.Errorf("got %q, want the sentence that it learnt", got)
	}
	out.Reset()
	if err := run(t.Context(), []string{"--sentences", "2", file}, &out); err != nil || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("the model in the binary: got %q, %v, want two sentences", out.String(), err)
	}
	for _, args := range [][]string{{}, {"--bass", "x"}, append(folders, filepath.Join(dir, "none.txt")), append(folders, "--sentences", "0", file)} {
		if err := run(t.Context(), args, &out); err == nil {
			t.Errorf("%q was accepted", args)
		}
	}
}

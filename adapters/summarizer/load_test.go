package summarizer_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// TestLoadFS holds that base and adapter in memory, as embedded ones are, answer as those in folders do.
func TestLoadFS(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "adapter")
	base, err := texttest.Model(1, "cat", "pump", "sleeps")
	if err != nil {
		t.Fatal(err)
	}
	c := train.Defaults()
	c.Steps, c.Held = 2, 0
	examples := []data.Summary{{Sentences: []string{"The cat sleeps.", "A pump."}, Targets: []string{"A pump."}}}
	if _, err := train.Adapt(t.Context(), base, train.Data{Train: examples}, c, finetune.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	want, err := summarizer.Load(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	base, files := texttest.Embedded(t, base, dir)
	got, err := summarizer.LoadFS(files, base)
	if err != nil {
		t.Fatal(err)
	}
	in := []summarizer.Input{{Text: "A cat. The pump sleeps. It is late."}}
	a, err := want.Summarize(t.Context(), in, summarizer.Options{Sentences: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := got.Summarize(t.Context(), in, summarizer.Options{Sentences: 1})
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("got %v, %v, want %v", b, err, a)
	}
}

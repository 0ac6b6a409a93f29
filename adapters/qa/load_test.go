package qa_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/qa/train"
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
	c.Steps, c.Held, c.MaxQuestion = 2, 0, 8
	examples := []data.Question{{ID: "1", Text: "who sleeps", Context: "the cat sleeps", Answers: []data.Answer{{Text: "cat", Start: 4, End: 7, RuneStart: 4}}}}
	if _, err := train.Adapt(t.Context(), base, train.Data{Train: examples}, c, finetune.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	want, err := qa.Load(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	base, files := texttest.Embedded(t, base, dir)
	got, err := qa.LoadFS(files, base)
	if err != nil {
		t.Fatal(err)
	}
	in := []qa.Input{{Question: "who", Context: "the pump sleeps"}}
	a, err := want.Answer(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := got.Answer(t.Context(), in)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("got %v, %v, want %v", b, err, a)
	}
}

package classifier_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
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
	examples := []data.Labelled{{Text: "cat sleeps", Label: "a"}, {Text: "pump", Label: "b"}}
	if _, err := train.Adapt(t.Context(), base, train.Data{Train: examples}, c, finetune.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	want, err := classifier.Load(dir, base)
	if err != nil {
		t.Fatal(err)
	}
	base, files := texttest.Embedded(t, base, dir)
	got, err := classifier.LoadFS(files, base)
	if err != nil {
		t.Fatal(err)
	}
	in := []string{"cat", "the pump sleeps"}
	a, err := want.Predict(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := got.Predict(t.Context(), in)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("got %v, %v, want %v", b, err, a)
	}
}

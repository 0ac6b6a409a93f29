package tagger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns where a name stands; the adapter folder then finds names on that base.
func Example() {
	names := []string{"anna", "bert", "carl", "dora"}
	base, err := texttest.Model(1, append(names, "ott", "met", "we", "in", "the", "rain")...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Tagged
	for _, name := range names {
		examples = append(
			examples,
			data.Tagged{Tokens: []string{"We", "met", name, "Ott", "in", "the", "rain"}, Tags: []string{"O", "O", "B-person", "I-person", "O", "O", "O"}},
			data.Tagged{Tokens: []string{name, "met", "the", "rain", "."}, Tags: []string{"B-person", "O", "O", "O", "O"}},
		)
	}
	dir, err := os.MkdirTemp("", "tagger")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Steps, c.Batch, c.LR, c.Held = 150, 8, 3e-3, 0
	ctx, out := context.Background(), filepath.Join(dir, "names")
	if _, err := train.Adapt(ctx, base, train.Data{Train: examples}, c, finetune.Options{Out: out}); err != nil {
		fmt.Println(err)
		return
	}
	p, err := tagger.Load(out, base)
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := p.Predict(ctx, []string{"We met Dora Ott."})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range found[0] {
		fmt.Println(e.Group, e.Word, e.Start, e.End)
	}
	// Output:
	// person dora ott 7 15
}

// A checkpoint of transformers answers as its pipeline does.
func ExampleFromHead() {
	dir := filepath.Join("testdata", "bert")
	m, err := text.Load(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := text.LoadHead(dir, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := tagger.FromHead(m, h)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Labels())
	// Output:
	// [B-LOC B-PER I-LOC I-PER O]
}

package summarizer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/summarizer/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns that the sentence with a result is the summary; the adapter folder then summarises on that base.
func Example() {
	base, err := texttest.Model(1, "we", "show", "that", "it", "works", "this", "is", "old", "others", "tried", "much")
	if err != nil {
		fmt.Println(err)
		return
	}
	var documents []data.Summary
	for _, how := range []string{"works", "is old", "tried much", "is much"} {
		key := "We show that it " + how + "."
		documents = append(documents,
			data.Summary{Sentences: []string{"This is old.", "Others tried.", key}, Targets: []string{key}},
			data.Summary{Sentences: []string{key, "Others tried much.", "This is much."}, Targets: []string{key}})
	}
	dir, err := os.MkdirTemp("", "summarizer")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Held = 40, 4, 2e-3, 0
	ctx := context.Background()
	if _, err := train.Adapt(ctx, base, train.Data{Train: documents}, c, finetune.Options{Out: filepath.Join(dir, "results")}); err != nil {
		fmt.Println(err)
		return
	}

	p, err := summarizer.Load(filepath.Join(dir, "results"), base)
	if err != nil {
		fmt.Println(err)
		return
	}
	got, err := p.Summarize(ctx, []summarizer.Input{{Text: "Others tried this. It is old. We show that this works much. Others is it."}}, summarizer.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(got[0].Text)
	// Output:
	// We show that this works much.
}

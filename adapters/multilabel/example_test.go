package multilabel_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/multilabel"
	"github.com/fmkit/fmkit/adapters/multilabel/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns which things a sentence names; the adapter folder then answers on that base.
func Example() {
	base, err := texttest.Model(1, "cat", "dog", "saw", "drill", "the", "and")
	if err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Labelled
	for _, animal := range []string{"cat", "dog"} {
		for _, tool := range []string{"saw", "drill"} {
			examples = append(
				examples,
				data.Labelled{Text: "the " + animal, Label: "animal"}, data.Labelled{Text: "the " + tool, Label: "tool"},
				data.Labelled{Text: "the " + animal + " and the " + tool, Label: "animal|tool"}, data.Labelled{Text: "the and the"},
			)
		}
	}
	dir, err := os.MkdirTemp("", "multilabel")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Held = 40, 8, 2e-3, 0
	ctx, out := context.Background(), filepath.Join(dir, "things")
	if _, err := train.Adapt(ctx, base, train.Data{Train: examples}, c, finetune.Options{Out: out}); err != nil {
		fmt.Println(err)
		return
	}
	p, err := multilabel.Load(out, base)
	if err != nil {
		fmt.Println(err)
		return
	}
	found, err := p.Predict(ctx, []string{"The dog.", "the saw and the cat", "and the"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, labels := range found {
		fmt.Println(len(labels))
	}
	// Output:
	// 1
	// 2
	// 0
}

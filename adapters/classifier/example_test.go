package classifier_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns to tell requests from thanks; the adapter folder then answers on that base.
func Example() {
	base, err := texttest.Model(1, "please", "send", "thank", "you", "great", "open", "help", "the", "card")
	if err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Labelled
	for _, word := range []string{"card", "help", "the", "open"} {
		examples = append(examples,
			data.Labelled{Text: "please send " + word, Label: "request"}, data.Labelled{Text: "please open the " + word, Label: "request"},
			data.Labelled{Text: "thank you " + word, Label: "thanks"}, data.Labelled{Text: "great thank you for the " + word, Label: "thanks"})
	}
	dir, err := os.MkdirTemp("", "classifier")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Held = 80, 8, 2e-3, 0
	ctx := context.Background()
	if _, err := train.Adapt(ctx, base, train.Data{Train: examples}, c, finetune.Options{Out: filepath.Join(dir, "polite")}); err != nil {
		fmt.Println(err)
		return
	}

	p, err := classifier.Load(filepath.Join(dir, "polite"), base)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, err := p.Predict(ctx, []string{"Please help!", "Great, thank you."})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range scores {
		fmt.Println(s[0].Label, s[0].Score > 0.9)
	}
	// Output:
	// request true
	// thanks true
}

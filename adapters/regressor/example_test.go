package regressor_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/adapters/regressor/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns how many stars a sentence is worth; the adapter folder then answers on that base.
func Example() {
	base, err := texttest.Model(1, "good", "bad", "the", "room", "food")
	if err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Labelled
	for _, thing := range []string{"room", "food"} {
		examples = append(
			examples,
			data.Labelled{Text: "good " + thing, Label: "5"}, data.Labelled{Text: "the good " + thing, Label: "5"},
			data.Labelled{Text: "bad " + thing, Label: "1"}, data.Labelled{Text: "the bad " + thing, Label: "1"}, data.Labelled{Text: "the " + thing, Label: "3"},
		)
	}
	dir, err := os.MkdirTemp("", "regressor")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Held = 40, 10, 2e-3, 0
	ctx, out := context.Background(), filepath.Join(dir, "stars")
	if _, err := train.Adapt(ctx, base, train.Data{Train: examples}, c, finetune.Options{Out: out}); err != nil {
		fmt.Println(err)
		return
	}
	p, err := regressor.Load(out, base)
	if err != nil {
		fmt.Println(err)
		return
	}
	stars, err := p.Predict(ctx, []string{"good food", "bad room"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(math.Round(stars[0]), math.Round(stars[1]))
	// Output:
	// 5 1
}

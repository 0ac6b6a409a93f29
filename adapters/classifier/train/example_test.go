package train_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// A folder of a text encoder, here a toy one, and some labelled texts make a classifier that is saved, loaded and asked.
func ExampleAdapt() {
	dir, err := os.MkdirTemp("", "adapt")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := toy(dir); err != nil {
		fmt.Println(err)
		return
	}

	base, err := text.Load(filepath.Join(dir, "base"))
	if err != nil {
		fmt.Println(err)
		return
	}
	config := train.Defaults()
	config.Shots, config.Held, config.Epochs, config.LR, config.Batch = 3, 0, 80, 2e-3, 6
	labelled, err := train.ReadData(filepath.Join(dir, "labelled.csv"), "", config)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	if _, err := train.Adapt(ctx, base, labelled, config, finetune.Options{Out: filepath.Join(dir, "adapter")}); err != nil {
		fmt.Println(err)
		return
	}
	c, err := classifier.Load(filepath.Join(dir, "adapter"), base)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, err := c.Predict(ctx, []string{"please send help", "thank you"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(scores[0][0].Label, scores[1][0].Label)
	// Output: request thanks
}

// toy writes a base and labelled texts.
func toy(dir string) error {
	base, err := texttest.Model(1, "please", "send", "thank", "you", "help", "card")
	if err != nil {
		return err
	}
	if err := base.Save(filepath.Join(dir, "base"), text.SaveOptions{}); err != nil {
		return err
	}
	const rows = "text,label\nplease send card,request\nplease help,request\nsend help please,request\nthank you,thanks\nthank you thank you,thanks\nyou card thank,thanks\n"
	return os.WriteFile(filepath.Join(dir, "labelled.csv"), []byte(rows), 0o644)
}

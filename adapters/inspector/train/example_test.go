package train_test

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/inspector/train"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/dataset"
	"github.com/fmkit/fmkit/vision/picture"
)

// Boards are compared with their templates, and a model of windows of 64 x 64 pixels judges and names what differs.
func ExampleAdapt() {
	config := train.Default(true)
	data, err := train.ReadData("deeppcb", "", config) // as fm data prepare deeppcb makes it
	if err != nil {
		fmt.Println(err)
		return
	}
	size, err := vision.Preset("tiny", 64, 8)
	if err != nil {
		fmt.Println(err)
		return
	}
	base, err := vision.New(size, picture.NewProcessor(64, 64, 3), 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := base.Save("base", vision.SaveOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	if _, _, err := train.Adapt(context.Background(), base, data, config, train.Options{Out: "boards"}); err != nil {
		fmt.Println(err)
		return
	}
	detector, err := inspector.LoadDetector("boards", base) // here, or in the service, which links no training code
	fmt.Println(detector, err)
}

// A detector is scored on pictures that it hasn't learnt from, and trained again to the same bits.
func ExampleEvaluate() {
	base, err := vision.Load("base")
	if err != nil {
		fmt.Println(err)
		return
	}
	detector, err := inspector.LoadDetector("boards", base)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := dataset.Open("deeppcb")
	if err != nil {
		fmt.Println(err)
		return
	}
	items, err := train.Unseen(context.Background(), detector, set.Items)
	if err != nil {
		fmt.Println(err)
		return
	}
	scores, err := train.Evaluate(context.Background(), detector, items, 0.33)
	fmt.Println(scores, err)
	again, err := train.Verify(context.Background(), "boards", base, train.Options{})
	fmt.Println(again.Match, err)
}

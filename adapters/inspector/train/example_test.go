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
	set, err := dataset.Open("deeppcb") // as fm data prepare deeppcb makes it
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
	if _, _, err := train.Adapt(context.Background(), base, train.Data{Train: set.Items}, train.Default(true), train.Options{Out: "boards"}); err != nil {
		fmt.Println(err)
		return
	}
	detector, err := inspector.LoadDetector("boards", base) // here, or in the service, which links no training code
	fmt.Println(detector, err)
}

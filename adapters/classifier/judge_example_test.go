package classifier_test

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A quarter of the examples says how sure the classifier is; its answers then say whether they are to be relied on.
func ExamplePredictor_Judge() {
	words := []string{"card", "help", "the", "open", "my", "now", "a", "that"}
	base, err := texttest.Model(1, append(words, "please", "send", "thank", "you")...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Labelled
	for _, a := range words {
		for _, b := range words {
			for _, c := range words[:2] {
				examples = append(examples, data.Labelled{Text: "please send " + a + " " + b + " " + c, Label: "request"},
					data.Labelled{Text: "thank you " + a + " " + b + " " + c, Label: "thanks"})
			}
		}
	}
	c := train.Defaults()
	c.Method, c.Held = adapter.Head, 0.5
	ctx := context.Background()
	_, p, err := train.Train(ctx, base, train.Data{Train: examples}, c, finetune.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	judged, err := p.Judge(ctx, []string{"please send my card now"})
	if err != nil {
		fmt.Println(err)
		return
	}
	j := judged[0]
	fmt.Println(j.Scores[0].Label, j.Verdict.Verdict, j.Confidence > 0.9, j.Why)
	// Output: request answer true
}

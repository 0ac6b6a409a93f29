package qa_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/qa/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text/texttest"
)

// A toy base learns to point at who did something; the adapter folder then answers on that base.
func Example() {
	names := []string{"anna", "bert", "carl", "dora"}
	base, err := texttest.Model(1, append(names, "who", "left", "early", "late", "then", "it", "rained")...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var questions []data.Question
	for i, name := range names {
		for j, context := range []string{"then %s left early", "it rained then %s left late", "%s left late then it rained"} {
			context = fmt.Sprintf(context, name)
			at := strings.Index(context, name)
			questions = append(questions, data.Question{
				ID: fmt.Sprint(i, j), Text: "who left", Context: context,
				Answers: []data.Answer{{Text: name, Start: at, End: at + len(name), RuneStart: at}},
			})
		}
	}
	dir, err := os.MkdirTemp("", "qa")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.Held, c.MaxQuestion = 150, 8, 3e-3, 0, 8
	ctx := context.Background()
	if _, err := train.Adapt(ctx, base, train.Data{Train: questions}, c, finetune.Options{Out: filepath.Join(dir, "who")}); err != nil {
		fmt.Println(err)
		return
	}

	p, err := qa.Load(filepath.Join(dir, "who"), base)
	if err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.Answer(ctx, []qa.Input{{Question: "Who left?", Context: "It rained then Dora left early"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answers[0].Answer, answers[0].Start, answers[0].End)
	// Output:
	// Dora 15 19
}

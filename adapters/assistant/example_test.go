package assistant_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/assistant/train"
	"github.com/fmkit/fmkit/shared/finetune"
)

// A toy base learns to book trips. The caller keeps the state between messages; it is JSON both ways.
func Example() {
	base, err := toyBase()
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "assistant")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	d := train.Data{Dialogues: toyDialogues(60), Passages: toyPassages}
	if _, err := train.Build(ctx, base, nil, d, toyConfig(), finetune.Options{Out: filepath.Join(dir, "trips")}); err != nil {
		fmt.Println(err)
		return
	}

	a, err := assistant.Load(ctx, filepath.Join(dir, "trips"), assistant.On(base)) // here, or in the service, which links no training code
	if err != nil {
		fmt.Println(err)
		return
	}
	var state assistant.State
	for _, message := range []string{"Please book a trip to Rome", "from Oslo", "Please cancel my trip", "Who won the football match?"} {
		var r assistant.Reply
		if r, state, err = a.Respond(ctx, state, message); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(r.Intent.Label, " carried=", r.Intent.Carried, " missing=", r.Missing, " slots=", state.Slots, " escalate=", r.Why)
		if r.Answer != nil {
			fmt.Printf(" answer=%s %q", r.Answer.PassageID, r.Answer.Sentence.Text)
		}
		fmt.Println()
	}
	// Output:
	// book carried=false missing=[from] slots=map[to:[Rome]] escalate=[] answer=price "A trip to rome costs ten."
	// book carried=true missing=[] slots=map[from:[Oslo] to:[Rome]] escalate=[]
	// cancel carried=false missing=[] slots=map[from:[Oslo] to:[Rome]] escalate=[] answer=cancel "Please cancel my trip."
	// book carried=false missing=[] slots=map[from:[Oslo] to:[Rome]] escalate=[out_of_scope]
}

package assistant_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/assistant/train"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var cities = []string{"rome", "paris", "oslo", "lima"}

// toyBase knows the words of the toy dialogues whole.
func toyBase() (*text.Model, error) {
	return texttest.Model(1, append([]string{
		"please", "book", "a", "trip", "to", "cancel", "my", "thank", "you", "who", "won", "the", "match", "from", "costs", "ten", "is", "free", "for", "children", "i", "want", "great", "football", "game",
	}, cities...)...)
}

// toyDialogues are trips that are booked and cancelled.
func toyDialogues(n int) []data.Dialogue {
	slot := func(name, before, city, after string) data.DialogueTurn {
		return data.DialogueTurn{Text: before + city + after, Slots: []data.DialogueSlot{{Slot: name, Start: len(before), End: len(before) + len(city)}}}
	}
	plain := func(text, intent string, answers ...string) data.DialogueTurn {
		t := data.DialogueTurn{Text: text, Intent: intent, Slots: []data.DialogueSlot{}}
		if answers != nil {
			t.Answers = answers
		}
		return t
	}
	var all []data.Dialogue
	for i := range n {
		city := cities[i%4]
		trip := slot("to", "please book a trip to ", city, "")
		if i%2 == 1 {
			trip = slot("to", "i want a trip to ", city, " please")
		}
		trip.Intent = "book"
		var turns []data.DialogueTurn
		switch i % 3 {
		case 0:
			turns = []data.DialogueTurn{trip, slot("from", "from ", city, "")}
			turns[1].Intent = "book"
		case 1:
			turns = []data.DialogueTurn{plain("please cancel my trip", "cancel", "cancel"), plain("great thank you", "thanks")}
		default:
			turns = []data.DialogueTurn{plain("who won the football match", "other"), plain("please cancel my trip thank you", "cancel", "cancel"), plain("thank you", "thanks")}
		}
		all = append(all, data.Dialogue{ID: fmt.Sprint(i), Turns: turns})
	}
	return all
}

var toyPassages = []data.Passage{
	{ID: "price", Text: "A trip to rome costs ten. A trip to oslo is free for children."},
	{ID: "cancel", Text: "Käse. Please cancel my trip. Thank you."},
}

// toyConfig learns fast.
func toyConfig() train.Config {
	c := train.Defaults()
	c.Intents.Method, c.Intents.Logistic = "head", 100
	c.Slots.Steps, c.Slots.LR = 60, 3e-3
	c.Knowledge.Pooling = "mean"
	c.OutOfScope, c.Needs, c.Answers = "other", map[string][]string{"book": {"to", "from"}}, []string{"cancel"}
	c.Held, c.Risk, c.FalseAlarms, c.AnswerRisk = 0.4, 0.2, 0.1, 0.5
	return c
}

// buildToy makes an assistant in dir.
func buildToy(t testing.TB, dir string) *text.Model {
	t.Helper()
	base, err := toyBase()
	if err != nil {
		t.Fatal(err)
	}
	d := train.Data{Dialogues: toyDialogues(60), Passages: toyPassages}
	if _, err := train.Build(t.Context(), base, nil, d, toyConfig(), finetune.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	return base
}

// loadToy makes and loads an assistant.
func loadToy(t testing.TB) (*assistant.Assistant, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "toy")
	base := buildToy(t, dir)
	a, err := assistant.Load(t.Context(), dir, assistant.On(base))
	if err != nil {
		t.Fatal(err)
	}
	return a, dir
}

// toyFiles writes the toy's dialogues and passages.
func toyFiles(t testing.TB, dir string) train.Files {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f := train.Files{Dialogues: filepath.Join(dir, "dialogues.jsonl"), Knowledge: filepath.Join(dir, "passages.jsonl")}
	if _, err := data.WriteJSONL(f.Dialogues, stream(toyDialogues(60))); err != nil {
		t.Fatal(err)
	}
	if _, err := data.WriteJSONL(f.Knowledge, stream(toyPassages)); err != nil {
		t.Fatal(err)
	}
	return f
}

func stream[T any](all []T) func(func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

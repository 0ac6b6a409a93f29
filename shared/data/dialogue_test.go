package data

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestDialogues(t *testing.T) {
	in := `{"id": 7, "turns": [{"text": "Fly me from Köln to Rome.", "intent": "book", "slots": [{"slot": "from", "start": 12, "end": 16}, {"slot": "to", "start": 20, "end": 24}], "answers": ["a"]}, {"text": "ok", "slots": []}, {"text": "hm", "answers": []}]}` + "\n"
	all, err := Collect(ParseDialogues(strings.NewReader(in), "in"))
	if err != nil || len(all) != 1 || all[0].ID != "7" || len(all[0].Turns) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	turns := all[0].Turns
	want := Tagged{
		Tokens: []string{"Fly", "me", "from", "Köln", "to", "Rome", "."},
		Tags:   []string{"O", "O", "O", "B-from", "O", "B-to", "O"},
	}
	if got := turns[0].Tagged(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if turns[1].Slots == nil || turns[1].Answers != nil || turns[2].Slots != nil || turns[2].Answers == nil {
		t.Errorf("what is empty and what isn't known: got %#v", turns[1:])
	}
	path := t.TempDir() + "/out.jsonl"
	if _, err := WriteJSONL(path, func(yield func(Dialogue, error) bool) { yield(all[0], nil) }); err != nil {
		t.Fatal(err)
	}
	if again, err := Collect(ReadDialogues(path)); err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("written and read: %+v, %v", again, err)
	}
}

func TestDialogueErrors(t *testing.T) {
	for _, turn := range []string{
		``, `{"text": " "}`, `{"text": 1}`,
		`{"text": "abc", "slots": [{"slot": "", "start": 0, "end": 1}]}`,
		`{"text": "abc", "slots": [{"slot": "a b", "start": 0, "end": 1}]}`,
		`{"text": "äbc", "slots": [{"slot": "x", "start": 0, "end": 4}]}`,
		`{"text": "abc", "slots": [{"slot": "x", "start": -1, "end": 1}]}`,
		`{"text": "abc", "slots": [{"slot": "x", "start": 1, "end": 1}]}`,
		`{"text": "abc", "slots": [{"slot": "x", "start": 0, "end": 2}, {"slot": "y", "start": 1, "end": 3}]}`,
	} {
		_, err := Collect(ParseDialogues(strings.NewReader(`{"turns": [{"text": "a"}]}`+"\n"+`{"turns": [`+turn+`]}`), "in"))
		if row := (*RowError)(nil); !errors.As(err, &row) || row.Line != 2 || row.Field != "turns" {
			t.Errorf("%s: got %v, want an error of line 2", turn, err)
		}
	}
}

func TestMultiDoGODialogues(t *testing.T) {
	turns := func(yield func(Turn, error) bool) {
		for _, u := range []Turn{
			{Conversation: "a", Text: "g 75 to rome", Slots: []string{"number", "number", "O", "city"}, Intents: []string{"book"}},
			{Conversation: "a", Text: "ok thanks", Slots: []string{"O"}, Intents: []string{"x", "y"}},
			{Conversation: "b", Text: "rome", Slots: []string{"city"}, Intents: []string{""}},
		} {
			if !yield(u, nil) {
				return
			}
		}
	}
	all, err := Collect(dialogues(turns))
	want := []Dialogue{
		{ID: "a", Turns: []DialogueTurn{
			{Text: "g 75 to rome", Intent: "book", Slots: []DialogueSlot{{"number", 0, 4}, {"city", 8, 12}}}, {Text: "ok thanks"},
		}},
		{ID: "b", Turns: []DialogueTurn{{Text: "rome", Slots: []DialogueSlot{{"city", 0, 4}}}}},
	}
	if err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("got %+v, %v, want %+v", all, err, want)
	}
}

func ExampleDialogueOf() {
	d := DialogueOf(Tagged{Tokens: []string{"to", "New", "York", "today"}, Tags: []string{"O", "B-city", "I-city", "B-day"}})
	fmt.Printf("%q %v\n", d.Turns[0].Text, d.Turns[0].Slots)
	// Output: "to New York today" [{city 3 11} {day 12 17}]
}

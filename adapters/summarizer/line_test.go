package summarizer_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/data"
)

// TestLine: a document comes as text, sentences or turns, and of turns with nothing else.
func TestLine(t *testing.T) {
	turns := []data.Spoken{{Speaker: "Ann", Text: "Hi. All well?"}, {Text: "Yes."}}
	for name, line := range map[string]summarizer.Line{
		"nothing": {}, "turns and text": {Turns: turns, Text: "a"}, "turns and sentences": {Turns: turns, Sentences: []string{"a"}}, "an empty turn": {Turns: []data.Spoken{{Speaker: "Ann"}}},
	} {
		if in, err := line.Input(); err == nil {
			t.Errorf("%s: got %+v", name, in)
		}
	}
	in, err := (&summarizer.Line{Turns: turns}).Input()
	if want := []string{"Ann: Hi. All well?", "Yes."}; err != nil || !slices.Equal(in.Split(), want) {
		t.Errorf("got %q, %v, want %q", in.Split(), err, want)
	}
}

// The turns of a dialogue are the sentences of its summary.
func ExampleLine_Input() {
	line := summarizer.Line{Turns: []data.Spoken{{Speaker: "Customer", Text: "My card is lost."}, {Speaker: "Agent", Text: "I'm sorry. It is blocked now."}}}
	in, err := line.Input()
	fmt.Printf("%q %v\n", in.Split(), err)
	// Output: ["Customer: My card is lost." "Agent: I'm sorry. It is blocked now."] <nil>
}

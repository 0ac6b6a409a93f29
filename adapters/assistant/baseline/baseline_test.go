package baseline_test

import (
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/assistant/baseline"
	"github.com/fmkit/fmkit/shared/data"
)

// TestFit: what can be learnt from the dialogues is learnt and answers; what can't be is left out.
func TestFit(t *testing.T) {
	turn := func(text, intent string) data.Dialogue {
		return data.Dialogue{Turns: []data.DialogueTurn{{Text: text, Intent: intent}}}
	}
	known := []data.Dialogue{
		turn("where is my parcel", "track"), turn("my parcel is late", "track"), turn("track the parcel", "track"),
		turn("pay me back", "refund"), turn("I want my money back", "refund"), turn("refund the money", "refund"),
	}
	passages := []data.Passage{{ID: "a", Text: "A parcel takes two days."}, {ID: "b", Text: "Money comes back in a week."}}
	m, err := baseline.Fit(t.Context(), known, passages, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.Names(), map[string]string{"accuracy": "tfidf", "recall@1": "bm25"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got ways %v, want %v: no slots are known", got, want)
	}
	got, err := m.Run([]data.Dialogue{{Turns: []data.DialogueTurn{{Text: "the parcel is not here"}, {Text: "the money is not back"}}}})
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v, want an outcome of each turn", got, err)
	}
	for i, want := range []struct{ intent, passage string }{{"track", "a"}, {"refund", "b"}} {
		if got[i].Dialogue != 0 || got[i].Intent != want.intent || got[i].Passage != want.passage {
			t.Errorf("turn %d: got %q and passage %q, want %q and %q", i, got[i].Intent, got[i].Passage, want.intent, want.passage)
		}
	}
	if m, err = baseline.Fit(t.Context(), known[:2], nil, 1); err != nil || len(m.Names()) != 0 {
		t.Errorf("one intent and no passages: got %v, %v, want nothing to compare with", m.Names(), err)
	}
}

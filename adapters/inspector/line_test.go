package inspector

import "testing"

func TestLine(t *testing.T) {
	threshold := 1.0
	for _, w := range []struct {
		a            Answer
		verdict, why string
	}{
		{Answer{Label: OK, Threshold: &threshold}, "answer", ""},
		{Answer{Label: Defect, Threshold: &threshold}, "answer", ""},
		{Answer{Label: OK}, "answer", ""}, // of a template
		{Answer{Label: Abstain, Threshold: &threshold}, "abstain", "below threshold"},
		{Answer{Label: Abstain}, "abstain", "too few good pictures"},
	} {
		if l := NewLine("a", &w.a, 1); l.Verdict != w.verdict || l.Why != w.why || l.ID != "a" {
			t.Errorf("%+v: got %q, %q, want %q, %q", w.a, l.Verdict, l.Why, w.verdict, w.why)
		}
	}
}

package pictures

import (
	"encoding/json"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/shared/calibration"
)

// TestAnswer: without a calibration a list as it always was; with one the first label says whether it is to be relied on.
func TestAnswer(t *testing.T) {
	j := head.Judged{Scores: []head.Score{{Label: "a", Score: 0.75}, {Label: "b", Score: 0.25}}}
	for _, w := range []struct {
		id      string
		verdict *calibration.Verdict
		labels  []string
		want    string
	}{
		{"", nil, nil, `[{"label":"a","score":0.75},{"label":"b","score":0.25}]`},
		{"7", nil, nil, `{"id":"7","answers":[{"label":"a","score":0.75},{"label":"b","score":0.25}]}`},
		{
			"", &calibration.Verdict{Verdict: calibration.Abstain, Confidence: 0.5, Why: calibration.TooClose},
			[]string{},
			`[{"label":"a","score":0.75,"verdict":"abstain","confidence":0.5,"why":"two labels too close","labels":[]},{"label":"b","score":0.25}]`,
		},
	} {
		j.Verdict, j.Labels = w.verdict, w.labels
		if raw, err := json.Marshal(Answer(w.id, j)); err != nil || string(raw) != w.want {
			t.Errorf("got %s, %v, want %s", raw, err, w.want)
		}
	}
}

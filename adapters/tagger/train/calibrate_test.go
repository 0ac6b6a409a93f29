package train_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/finetune"
)

// TestCalibration: one half of what is held back says how sure entities are, the other is scored on; the calibration lies in the passport and verify makes it again.
func TestCalibration(t *testing.T) {
	m, c := base(t), config()
	c.Steps, c.Held = 30, 0.5
	path := filepath.Join(t.TempDir(), "train.jsonl")
	writeJSONL(t, path, sentences(200, 1))
	d, err := train.ReadData(path, "", c)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	p, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	q, err := tagger.Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	k := q.Settings().Confidence
	if k == nil || p.Metrics.N != 50 || k.Coverage != 0.9 {
		t.Fatalf("got %+v and %d sentences scored, want a calibration and 50", k, p.Metrics.N)
	}
	given, all := 0, 0
	for _, s := range sentences(100, 3) {
		found, err := q.Predict(context.Background(), []string{strings.Join(s.Tokens, " ")})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found[0] {
			all++
			if !e.Abstains() {
				given++
			}
		}
	}
	if share := float64(given) / float64(all); share < 0.75 {
		t.Errorf("%d of %d entities are given, want about 0.9 of them", given, all)
	}
	answer, err := q.PredictJSON(context.Background(), []byte(`{"text": "then anna Xycarl in New york"}`))
	raw, _ := json.Marshal(answer)
	if err != nil || !strings.Contains(string(raw), `"verdict":"`) {
		t.Errorf("got %s, %v", raw, err)
	}
	if v, err := train.Verify(context.Background(), dir, m, finetune.Options{}); err != nil || !v.Match {
		t.Errorf("got %+v, %v, want a match", v, err)
	}
}

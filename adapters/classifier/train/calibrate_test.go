package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/adapter/adaptertest"
	"github.com/fmkit/fmkit/shared/calibration"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
)

// calibrated is the recipe of a head that is calibrated.
func calibrated() train.Config {
	c := train.Defaults()
	c.Method, c.Held = adapter.Head, 0.4
	return c
}

// unrelated are sentences of no topic.
func unrelated(n int) []data.Labelled {
	var all []data.Labelled
	for _, e := range examples(3*n, 9)[:n] {
		words := strings.Fields(e.Text)
		for i, w := range words {
			for _, topic := range topics {
				for _, of := range topic {
					if w == of {
						words[i] = "today"
					}
				}
			}
		}
		all = append(all, data.Labelled{Text: strings.Join(words, " "), Label: "other"})
	}
	return all
}

func write(t *testing.T, examples []data.Labelled) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.csv")
	rows := func(yield func(data.Labelled, error) bool) {
		for _, e := range examples {
			if !yield(e, nil) {
				return
			}
		}
	}
	if _, err := data.WriteLabelled(path, rows); err != nil {
		t.Fatal(err)
	}
	return path
}

func adaptTo(t *testing.T, c train.Config, trainPath, evalPath string) (string, *adapter.Passport) {
	t.Helper()
	d, err := train.ReadData(trainPath, evalPath, c)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	p, err := train.Adapt(t.Context(), base(t), d, c, finetune.Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	return dir, p
}

// TestCalibration: a calibration is learnt from one half of what is held back and scored on the other; it lies in the passport, comes back with the adapter, and is
// made again by verify, which finds another one.
func TestCalibration(t *testing.T) {
	c := calibrated()
	_, p := adaptTo(t, c, write(t, append(examples(300, 1), unrelated(60)...)), "")
	if strings.Contains(string(p.Settings), "out_of_scope_label") || len(p.Labels) != 4 {
		t.Errorf("got settings %s and labels %q, want four labels", p.Settings, p.Labels)
	}
	c.Calibration.OutOfScope = "other"
	dir, p := adaptTo(t, c, write(t, append(examples(300, 1), unrelated(60)...)), "")
	k, err := classifier.Load(dir, base(t))
	if err != nil {
		t.Fatal(err)
	}
	got := k.Settings().Calibration
	if got == nil || len(p.Labels) != 3 || p.Metrics.N != 72 || got.Items != 72+36 {
		t.Fatalf("got calibration %+v, labels %q, %d scored, want 108 items, 3 labels, 72 scored", got, p.Labels, p.Metrics.N)
	}
	for _, name := range []string{"ece", "brier", "aurc", "coverage", "risk", "set_coverage", "coverage_at_risk_5", "out_of_scope_AUROC"} {
		if _, ok := p.Metrics.Values[name]; !ok {
			t.Errorf("%s is missing in %v", name, p.Metrics)
		}
	}
	judged, err := k.Judge(context.Background(), []string{"the cat is here", "today today"})
	if err != nil {
		t.Fatal(err)
	}
	alone, err := k.Judge(context.Background(), []string{"today today"})
	if err != nil || !reflect.DeepEqual(alone[0], judged[1]) {
		t.Errorf("got %v alone and %v beside another", alone[0], judged[1])
	}
	line, err := k.PredictJSON(context.Background(), []byte(`{"text": "today today"}`))
	raw, _ := json.Marshal(line)
	if err != nil || !strings.Contains(string(raw), `"verdict":"`) || !strings.Contains(string(raw), `"confidence":`) {
		t.Errorf("got %s, %v", raw, err)
	}
	v, err := train.Verify(t.Context(), dir, base(t), finetune.Options{})
	if err != nil || !v.Match {
		t.Errorf("got %+v, %v, want a match", v, err)
	}
	path := filepath.Join(dir, "fmkit.json")
	raw, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := got.Threshold
	for _, bad := range []struct {
		threshold string
		want      error
		load      bool
	}{{"0.001", adapter.ErrRecipe, true}, {"2", calibration.ErrSettings, false}} {
		was, _ := json.Marshal(old)
		changed := strings.Replace(string(raw), `"threshold": `+string(was), `"threshold": `+bad.threshold, 1)
		if changed == string(raw) {
			t.Fatal("the passport has no threshold")
		}
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := adaptertest.Reseal(dir); err != nil {
			t.Fatal(err)
		}
		if bad.load {
			_, err = train.Verify(t.Context(), dir, base(t), finetune.Options{})
		} else {
			_, err = classifier.Load(dir, base(t))
		}
		if !errors.Is(err, bad.want) {
			t.Errorf("threshold %s: got %v, want %v", bad.threshold, err, bad.want)
		}
	}
}

// TestCrossFit: with an evaluation file nothing of it is learnt from, and every training example is observed once by folds; without folds there is no calibration.
func TestCrossFit(t *testing.T) {
	trainPath, evalPath := write(t, examples(90, 1)), write(t, examples(60, 2))
	c := calibrated()
	_, p := adaptTo(t, c, trainPath, evalPath)
	if strings.Contains(string(p.Settings), "calibration") || p.Metrics.N != 60 {
		t.Errorf("got settings %s, %d scored, want none and 60", p.Settings, p.Metrics.N)
	}
	digest := p.Digest
	c.Calibration.Folds = 3
	dir, p := adaptTo(t, c, trainPath, evalPath)
	k, err := classifier.Load(dir, base(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := k.Settings().Calibration; got == nil || got.Items != 90 || p.Metrics.N != 60 || p.Digest != digest {
		t.Errorf("got %+v, %d scored, want 90 items and 60, the same weights", got, p.Metrics.N)
	}
}

package train_test

import (
	"context"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
)

// TestProbe: tuning that changes nothing after a probe leaves the head of the probe; a real one starts from it, and can be verified.
func TestProbe(t *testing.T) {
	m, probe := base(t), finetune.Choice{LR: 3e-2, Epochs: 30}
	score := func(change func(c *train.Config)) float64 {
		c := config()
		change(&c)
		_, p := adapt(t, m, c)
		return p.Metrics.Values["accuracy"]
	}
	head := score(func(c *train.Config) { c.Method, c.LR, c.Epochs = adapter.Head, probe.LR, probe.Epochs })
	still := func(c *train.Config) { c.LR, c.Steps, c.Warmup, c.WeightDecay = 1e-12, 1, 0, 0 }
	without := score(still)
	with := score(func(c *train.Config) { still(c); c.Probe = probe })
	if with != head || without >= head {
		t.Errorf("accuracy of the head alone %.3f, of a tuning that does nothing %.3f without and %.3f with a probe: want the first and the last alike", head, without, with)
	}
	c := config()
	c.Probe = probe
	dir, _ := adapt(t, m, c)
	v, err := train.Verify(context.Background(), dir, m, finetune.Options{})
	if err != nil || !v.Match {
		t.Errorf("verified: got %+v, %v", v, err)
	}
}

// TestLogistic: tuning that changes nothing leaves the head that logistic regression fitted, which knows more than a random one; and such an adapter can be verified. It
// is all that there is with method head.
func TestLogistic(t *testing.T) {
	m := base(t)
	score := func(c train.Config) float64 {
		c.LR, c.Steps, c.Warmup, c.WeightDecay = 1e-12, 1, 0, 0
		_, p := adapt(t, m, c)
		return p.Metrics.Values["accuracy"]
	}
	c := config()
	without := score(c)
	c.Logistic = 1
	with := score(c)
	if with <= without {
		t.Errorf("accuracy of a tuning that does nothing: %.3f with logistic regression, %.3f without", with, without)
	}
	for _, method := range []string{adapter.Full, adapter.Head} {
		c.Method = method
		dir, p := adapt(t, m, c)
		if got := p.Metrics.Values["accuracy"]; method == adapter.Head && (p.Steps != 0 || got != with) {
			t.Errorf("the head alone: got accuracy %.3f after %d steps, want %.3f after none", got, p.Steps, with)
		}
		v, err := train.Verify(context.Background(), dir, m, finetune.Options{})
		if err != nil || !v.Match {
			t.Errorf("%s, verified: got %+v, %v", method, v, err)
		}
	}
}

// TestNormalize: vectors of length 1 make another head, which scores the same when it is loaded again and can be verified.
func TestNormalize(t *testing.T) {
	m, c := base(t), config()
	c.Epochs, c.Logistic = 1, 1
	_, plain := adapt(t, m, c)
	c.Normalize = true
	dir, unit := adapt(t, m, c)
	if unit.Digest == plain.Digest {
		t.Error("scaling the vectors changes nothing")
	}
	p, err := classifier.Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := classifier.Evaluate(context.Background(), p, examples(90, 2))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := scores.Values["accuracy"], unit.Metrics.Values["accuracy"]; got != want || got < 0.6 {
		t.Errorf("accuracy after loading %v, want %v, at least 0.6", got, want)
	}
	one, err := p.AppendScores(nil, "my cat")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range predict(t, p, []data.Labelled{{Text: "my cat"}})[0] {
		if i := slices.Index(p.Labels(), s.Label); float64(one[i]) != s.Score {
			t.Errorf("%s: alone %g, in a batch %g", s.Label, one[i], s.Score)
		}
	}
	v, err := train.Verify(context.Background(), dir, m, finetune.Options{})
	if err != nil || !v.Match {
		t.Errorf("verified: got %+v, %v", v, err)
	}
}

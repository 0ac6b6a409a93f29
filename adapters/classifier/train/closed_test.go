package train_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/finetune"
)

// TestClosed: heads that are fitted at once, to a base that stays or to one tuned by contrast, learn, load with the same scores and can be verified.
func TestClosed(t *testing.T) {
	m := base(t)
	for name, change := range map[string]func(c *train.Config){
		"ridge":            func(c *train.Config) { c.Head = train.Ridge },
		"ridge, penalty":   func(c *train.Config) { c.Head, c.Penalty = train.Ridge, 0.1 },
		"knn":              func(c *train.Config) { c.Head = train.Nearest },
		"knn, half":        func(c *train.Config) { c.Head, c.Neighbours, c.Half = train.Nearest, 3, true },
		"contrast, full":   func(c *train.Config) { c.Method, c.Logistic, c.Contrastive = adapter.Full, 1, 0.1 },
		"contrast, lora":   func(c *train.Config) { c.Method, c.Logistic, c.Contrastive, c.Half = adapter.LoRA, 1, 0.1, true },
		"contrast and knn": func(c *train.Config) { c.Method, c.Head, c.Contrastive = adapter.Full, train.Nearest, 0.1 },
	} {
		c := config()
		c.Method, c.Normalize = adapter.Head, true
		change(&c)
		dir, p := adapt(t, m, c)
		least := 0.6
		if c.Head == train.Nearest && c.Method == adapter.Head {
			least = 0.42 // votes over vectors of an untrained encoder: chance is a third
		}
		if got := p.Metrics.Values["accuracy"]; got < least {
			t.Errorf("%s: accuracy %.3f, want at least %.2f", name, got, least)
		}
		if tuned := c.Contrastive > 0; tuned != (p.Steps > 0) {
			t.Errorf("%s: got %d steps", name, p.Steps)
		}
		loaded, err := classifier.Load(dir, m)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s, err := classifier.Evaluate(context.Background(), loaded, examples(90, 2))
		if err != nil || !reflect.DeepEqual(s, p.Metrics) {
			t.Errorf("%s: loaded: %v, %v, want %v", name, s, err, p.Metrics)
		}
		if v, err := train.Verify(context.Background(), dir, m, finetune.Options{}); err != nil || !v.Match {
			t.Errorf("%s: verified: got %+v, %v", name, v, err)
		}
		if err := loaded.Export(t.TempDir()+"/out", false); (err != nil) != (c.Head == train.Nearest) {
			t.Errorf("%s: export: %v", name, err)
		}
	}
}

// TestClosedRefuses holds that settings which contradict each other are named.
func TestClosedRefuses(t *testing.T) {
	for name, change := range map[string]func(c *train.Config){
		"unknown head":            func(c *train.Config) { c.Head = "svm" },
		"a head and full tuning":  func(c *train.Config) { c.Head, c.Method = train.Ridge, adapter.Full },
		"knn of any length":       func(c *train.Config) { c.Head, c.Normalize = train.Nearest, false },
		"a penalty for knn":       func(c *train.Config) { c.Head, c.Penalty = train.Nearest, 1 },
		"a negative penalty":      func(c *train.Config) { c.Head, c.Penalty = train.Ridge, -1 },
		"neighbours for ridge":    func(c *train.Config) { c.Head, c.Neighbours = train.Ridge, 1 },
		"more neighbours than is": func(c *train.Config) { c.Head, c.Neighbours = train.Nearest, 100000 },
		"contrast of a head":      func(c *train.Config) { c.Contrastive = 0.1 },
		"contrast too cold":       func(c *train.Config) { c.Contrastive, c.Method = 0.001, adapter.Full },
		"smoothing, at once":      func(c *train.Config) { c.LabelSmoothing = 0.1 },
		"smoothing and contrast":  func(c *train.Config) { c.LabelSmoothing, c.Contrastive, c.Method = 0.1, 0.1, adapter.Full },
		"all smoothed away":       func(c *train.Config) { c.LabelSmoothing, c.Method = 1, adapter.Full },
		"contrast, no head":       func(c *train.Config) { c.Contrastive, c.Method, c.Logistic = 0.1, adapter.Full, 0 },
	} {
		c := config()
		c.Method, c.Normalize, c.Logistic = adapter.Head, true, 1
		change(&c)
		if _, _, err := train.Train(context.Background(), base(t), train.Data{Train: examples(90, 2)}, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) {
			t.Errorf("%s: got %v, want ErrConfig", name, err)
		}
	}
}

package train_test

import (
	"context"
	"os"
	"strconv"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// digests are those of the weights after so many steps of the run below, on every machine, with every kind of kernels and
// any number of workers. A change here is a change of the canonical arithmetic, and of every model trained with it.
var digests = map[int]string{
	2:  "sha256:6e31cb4f49fdd85770a8266b66a14a6b21ffc385f4d24ba8a0142327074b5cc9",
	50: "sha256:97f870fcf1744e4fd10f8aaa2dfb06829088b5e9e5f7f22cc189a0a37c9c1dc4",
}

// digestRun trains a classifier on the mini encoder: dropout, rows of many lengths, buckets and padding.
func digestRun(t *testing.T, change func(d *train.Data, c *train.Config)) string {
	t.Helper()
	tok, err := texttest.Tokenizer(append([]string{"cat", "hammer", "rain"}, filler...)...)
	if err != nil {
		t.Fatal(err)
	}
	config, err := text.Preset("mini", 0)
	if err != nil {
		t.Fatal(err)
	}
	base, err := text.New(config, tok, 11)
	if err != nil {
		t.Fatal(err)
	}
	d := train.Data{Train: examples(48, 5), Eval: examples(6, 6)}
	c := train.Defaults()
	c.Batch, c.LR, c.Seed, c.Logistic, c.Normalize = 4, 1e-3, 17, 0, false
	change(&d, &c)
	p, _, err := train.Train(context.Background(), base, d, c, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Digest
}

func steps(n int) func(*train.Data, *train.Config) {
	return func(_ *train.Data, c *train.Config) { c.Steps = n }
}

// digestSteps is how long the run may be: plain Go is some three hundred times slower.
func digestSteps(t *testing.T) int {
	t.Helper()
	if s := os.Getenv("FMKIT_DIGEST_STEPS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if kernels.Path() == "purego" {
		return 2
	}
	return 50
}

// TestDigest holds the promise that a recipe is a reproducible build.
func TestDigest(t *testing.T) {
	most := digestSteps(t)
	for n, want := range digests {
		if n > most {
			continue
		}
		if got := digestRun(t, steps(n)); got != want {
			t.Errorf("%s, %d steps: digest is %s, want %s", kernels.Path(), n, got, want)
		}
	}
}

func TestDigestWorkers(t *testing.T) {
	was := kernels.Workers()
	defer kernels.SetWorkers(was)
	n := min(digestSteps(t), 50)
	for _, workers := range []int{1, 2, 5} {
		kernels.SetWorkers(workers)
		if got := digestRun(t, steps(n)); got != digests[n] {
			t.Errorf("%d workers, %d steps: digest is %s, want %s", workers, n, got, digests[n])
		}
	}
}

// TestDigestNotices that a digest tells runs apart by one label, one bit of the seed, one step.
func TestDigestNotices(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*train.Data, *train.Config){
		"the run itself": func(*train.Data, *train.Config) {},
		"one label":      func(d *train.Data, _ *train.Config) { d.Train[7].Label = "weather" }, // was tools
		"one bit":        func(_ *train.Data, c *train.Config) { c.Seed ^= 1 },
		"one step":       func(_ *train.Data, c *train.Config) { c.Steps++ },
	} {
		got := digestRun(t, func(d *train.Data, c *train.Config) {
			d.Train, c.Steps = d.Train[:8], 2
			change(d, c)
		})
		if other, ok := seen[got]; ok {
			t.Errorf("%s: same digest as %s", name, other)
		}
		seen[got] = name
	}
}

// headDigests are those of 40 steps in which the head is fitted to vectors of the base that don't change.
var headDigests = map[string]string{
	"head":     "sha256:c6080ad7588249f2f2895c528d55abf9f2db86241f51586efcf7bf5e155104f1",
	"probe":    "sha256:a767e49302c26591cb867efc74a88220f28bc24cf4c9c4b1eec2097a6c7e747f",
	"logistic": "sha256:85bf8d5bea65b369576931fd782b63a4894f9ac7f08aeb7b416b6257851c305e",
	"ridge":    "sha256:16be04afe1463b84dfbf39819654e4ff0189d44a8de7ebbf9cb0458006e6fe70",
	"knn":      "sha256:8c8a3127cc1500582cb42ba2514ecf5bbdb4a45e223d5bed7d23255eb555277d",
	"contrast": "sha256:87174404fcfd434d7e39a9427796d2769c02a2422d8d42ccd001781ca2c42836",
}

// TestDigestHead holds the bits of every way to fit the head alone.
func TestDigestHead(t *testing.T) {
	if kernels.Path() == "purego" {
		t.Skip("too many steps for plain Go; TestDigest has fewer")
	}
	for name, change := range map[string]func(c *train.Config){
		"head":     func(c *train.Config) { c.Method, c.Steps = "head", 40 },
		"probe":    func(c *train.Config) { c.Probe, c.Steps = finetune.Choice{LR: 1e-2, Epochs: 3}, 4 },
		"logistic": func(c *train.Config) { c.Logistic, c.Normalize, c.Steps = 0.3, true, 4 },
		"ridge":    func(c *train.Config) { c.Method, c.Head, c.Normalize = "head", train.Ridge, true },
		"knn":      func(c *train.Config) { c.Method, c.Head, c.Normalize = "head", train.Nearest, true },
		"contrast": func(c *train.Config) { c.Logistic, c.Normalize, c.Contrastive, c.Steps = 0.3, true, 0.1, 4 },
	} {
		got := digestRun(t, func(_ *train.Data, c *train.Config) { change(c) })
		if want := headDigests[name]; got != want {
			t.Errorf("%s: digest is %s, want %s", name, got, want)
		}
	}
}

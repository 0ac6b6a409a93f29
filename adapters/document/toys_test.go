package document_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

func toy(t testing.TB) *text.Model {
	t.Helper()
	m, err := texttest.Model(1, "the", "cat", "dog", "sleeps", "runs", "river", "who", "where", "bank", "rain")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// save writes an untrained adapter by seed, whose head has an opinion, and gives its folder.
func save(t testing.TB, base *text.Model, about adapter.Passport, settings any, own []*nn.Param, seed uint64) string {
	t.Helper()
	var err error
	if about.Settings, err = json.Marshal(settings); err != nil {
		t.Fatal(err)
	}
	about.Base, about.Recipe, about.Seed = base.Identity(), []byte("{}"), seed
	if about.Method == adapter.LoRA {
		m, err := base.Clone()
		if err != nil {
			t.Fatal(err)
		}
		about.LoRA = &peft.LoRAConfig{Rank: 4, Alpha: 8, Targets: []string{peft.AllLinear}}
		c, err := peft.Attach(m.Backbone(), about.Config, seed)
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, c.Params()...)
	}
	for i, p := range own {
		nn.InitNormal(p, random.Mix(seed, uint64(i)))
		kernels.Scale(p.Value, 15)
	}
	dir := filepath.Join(t.TempDir(), about.Task)
	if _, err := adapter.Save(dir, about, "TEST", own, nil); err != nil {
		t.Fatal(err)
	}
	return dir
}

// parts writes one adapter for each part; that for questions is made by the given method.
func parts(t testing.TB, base *text.Model, method string) map[string]string {
	t.Helper()
	return map[string]string{
		"type": save(t, base, adapter.Passport{Task: classifier.Task, Method: adapter.Head, Labels: []string{"letter", "report"}},
			head.Settings{MaxLength: 48, Pooling: "mean"}, head.New(base.Width(), 2).Linear.Params(), 1),
		"entities": save(t, base, adapter.Passport{Task: tagger.Task, Method: adapter.Head, Labels: []string{"O", "B-animal", "I-animal", "I-place"}},
			tagger.Settings{MaxLength: 48}, nn.NewLinear("classifier", base.Width(), 4).Params(), 2),
		"summary": save(t, base, adapter.Passport{Task: summarizer.Task, Method: adapter.Head},
			summarizer.Settings{MaxLength: 48, MaxSentence: 20, Options: summarizer.Options{Sentences: 2}}, nn.NewLinear("sentence_outputs", base.Width()+4, 1).Params(), 3),
		"answers": save(t, base, adapter.Passport{Task: qa.Task, Method: method},
			qa.Settings{MaxLength: 40, MaxQuestion: 10, Stride: 8, MaxAnswer: 6, NBest: 5, NoAnswer: true, Threshold: 2}, nn.NewLinear("qa_outputs", base.Width(), 2).Params(), 4),
	}
}

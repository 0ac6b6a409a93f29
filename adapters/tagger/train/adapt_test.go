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

	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var (
	people = []string{"anna", "bert", "carl", "dora"}
	places = []string{"ulm", "york", "bonn", "kiel"}
	filler = []string{"then", "it", "was", "late", "and", "cold"}
)

func base(t testing.TB) *text.Model {
	t.Helper()
	words := append([]string{"met", "in", "new"}, people...)
	m, err := texttest.Model(3, append(append(words, places...), filler...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sentences name people and places, of one and two words, among filler.
func sentences(n int, seed uint64) []data.Tagged {
	r := random.New(seed)
	var all []data.Tagged
	for range n {
		var s data.Tagged
		add := func(tag string, words ...string) {
			for i, w := range words {
				t := tag
				if tag != "O" {
					t = "B-" + tag
					if i > 0 {
						t = "I-" + tag
					}
				}
				s.Tokens, s.Tags = append(s.Tokens, w), append(s.Tags, t)
			}
		}
		for range 1 + r.IntN(6) {
			switch r.IntN(3) {
			case 0:
				add("O", filler[r.IntN(6)])
			case 1:
				add("person", people[r.IntN(4)], "Xy"+people[r.IntN(4)])
			default:
				add("O", "in")
				add("place", "New", places[r.IntN(4)])
			}
		}
		all = append(all, s)
	}
	return all
}

func config() train.Config {
	c := train.Defaults()
	c.Steps, c.Batch, c.LR = 150, 16, 3e-3
	return c
}

func writeJSONL(t *testing.T, path string, all []data.Tagged) {
	t.Helper()
	var b strings.Builder
	for _, s := range all {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(raw)
		b.WriteByte('\n')
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLearnsAndLoadsTheSameTags(t *testing.T) {
	m, d := base(t), train.Data{Train: sentences(200, 1), Eval: sentences(60, 2)}
	before, dir := m.Fingerprint(), filepath.Join(t.TempDir(), "adapter")
	passport, err := train.Adapt(context.Background(), m, d, config(), finetune.Options{Out: dir})
	if err != nil {
		t.Fatal(err)
	}
	if m.Fingerprint() != before {
		t.Error("training changed the base")
	}
	if got := passport.Metrics.Values["f1"]; got < 0.9 {
		t.Errorf("f1 %.3f, want at least 0.9", got)
	}
	p, err := tagger.Load(dir, m)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"B-person", "B-place", "I-person", "I-place", "O"}; !reflect.DeepEqual(p.Labels(), want) {
		t.Errorf("labels %q", p.Labels())
	}
	s, err := tagger.Evaluate(context.Background(), p, d.Eval)
	if err != nil || !reflect.DeepEqual(s, passport.Metrics) {
		t.Errorf("loaded: %v, %v, want %v", s, err, passport.Metrics)
	}
	m, files := texttest.Embedded(t, m, dir)
	q, err := tagger.LoadFS(files, m)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := tagger.Evaluate(context.Background(), q, d.Eval); err != nil || !reflect.DeepEqual(s, passport.Metrics) {
		t.Errorf("from memory: %v, %v", s, err)
	}
	out := filepath.Join(t.TempDir(), "exported")
	if err := p.Export(out, true); err != nil {
		t.Error(err)
	}
}

// TestRowsOfAnyLength holds that words past the end of a row are learnt and tagged too.
func TestRowsOfAnyLength(t *testing.T) {
	m, c := base(t), config()
	c.MaxLength, c.Steps = 12, 200
	p, _, err := train.Train(context.Background(), m, train.Data{Train: sentences(200, 1), Eval: sentences(60, 2)}, c, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Metrics.Values["f1"]; got < 0.8 {
		t.Errorf("f1 %.3f, want at least 0.8", got)
	}
}

func TestVerify(t *testing.T) {
	m, c := base(t), config()
	c.Steps = 20
	path := filepath.Join(t.TempDir(), "train.jsonl")
	writeJSONL(t, path, sentences(100, 1))
	d, err := train.ReadData(path, "", c)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "adapter")
	if _, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir}); err != nil {
		t.Fatal(err)
	}
	v, err := train.Verify(context.Background(), dir, m, finetune.Options{})
	if err != nil || !v.Match {
		t.Errorf("got %+v, %v, want a match", v, err)
	}
	other, err := texttest.Model(99)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := train.Verify(context.Background(), dir, other, finetune.Options{}); !errors.Is(err, adapter.ErrBaseMismatch) {
		t.Errorf("another base: got %v", err)
	}
	writeJSONL(t, path, sentences(100, 2))
	if _, err := train.Verify(context.Background(), dir, m, finetune.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("other data: got %v", err)
	}
}

func TestRefuses(t *testing.T) {
	m, c := base(t), config()
	one := []data.Tagged{{Tokens: []string{"a"}, Tags: []string{"O"}}, {Tokens: []string{"b"}, Tags: []string{"O"}}}
	if _, _, err := train.Train(context.Background(), m, train.Data{Train: one}, c, finetune.Options{NoScore: true}); err == nil {
		t.Error("one tag is accepted")
	}
	c.Shots = 3
	if _, _, err := train.Train(context.Background(), m, train.Data{Train: sentences(10, 1)}, c, finetune.Options{}); !errors.Is(err, finetune.ErrConfig) {
		t.Errorf("shots: %v", err)
	}
}

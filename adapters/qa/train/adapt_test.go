package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/qa/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

var (
	people = []string{"anna", "bert", "carl", "dora", "emil", "fred"}
	things = []string{"red", "blue", "green", "black", "white", "brown"}
	filler = []string{"then", "it", "was", "late", "and", "cold"}
)

func base(t testing.TB) *text.Model {
	t.Helper()
	words := append([]string{"who", "what", "likes", "does", "like"}, people...)
	m, err := texttest.Model(3, append(append(words, things...), filler...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// questions ask who likes something or what somebody likes, of contexts that say it once among filler. Every fifth asks for what isn't said where
// impossible is set.
func questions(n int, seed uint64, impossible bool) []data.Question {
	r := random.New(seed)
	var all []data.Question
	for i := range n {
		who, what := r.IntN(6), r.IntN(6)
		var words []string
		for range r.IntN(30) {
			words = append(words, filler[r.IntN(6)])
		}
		words = append(words, people[who], "likes", things[what])
		for range r.IntN(30) {
			words = append(words, filler[r.IntN(6)])
		}
		q := data.Question{ID: fmt.Sprint(i), Title: fmt.Sprint("article ", i%19), Context: "Ü: " + strings.Join(words, " ")}
		answer := things[what]
		q.Text = "what likes"
		if i%2 == 0 {
			q.Text, answer = "who likes", people[who]
		}
		if impossible && i%5 == 0 {
			q.Text, q.Impossible = "does who does", true
		} else {
			at := strings.Index(q.Context, answer)
			q.Answers = []data.Answer{{Text: answer, Start: at, End: at + len(answer), RuneStart: utf8.RuneCountInString(q.Context[:at])}}
		}
		all = append(all, q)
	}
	return all
}

func config() train.Config {
	c := train.Defaults()
	c.Epochs, c.Batch, c.LR, c.MaxQuestion, c.Stride = 25, 16, 3e-3, 8, 8
	return c
}

func writeSQuAD(t *testing.T, path string, qs []data.Question) {
	t.Helper()
	type article struct {
		Title      string `json:"title"`
		Paragraphs []any  `json:"paragraphs"`
	}
	var articles []article
	for _, q := range qs {
		answers := []any{}
		for _, a := range q.Answers {
			answers = append(answers, map[string]any{"text": a.Text, "answer_start": a.RuneStart})
		}
		articles = append(articles, article{q.Title, []any{map[string]any{
			"context": q.Context, "qas": []any{map[string]any{"id": q.ID, "question": q.Text, "is_impossible": q.Impossible, "answers": answers}},
		}}})
	}
	raw, err := json.Marshal(map[string]any{"version": "2.0", "data": articles})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLearnsAndLoadsTheSameAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("the tests without -short learn; other tests train under the race detector")
	}
	for _, impossible := range []bool{false, true} {
		t.Run(fmt.Sprint("impossible ", impossible), func(t *testing.T) {
			m, c := base(t), config()
			before := m.Fingerprint()
			d := train.Data{Train: questions(400, 1, impossible), Eval: questions(120, 2, impossible)}
			dir := filepath.Join(t.TempDir(), "adapter")
			passport, err := train.Adapt(context.Background(), m, d, c, finetune.Options{Out: dir})
			if err != nil {
				t.Fatal(err)
			}
			if m.Fingerprint() != before {
				t.Error("training changed the base")
			}
			// A random span of one word of the context is right about once in 20.
			if got := passport.Metrics.Values["exact_match"]; got < 0.8 {
				t.Errorf("exact match %.3f, want at least 0.8", got)
			}
			p, err := qa.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			again, err := qa.Load(dir, m)
			if err != nil {
				t.Fatal(err)
			}
			var inputs []qa.Input
			for _, q := range d.Eval {
				inputs = append(inputs, qa.Input{Question: q.Text, Context: q.Context})
			}
			a, err := p.Answer(context.Background(), inputs)
			if err != nil {
				t.Fatal(err)
			}
			b, err := again.Answer(context.Background(), inputs)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(a, b) {
				t.Error("two loads answer differently")
			}
			if impossible {
				passages(t, p)
			}
			for i, g := range a {
				if (g.Verdict != nil) != impossible || impossible && g.Abstains() != (g.Answer == "") {
					t.Fatalf("got the verdict %v on %+v", g.Verdict, g.Span)
				}
				context := inputs[i].Context
				if context[g.StartByte:g.EndByte] != g.Answer || string([]rune(context)[g.Start:g.End]) != g.Answer {
					t.Fatalf("%q is not at bytes %d:%d and code points %d:%d of %q", g.Answer, g.StartByte, g.EndByte, g.Start, g.End, context)
				}
			}
		})
	}
}

// passages asks several passages: the answer is that of the one that has it, whatever their order, and none where none has it.
func passages(t *testing.T, p *qa.Predictor) {
	t.Helper()
	texts := []string{"Ü: then it was late and cold", "it was then anna likes green and late", "cold and late"}
	for range texts {
		texts = append(texts[1:], texts[0])
		got, at, err := p.AnswerAny(context.Background(), "who likes", texts)
		if err != nil || got.Answer != "anna" || !strings.Contains(texts[at], "anna") {
			t.Errorf("got %q of passage %d of %q, %v", got.Answer, at, texts, err)
		}
		line, _ := json.Marshal(map[string]any{"question": "who likes", "contexts": texts})
		answer, err := p.PredictJSON(context.Background(), line)
		raw, _ := json.Marshal(answer)
		if want := fmt.Sprintf(`"passage":%d,"verdict":"answer","confidence":`, at); err != nil || !strings.Contains(string(raw), want) {
			t.Errorf("got %s, %v, want %s", raw, err, want)
		}
	}
	for line, want := range map[string]string{
		`{"question": "who likes", "contexts": []}`:                    "want 1 to 1000",
		`{"question": "who likes", "context": "a", "contexts": ["b"]}`: "want one of them",
		`{"question": "who likes"}`:                                    `"context" is missing`,
		`{"question": "", "contexts": ["a"]}`:                          `"question" is missing`,
	} {
		if _, err := p.PredictJSON(context.Background(), []byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

// TestLongContext finds an answer anywhere in a text of many windows.
func TestLongContext(t *testing.T) {
	m, c := base(t), config()
	_, p, err := train.Train(context.Background(), m, train.Data{Train: questions(600, 1, false)}, c, finetune.Options{NoScore: true})
	if err != nil {
		t.Fatal(err)
	}
	right, n := 0, 0
	for at := 0; at < 300; at += 10 {
		words := make([]string, 300)
		for i := range words {
			words[i] = filler[(i*7+at)%6]
		}
		words[at] = "anna likes green"
		got, err := p.Answer(context.Background(), []qa.Input{{Question: "who likes", Context: strings.Join(words, " ")}})
		if err != nil {
			t.Fatal(err)
		}
		n++
		if got[0].Answer == "anna" {
			right++
		}
	}
	if right < n/2 { // a random word is right once in 300
		t.Errorf("%d of %d answers found, want at least half", right, n)
	}
}

func TestAloneAndTogether(t *testing.T) {
	m, c := base(t), config()
	c.Epochs = 1
	_, p, err := train.Train(context.Background(), m, train.Data{Train: questions(100, 1, true)}, c, finetune.Options{NoScore: true})
	if err != nil {
		t.Fatal(err)
	}
	var inputs []qa.Input
	for i, q := range questions(40, 2, false) {
		inputs = append(inputs, qa.Input{Question: q.Text, Context: strings.Repeat(q.Context+" ", 1+i%7)})
	}
	inputs = append(inputs, qa.Input{Question: "who", Context: ""}, qa.Input{Question: "", Context: "anna"})
	together, err := p.Answer(context.Background(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	if together[40].Answer != "" {
		t.Errorf("an empty context answers %q", together[40].Answer)
	}
	var wg sync.WaitGroup
	for i := range inputs {
		wg.Go(func() {
			alone, err := p.Answer(context.Background(), inputs[i:i+1])
			if err != nil || !reflect.DeepEqual(alone[0], together[i]) {
				t.Errorf("question %d alone differs: %v", i, err)
			}
		})
	}
	wg.Wait()
}

func TestVerify(t *testing.T) {
	m, c := base(t), config()
	c.Steps = 20
	path := filepath.Join(t.TempDir(), "squad.json")
	writeSQuAD(t, path, questions(100, 1, true))
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
	writeSQuAD(t, path, questions(100, 2, true))
	if _, err := train.Verify(context.Background(), dir, m, finetune.Options{}); !errors.Is(err, adapter.ErrDataChanged) {
		t.Errorf("other data: got %v", err)
	}
}

func TestSplitKeepsArticlesWhole(t *testing.T) {
	m, c := base(t), config()
	c.Steps = 1
	p, _, err := train.Train(context.Background(), m, train.Data{Train: questions(100, 1, false)}, c, finetune.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Metrics.N != 10 { // 2 of 20 articles
		t.Errorf("%d questions held back, want 10", p.Metrics.N)
	}
}

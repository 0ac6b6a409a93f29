package serve_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/head"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/peft"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// words are those that the toy base knows whole.
var words = []string{"please", "send", "thank", "you", "great", "open", "help", "the", "card", "cat", "dog", "sleeps", "runs", "river"}

func toyText(t testing.TB) *text.Model {
	t.Helper()
	m, err := texttest.Model(1, words...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func toyVision(t testing.TB) *vision.Model {
	t.Helper()
	c, err := vision.Preset("tiny", 16, 4)
	if err != nil {
		t.Fatal(err)
	}
	c.Hidden, c.Heads, c.Layers, c.Intermediate = 32, 2, 1, 64
	m, err := vision.New(c, picture.NewProcessor(16, 16, 3), 1)
	if err != nil {
		t.Fatal(err)
	}
	m.Name = "toy-vision"
	return m
}

// draw sets params to values by seed that matter.
func draw(params []*nn.Param, seed uint64) []*nn.Param {
	for i, p := range params {
		nn.InitNormal(p, random.Mix(seed, uint64(i)))
		kernels.Scale(p.Value, 40)
	}
	return params
}

// save writes the adapter folder dir for an untrained adapter by seed whose head has the given parameters.
func save[M adapter.Model[M]](t testing.TB, dir string, base M, about adapter.Passport, settings any, own []*nn.Param, seed uint64) *adapter.Passport {
	t.Helper()
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	about.Settings, about.Recipe, about.Seed = raw, []byte("{}"), seed
	params := draw(own, seed)
	m, err := base.Clone()
	if err != nil {
		t.Fatal(err)
	}
	switch about.Method {
	case adapter.LoRA:
		about.LoRA = &peft.LoRAConfig{Rank: 4, Alpha: 8, Targets: []string{peft.AllLinear}}
		c, err := peft.Attach(m.Backbone(), about.Config, seed)
		if err != nil {
			t.Fatal(err)
		}
		low := draw(c.Params(), seed+1)
		for _, p := range low {
			kernels.Scale(p.Value, 0.25)
		}
		params = append(low, params...)
	case adapter.Full:
		for i, p := range m.Params() {
			if len(p.Shape) == 2 {
				nn.InitNormal(p, random.Mix(seed+2, uint64(i)))
			}
		}
		params = append(m.Params(), params...)
	}
	p, err := adapter.Save(dir, about, "TEST", params, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// saveClassifier writes a classifier whose labels begin with a name.
func saveClassifier(t testing.TB, dir string, base *text.Model, method, label string, seed uint64) *adapter.Passport {
	t.Helper()
	about := adapter.Passport{Task: classifier.Task, Method: method, Base: base.Identity(), Labels: []string{label + "-x", label + "-y", label + "-z"}}
	return save(t, dir, base, about, head.Settings{MaxLength: 64, Pooling: "mean"}, head.New(base.Width(), 3).Linear.Params(), seed)
}

func savePictures(t testing.TB, dir string, base *vision.Model, method string, seed uint64) *adapter.Passport {
	t.Helper()
	about := adapter.Passport{Task: classifier.Task, Method: method, Base: base.Identity(), Labels: []string{"left", "right"}}
	return save(t, dir, base, about, head.Settings{Pooling: "mean"}, head.New(base.Width(), 2).Linear.Params(), seed)
}

func saveQA(t testing.TB, dir string, base *text.Model, method string, seed uint64) *adapter.Passport {
	t.Helper()
	about := adapter.Passport{Task: qa.Task, Method: method, Base: base.Identity()}
	s := qa.Settings{MaxLength: 32, MaxQuestion: 10, Stride: 4, MaxAnswer: 6, NBest: 5}
	return save(t, dir, base, about, s, nn.NewLinear("qa_outputs", base.Width(), 2).Params(), seed)
}

func saveSummarizer(t testing.TB, dir string, base *text.Model, method string, seed uint64) *adapter.Passport {
	t.Helper()
	about := adapter.Passport{Task: summarizer.Task, Method: method, Base: base.Identity()}
	s := summarizer.Settings{MaxLength: 64, MaxSentence: 20, Options: summarizer.Options{Sentences: 1}}
	return save(t, dir, base, about, s, nn.NewLinear("sentence_outputs", base.Width()+4, 1).Params(), seed)
}

// newServer makes a server with the base toy, which ends with the test.
func newServer(t testing.TB, c serve.Config, base *text.Model) *serve.Server {
	t.Helper()
	s, err := serve.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if base != nil {
		if err := s.AddBase("toy", serve.Base{Text: base}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// loaded saves an adapter and loads it.
func loaded(t testing.TB, s *serve.Server, name string, write func(dir string) *adapter.Passport) *adapter.Passport {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	p := write(dir)
	if _, err := s.Load(t.Context(), name, dir); err != nil {
		t.Fatal(err)
	}
	return p
}

// do asks a handler.
func do(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// post asks a task and gives the answer, one line.
func post(t testing.TB, h http.Handler, task string, in any) string {
	t.Helper()
	w := do(h, "POST", "/api/v1/"+task, jsonOf(t, in))
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got %d: %s", task, w.Code, w.Body)
	}
	return w.Body.String()
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sentence is a text of the toy's words by number.
func sentence(i int) string {
	s := random.New(random.Mix(9, uint64(i)))
	var b strings.Builder
	for range 1 + s.IntN(20) {
		fmt.Fprintf(&b, "%s ", words[s.IntN(len(words))])
	}
	return strings.TrimSpace(b.String())
}

// drain reads an answer to its end.
func drain(r io.ReadCloser) string {
	defer r.Close()
	raw, _ := io.ReadAll(r)
	return string(raw)
}

package serve_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/classifier/pictures"
	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/multilabel"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/regressor"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/adapters/summarizer"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision/picture"
)

// TestTextTasks holds every task to what the predictor of its package answers on the same base, byte for byte, for every way that an adapter lies on its base.
func TestTextTasks(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{}, base)
	e, err := text.NewEmbedder(base, text.EmbedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("the cat sleeps. the dog runs to the river. please send help. ", 6)
	for i, method := range []string{adapter.Head, adapter.LoRA, adapter.Full} {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		saveClassifier(t, at("classify"), base, method, "a", uint64(i))
		saveQA(t, at("qa"), base, method, uint64(i))
		saveSummarizer(t, at("summarize"), base, method, uint64(i))
		for _, task := range []string{"classify", "qa", "summarize"} {
			if _, err := s.Load(t.Context(), task, at(task)); err != nil {
				t.Fatal(err)
			}
		}
		c, err := classifier.Load(at("classify"), base)
		if err != nil {
			t.Fatal(err)
		}
		q, err := qa.Load(at("qa"), base)
		if err != nil {
			t.Fatal(err)
		}
		m, err := summarizer.Load(at("summarize"), base)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []map[string]any{
			{"text": sentence(1)},
			{"text": sentence(2), "id": "seven"},
			{"text": long},
			{"question": "who sleeps?", "context": sentence(3)},
			{"question": "who?", "context": long, "id": "8"},
			{"question": "who?", "context": " "},
			{"sentences": []string{sentence(4), sentence(5), sentence(6)}},
			{"turns": []map[string]string{{"speaker": "Cat", "text": sentence(4)}, {"text": sentence(5)}}},
		} {
			line := []byte(jsonOf(t, in))
			for task, predict := range map[string]func() (any, error){
				"classify":  func() (any, error) { return c.PredictJSON(t.Context(), line) },
				"qa":        func() (any, error) { return q.PredictJSON(t.Context(), line) },
				"summarize": func() (any, error) { return m.PredictJSON(t.Context(), line) },
			} {
				answer, err := predict()
				if err != nil {
					continue // not this task's fields
				}
				in["adapter"] = task
				if got, want := post(t, s, task, in), jsonOf(t, answer); got != want {
					t.Errorf("%s, %s: got %s, want %s", task, method, got, want)
				}
				delete(in, "adapter")
			}
		}
		if method == adapter.Head {
			v, err := e.Embed(t.Context(), []string{sentence(1)})
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"toy", "classify"} {
				if got, want := post(t, s, "embed", map[string]any{"adapter": name, "text": sentence(1)}), jsonOf(t, v[0]); got != want {
					t.Errorf("embed by %s: got %.60s, want %.60s", name, got, want)
				}
			}
		}
	}
}

// TestBesideOrMerged holds an adapter of low-rank changes to what fm predict says, whose weights are merged: the same label, and a score that rounds otherwise.
func TestBesideOrMerged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "low")
	saveClassifier(t, dir, toyText(t), adapter.LoRA, "a", 3)
	merged, err := classifier.Load(dir, toyText(t))
	if err != nil {
		t.Fatal(err)
	}
	frozen := toyText(t)
	frozen.Freeze()
	beside, err := classifier.Load(dir, frozen)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := frozen.Clone()
	if err != nil || plain.Frozen() {
		t.Fatalf("a clone of a frozen model is frozen, %v", err)
	}
	for i := range 50 {
		a, err := merged.Predict(t.Context(), []string{sentence(i)})
		if err != nil {
			t.Fatal(err)
		}
		b, err := beside.Predict(t.Context(), []string{sentence(i)})
		if err != nil {
			t.Fatal(err)
		}
		if a[0][0].Label != b[0][0].Label || a[0][0].Score-b[0][0].Score > 1e-5 || b[0][0].Score-a[0][0].Score > 1e-5 {
			t.Errorf("%s: got %v, want %v", sentence(i), b[0][0], a[0][0])
		}
	}
	if merged.Model().Fingerprint() == frozen.Fingerprint() {
		t.Error("merging changed nothing: the test proves nothing")
	}
}

// shade is a picture as PNG that is dark on one side.
func shade(t testing.TB, left bool, level uint8) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for at := range 256 {
		v := level
		if (at%16 < 8) == left {
			v /= 4
		}
		m.SetNRGBA(at%16, at/16, color.NRGBA{v, v, v, 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPictureTasks(t *testing.T) {
	base := toyVision(t)
	s := newServer(t, serve.Config{}, nil)
	if err := s.AddBase("toy-vision", serve.Base{Vision: base}); err != nil {
		t.Fatal(err)
	}
	raw := shade(t, true, 180)
	file := filepath.Join(t.TempDir(), "left.png")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	line := []byte(jsonOf(t, map[string]string{"image": file, "id": "1"}))
	for _, method := range []string{adapter.Head, adapter.LoRA, adapter.Full} {
		dir := filepath.Join(t.TempDir(), "sides")
		savePictures(t, dir, base, method, 5)
		if _, err := s.Load(t.Context(), "sides", dir); err != nil {
			t.Fatal(err)
		}
		p, err := pictures.Load(dir, base)
		if err != nil {
			t.Fatal(err)
		}
		want, err := p.PredictJSON(t.Context(), line)
		if err != nil {
			t.Fatal(err)
		}
		for _, head := range []string{"", "data:image/png;base64,"} {
			in := map[string]string{"adapter": "sides", "id": "1", "image": head + base64.StdEncoding.EncodeToString(raw)}
			if got := post(t, s, "classify", in); got != jsonOf(t, want) {
				t.Errorf("%s: got %s, want %s", method, got, jsonOf(t, want))
			}
		}
	}
	in := map[string]string{"adapter": "toy-vision", "image": base64.StdEncoding.EncodeToString(raw)}
	if got := post(t, s, "embed", in); strings.Count(got, ",") != base.Width()-1 {
		t.Errorf("embed: got %.80s, want %d numbers", got, base.Width())
	}
	for name, image := range map[string]string{
		"missing": "", "a path": file, "no base64": "@@@", "no picture": base64.StdEncoding.EncodeToString([]byte("hello, world")),
		"cut off": base64.StdEncoding.EncodeToString(raw[:40]), "an address": "http://127.0.0.1/x.png", "other data": "data:text/plain;base64,aGVsbG8=",
	} {
		w := do(s, "POST", "/api/v1/classify", jsonOf(t, map[string]string{"adapter": "sides", "image": image}))
		if w.Code != 400 {
			t.Errorf("%s: got %d: %s", name, w.Code, w.Body)
		}
	}
}

// TestInspect serves an inspector fitted on toy pictures.
func TestInspect(t *testing.T) {
	base := toyVision(t)
	dir := t.TempDir()
	good := filepath.Join(dir, "data", "train", "good")
	if err := os.MkdirAll(good, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		if err := os.WriteFile(filepath.Join(good, string(rune('a'+i))+".png"), shade(t, true, uint8(150+4*i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	settings, err := inspector.Recommended(base, filepath.Join(dir, "data"), 0)
	if err != nil {
		t.Fatal(err)
	}
	settings.FalseAlarms = 0.1
	station, _, err := inspector.Adapt(t.Context(), base, filepath.Join(dir, "data"), settings, filepath.Join(dir, "adapter"))
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, serve.Config{}, nil)
	if err := s.AddBase("toy-vision", serve.Base{Vision: base}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), "weave", filepath.Join(dir, "adapter")); err != nil {
		t.Fatal(err)
	}
	raw := shade(t, false, 30)
	m, err := picture.Decode(raw, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := station.Judge(m)
	if err != nil {
		t.Fatal(err)
	}
	got := post(t, s, "inspect", map[string]string{"adapter": "weave", "image": base64.StdEncoding.EncodeToString(raw)})
	want := strings.TrimSuffix(strings.TrimSpace(jsonOf(t, a)), "}") + `,"verdict":"answer","milliseconds":`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s and a number", got, want)
	}
	w := do(s, "POST", "/api/v1/inspect", jsonOf(t, map[string]string{"adapter": "weave", "image": base64.StdEncoding.EncodeToString(raw), "template": "x"}))
	if w.Code != 400 {
		t.Errorf("template: got %d", w.Code)
	}
}

// TestTasksOnTexts holds tags, indexes, labels and numbers to what their packages answer on the same base, byte for byte.
func TestTasksOnTexts(t *testing.T) {
	base, dir := toyText(t), t.TempDir()
	s := newServer(t, serve.Config{}, base)
	at := func(name string) string { return filepath.Join(dir, name) }
	about := adapter.Passport{Task: tagger.Task, Method: adapter.Head, Base: base.Identity(), Labels: []string{"B-x", "B-y", "B-z"}}
	save(t, at("tag"), base, about, tagger.Settings{MaxLength: 32}, nn.NewLinear("classifier", base.Width(), 3).Params(), 1)
	x, err := search.New(base, search.Settings{Pooling: "mean", MaxLength: 32})
	if err != nil {
		t.Fatal(err)
	}
	var passages []data.Passage
	for i := range 9 {
		passages = append(passages, data.Passage{ID: strconv.Itoa(i), Text: sentence(i)})
	}
	if err := x.Add(t.Context(), passages); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Save(at("search"), nil); err != nil {
		t.Fatal(err)
	}
	about = adapter.Passport{Task: multilabel.Task, Method: adapter.Head, Base: base.Identity(), Labels: []string{"a", "b", "c"}}
	save(t, at("multilabel"), base, about, multilabel.Settings{MaxLength: 32, Pooling: "mean"}, multilabel.NewLoss(base.Width(), 3).Params(), 2)
	about.Task, about.Labels = regressor.Task, nil
	save(t, at("regress"), base, about, regressor.Settings{MaxLength: 32, Pooling: "mean", Mean: 3, Deviation: 2}, regressor.NewLoss(base.Width()).Params(), 3)
	for _, task := range []string{"tag", "search", "multilabel", "regress"} {
		if _, err := s.Load(t.Context(), task, at(task)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := tagger.Load(at("tag"), base)
	if err != nil {
		t.Fatal(err)
	}
	many, err := multilabel.Load(at("multilabel"), base)
	if err != nil {
		t.Fatal(err)
	}
	number, err := regressor.Load(at("regress"), base)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		task    string
		predict func(context.Context, []byte) (any, error)
		in      map[string]any
	}{
		{"tag", p.PredictJSON, map[string]any{"text": sentence(1), "id": "a"}},
		{"tag", p.PredictJSON, map[string]any{"tokens": strings.Fields(sentence(2))}},
		{"multilabel", many.PredictJSON, map[string]any{"text": sentence(5), "id": "c"}},
		{"regress", number.PredictJSON, map[string]any{"text": sentence(6)}},
		{"search", x.PredictJSON, map[string]any{"query": sentence(3)}},
		{"search", x.PredictJSON, map[string]any{"query": sentence(4), "k": 3, "id": "b"}},
	} {
		want, err := c.predict(t.Context(), []byte(jsonOf(t, c.in)))
		if err != nil {
			t.Fatal(err)
		}
		c.in["adapter"] = c.task
		if got := post(t, s, c.task, c.in); got != jsonOf(t, want) || !strings.Contains(got, `"score"`) {
			t.Errorf("%s: got %s, want %s", c.task, got, jsonOf(t, want))
		}
	}
	for body, task := range map[string]string{
		`{"adapter": "tag"}`: "tag", `{"adapter": "tag", "text": "a", "tokens": ["a"]}`: "tag", `{"adapter": "search"}`: "search", `{"adapter": "multilabel"}`: "multilabel", `{"adapter": "regress", "text": ""}`: "regress", `{"adapter": "search", "query": "a", "k": 0}`: "search",
	} {
		if w := do(s, "POST", "/api/v1/"+task, body); w.Code != 400 {
			t.Errorf("%s: got %d, want 400: %s", body, w.Code, w.Body)
		}
	}
}

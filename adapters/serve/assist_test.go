package serve_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// saveAssistant writes an assistant of parts on the base toy, the qa adapter tuned whole.
func saveAssistant(t testing.TB, dir string, base *text.Model, seed uint64) *assistant.Passport {
	t.Helper()
	at := func(name string) string { return filepath.Join(t.TempDir(), name) }
	parts := map[string]fs.FS{}
	add := func(name string, write func(dir string)) {
		folder := at(name)
		write(folder)
		parts[name] = os.DirFS(folder)
	}
	add(assistant.Intents, func(dir string) { saveClassifier(t, dir, base, adapter.LoRA, "a", seed) })
	add(assistant.Points, func(dir string) { saveQA(t, dir, base, adapter.Full, seed) })
	add(assistant.Slots, func(dir string) {
		about := adapter.Passport{Task: tagger.Task, Method: adapter.Head, Base: base.Identity(), Labels: []string{"B-x", "B-y", "O"}}
		save(t, dir, base, about, tagger.Settings{MaxLength: 32}, nn.NewLinear("classifier", base.Width(), 3).Params(), seed)
	})
	add(assistant.Knowledge, func(dir string) {
		x, err := search.New(base, search.Settings{Pooling: "mean", MaxLength: 32})
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Add(t.Context(), []data.Passage{{ID: "1", Text: sentence(1) + ". Then " + sentence(2)}, {ID: "2", Text: sentence(3)}}); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Save(dir, nil); err != nil {
			t.Fatal(err)
		}
	})
	p, err := assistant.Save(dir, parts, assistant.Passport{Settings: assistant.Settings{
		Needs: map[string][]string{"a-x": {"x", "y"}}, Thresholds: assistant.Thresholds{Intent: 0.5, OutOfScope: assistant.Never, Answer: -1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAssist holds a served dialogue to what the package answers on the same base, byte for byte.
func TestAssist(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{}, base)
	dir := filepath.Join(t.TempDir(), "helper")
	p := saveAssistant(t, dir, base, 3)
	m, err := s.Load(t.Context(), "helper", dir)
	if err != nil || m.Task != assistant.Task || m.Digest != p.Digest || m.Base != base.Fingerprint() {
		t.Fatalf("got %+v, %v", m, err)
	}
	a, err := assistant.Load(t.Context(), dir, assistant.On(base))
	if err != nil {
		t.Fatal(err)
	}
	state := json.RawMessage("null")
	for i := range 6 {
		in := map[string]any{"message": sentence(10 + i), "id": "7", "state": state}
		want, err := a.PredictJSON(t.Context(), []byte(jsonOf(t, in)))
		if err != nil {
			t.Fatal(err)
		}
		in["adapter"] = "helper"
		got := post(t, s, "assist", in)
		if got != jsonOf(t, want) {
			t.Errorf("message %d: got %s, want %s", i, got, jsonOf(t, want))
		}
		var answer struct{ State json.RawMessage }
		if err := json.Unmarshal([]byte(got), &answer); err != nil || len(answer.State) == 0 {
			t.Fatalf("message %d has no state: %s, %v", i, got, err)
		}
		state = answer.State
	}
	if got := post(t, s, "embed", map[string]any{"adapter": "helper", "text": sentence(1)}); strings.Count(got, ",") != base.Width()-1 {
		t.Errorf("embed: got %.60s", got)
	}
	for body, code := range map[string]int{
		`{"adapter": "nobody", "message": "a"}`: http.StatusNotFound, `{"message": "a"}`: 400, `{"adapter": "helper"}`: 400, `{"adapter": "helper", "message": " "}`: 400,
		`{"adapter": "helper", "message": "a", "mood": 1}`: 400, `{"adapter": "helper", "message": "a", "message": "b"}`: 400, `{"adapter": "helper", "message": "a", "Message": "b"}`: 400,
		`{"adapter": "helper", "message": "a", "state": {"count": 0, "intent": "zzz"}}`: 400, `{"adapter": "helper", "message": "a", "state": {"x": 0}}`: 400,
		`{"adapter": "helper", "message": "a", "state": 1}`: 400, `{"adapter": "helper", "message": "` + strings.Repeat("a", assistant.MaxMessage+1) + `"}`: 400,
		`{"adapter": "toy", "message": "a"}`: 400,
	} {
		if w := do(s, "POST", "/api/v1/assist", body); w.Code != code {
			t.Errorf("%.90s: got %d, want %d: %s", body, w.Code, code, w.Body)
		}
	}
	if w := do(s, "POST", "/api/v1/classify", `{"adapter": "helper", "text": "a"}`); w.Code != 400 {
		t.Errorf("an assistant classifies: %d", w.Code)
	}
	if w := do(s, "GET", "/api/v1/assist", ""); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d", w.Code)
	}
	if err := s.Unload("helper"); err != nil {
		t.Fatal(err)
	}
	if w := do(s, "POST", "/api/v1/assist", `{"adapter": "helper", "message": "a"}`); w.Code != http.StatusNotFound {
		t.Errorf("unloaded: got %d", w.Code)
	}
}

// TestAssistRefused: an assistant that is damaged or lies on a base that isn't there is not served, and what was served stays.
func TestAssistRefused(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{}, base)
	dir := filepath.Join(t.TempDir(), "helper")
	saveAssistant(t, dir, base, 3)
	if _, err := s.Load(t.Context(), "helper", dir); err != nil {
		t.Fatal(err)
	}
	in := map[string]any{"adapter": "helper", "message": sentence(1)}
	want := post(t, s, "assist", in)
	weights := filepath.Join(dir, assistant.Slots, "adapter_model.safetensors")
	raw, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(weights, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), "helper", dir); err == nil {
		t.Error("a damaged part is served")
	}
	if got := post(t, s, "assist", in); got != want {
		t.Errorf("after the refusal: got %s, want %s", got, want)
	}
	empty := newServer(t, serve.Config{}, nil)
	if _, err := empty.Load(t.Context(), "helper", dir); err == nil {
		t.Error("an assistant without its base is served")
	}
}

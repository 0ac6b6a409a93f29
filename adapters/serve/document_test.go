package serve_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fmkit/fmkit/adapters/document"
	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
)

// TestDocument holds documents to what their package answers on the same base, byte for byte, also when many are asked at once.
func TestDocument(t *testing.T) {
	base, dir := toyText(t), t.TempDir()
	s := newServer(t, serve.Config{Tokens: 128}, base)
	at := func(name string) string { return filepath.Join(dir, name) }
	saveClassifier(t, at("type"), base, adapter.Head, "a", 1)
	saveQA(t, at("answers"), base, adapter.LoRA, 2)
	saveSummarizer(t, at("summary"), base, adapter.Full, 3)
	asked := document.Settings{Questions: []document.Question{{Question: "who sleeps?"}, {Question: "where is the river?"}}}
	_, err := document.Assemble(t.Context(), at("document"), base, map[string]string{"type": at("type"), "answers": at("answers"), "summary": at("summary")}, asked, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), "d", at("document")); err != nil {
		t.Fatal(err)
	}
	a, err := document.Load(at("document"), base)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 6 {
		in := map[string]any{"text": strings.Repeat(sentence(i)+". ", 1+7*i), "id": "7"}
		want, err := a.PredictJSON(t.Context(), []byte(jsonOf(t, in)))
		if err != nil {
			t.Fatal(err)
		}
		in["adapter"] = "d"
		body := jsonOf(t, in)
		for range 3 {
			wait.Go(func() {
				w := do(s, "POST", "/api/v1/document", body)
				if w.Code != 200 || w.Body.String() != jsonOf(t, want) || w.Header().Get("Fmkit-Adapter-Digest") != a.Passport().Digest {
					t.Errorf("document %d: got %d %.300s, want %.300s", i, w.Code, w.Body, jsonOf(t, want))
				}
			})
		}
	}
	wait.Wait()
	for body, code := range map[string]int{
		`{"adapter": "d"}`: 400, `{"adapter": "d", "text": " \n"}`: 400, `{"adapter": "d", "text": "a", "question": "b"}`: 400, `{"adapter": "nobody", "text": "a"}`: 404,
		`{"adapter": "d", "text": "` + strings.Repeat("a ", document.MaxBytes/2+1) + `"}`: 400,
	} {
		if w := do(s, "POST", "/api/v1/document", body); w.Code != code || !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("%.60s: got %d, want %d: %.200s", body, w.Code, code, w.Body)
		}
	}
}

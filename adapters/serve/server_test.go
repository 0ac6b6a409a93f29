package serve_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
)

// TestRefused holds every wrong request to its status and to an error that says what is wrong.
func TestRefused(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{Body: 4096, Inputs: 3}, base)
	loaded(t, s, "polite", func(dir string) *adapter.Passport { return saveClassifier(t, dir, base, adapter.Head, "a", 1) })
	loaded(t, s, "asked", func(dir string) *adapter.Passport { return saveQA(t, dir, base, adapter.Head, 1) })
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"no such address", "POST", "/api/v1/dance", `{}`, 404, "/api/v1/dance"},
		{"root", "GET", "/", ``, 404, ""},
		{"doubled slash", "POST", "//api/v1/classify", `{}`, 404, ""},
		{"other method", "GET", "/api/v1/classify", ``, 405, "want POST"},
		{"other method", "POST", "/metrics", `{}`, 405, "want GET"},
		{"empty", "POST", "/api/v1/classify", ` `, 400, "JSON"},
		{"no JSON", "POST", "/api/v1/classify", `text`, 400, "JSON"},
		{"a list", "POST", "/api/v1/classify", `[]`, 400, ""},
		{"cut off", "POST", "/api/v1/classify", `{"adapter":"polite","text":"a"`, 400, ""},
		{"more behind", "POST", "/api/v1/classify", `{"adapter":"polite","text":"a"}{}`, 400, "more follows"},
		{"twice", "POST", "/api/v1/classify", `{"adapter":"asked","adapter":"polite","text":"a"}`, 400, "duplicate"},
		{"other case", "POST", "/api/v1/classify", `{"ADAPTER":"polite","text":"a"}`, 400, "ADAPTER"},
		{"unknown key", "POST", "/api/v1/classify", `{"adapter":"polite","text":"a","top_k":3}`, 400, "top_k"},
		{"wrong kind", "POST", "/api/v1/classify", `{"adapter":"polite","text":7}`, 400, "text"},
		{"deep", "POST", "/api/v1/classify", `{"adapter":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, 400, "deep"},
		{"not UTF-8", "POST", "/api/v1/classify", "{\"adapter\":\"polite\",\"text\":\"\xff\"}", 400, "UTF-8"},
		{"no adapter", "POST", "/api/v1/classify", `{"text":"a"}`, 400, "adapter"},
		{"no text", "POST", "/api/v1/classify", `{"adapter":"polite"}`, 400, "text"},
		{"unknown adapter", "POST", "/api/v1/classify", `{"adapter":"rude","text":"a"}`, 404, "rude"},
		{"name that is none", "POST", "/api/v1/classify", `{"adapter":"../base","text":"a"}`, 404, ""},
		{"base for a task", "POST", "/api/v1/classify", `{"adapter":"toy","text":"a"}`, 400, "base"},
		{"other task", "POST", "/api/v1/classify", `{"adapter":"asked","text":"a"}`, 400, "qa"},
		{"picture for texts", "POST", "/api/v1/classify", `{"adapter":"polite","image":"aGVsbG8="}`, 400, "image"},
		{"no question", "POST", "/api/v1/qa", `{"adapter":"asked","context":"a"}`, 400, "question"},
		{"too large", "POST", "/api/v1/classify", `{"adapter":"polite","text":"` + strings.Repeat("a ", 4096) + `"}`, 413, "4096"},
		{"no input", "POST", "/v1/embeddings", `{"model":"toy"}`, 400, "input"},
		{"empty input", "POST", "/v1/embeddings", `{"model":"toy","input":["a",""]}`, 400, "text 1"},
		{"too many inputs", "POST", "/v1/embeddings", `{"model":"toy","input":["a","b","c","d"]}`, 400, "got 4"},
		{"token ids", "POST", "/v1/embeddings", `{"model":"toy","input":[1,2]}`, 400, "input"},
		{"other encoding", "POST", "/v1/embeddings", `{"model":"toy","input":"a","encoding_format":"int8"}`, 400, "int8"},
		{"other width", "POST", "/v1/embeddings", `{"model":"toy","input":"a","dimensions":7}`, 400, "got 7, want 32"},
		{"unknown model", "POST", "/v1/embeddings", `{"model":"gpt","input":"a"}`, 404, "gpt"},
		{"loading without a key", "PUT", "/api/v1/adapters/x", `{"dir":"x"}`, 403, "key"},
		{"unloading without a key", "DELETE", "/api/v1/adapters/polite", ``, 403, "key"},
		{"no name", "PUT", "/api/v1/adapters/", `{"dir":"x"}`, 404, ""},
	} {
		w := do(s, c.method, c.path, c.body)
		var e struct {
			Error struct {
				Message, Type string
				Code          int
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Error.Message == "" || e.Error.Code != w.Code {
			t.Errorf("%s: got the body %s, %v", c.name, w.Body, err)
		}
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: got %d %s, want %d and %q", c.name, w.Code, w.Body, c.status, c.says)
		}
		if w.Code == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s: no Allow", c.name)
		}
	}
	good := `{"adapter":"polite","text":"a"}`
	for kind, want := range map[string]int{"": 415, "text/plain": 415, "application/json; charset=utf-8": 200, "application/x-www-form-urlencoded": 415, ";": 415} {
		if w := do(s, "POST", "/api/v1/classify", good, "Content-Type", kind); w.Code != want {
			t.Errorf("content type %q: got %d, want %d", kind, w.Code, want)
		}
	}
	if w := do(s, "POST", "/api/v1/classify", good, "Content-Encoding", "gzip"); w.Code != 415 {
		t.Errorf("gzip: got %d, want 415", w.Code)
	}
}

// TestOverload fills the queue: what has no place is refused with 429, and what was taken on is answered.
func TestOverload(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{Queue: 1}, base)
	long := strings.Repeat("please send help. ", 4000)
	loaded(t, s, "a", func(dir string) *adapter.Passport { return saveSummarizer(t, dir, base, adapter.Head, 1) })
	in := map[string]string{"adapter": "a", "text": long}
	body, want := jsonOf(t, in), post(t, s, "summarize", in)
	var wait sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for range 64 {
		wait.Go(func() {
			w := do(s, "POST", "/api/v1/summarize", body)
			if w.Code == 200 && w.Body.String() != want {
				t.Errorf("got %s", w.Body)
			}
			if w.Code == 429 && w.Header().Get("Retry-After") == "" {
				t.Error("429 without Retry-After")
			}
			mu.Lock()
			codes[w.Code]++
			mu.Unlock()
		})
	}
	wait.Wait()
	if codes[200] == 0 || codes[429] == 0 || codes[200]+codes[429] != 64 {
		t.Errorf("got %v, want 200 and 429 alone", codes)
	}
}

// TestTimeout holds that a request that takes too long is told so, and leaves the queue.
func TestTimeout(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{Timeout: time.Nanosecond}, base)
	loaded(t, s, "a", func(dir string) *adapter.Passport { return saveClassifier(t, dir, base, adapter.Head, "a", 1) })
	if w := do(s, "POST", "/api/v1/classify", `{"adapter":"a","text":"please"}`); w.Code != 504 {
		t.Errorf("got %d %s, want 504", w.Code, w.Body)
	}
	if m := do(s, "GET", "/metrics", "").Body.String(); !strings.Contains(m, "fmkit_queue_depth 0\n") {
		t.Error("it is still in the queue")
	}
}

package serve_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/text"
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

// TestKey holds every address to what it asks of whom: a route without a row here fails.
func TestKey(t *testing.T) {
	const key = "0123456789abcdef"
	base := toyText(t)
	s := newServer(t, serve.Config{Key: key, Root: t.TempDir()}, base)
	for route, free := range map[string]bool{
		"GET /healthz": true, "GET /readyz": true, "GET /metrics": false, "GET /v1/models": false, "POST /v1/embeddings": false,
		"POST /api/v1/embed": false, "POST /api/v1/classify": false, "POST /api/v1/qa": false, "POST /api/v1/summarize": false, "POST /api/v1/inspect": false,
		"PUT /api/v1/adapters/a": false, "DELETE /api/v1/adapters/a": false, "GET /unknown": false,
	} {
		method, path, _ := strings.Cut(route, " ")
		for _, header := range []string{"", "Bearer wrong", "Bearer", "Basic " + key, "Bearer " + key + "x", "Bearer  " + key, key} {
			w := do(s, method, path, "", "Authorization", header)
			if (w.Code == 401) == free {
				t.Errorf("%s with %q: got %d", route, header, w.Code)
			}
		}
		for _, header := range []string{"Bearer " + key, "bearer " + key} {
			if w := do(s, method, path, "", "Authorization", header); w.Code == 401 {
				t.Errorf("%s with the key: got %d", route, w.Code)
			}
		}
	}
	for _, c := range []serve.Config{{Key: "short"}, {Queue: -1}, {Timeout: -1}} {
		if _, err := serve.New(c); !errors.Is(err, serve.ErrConfig) {
			t.Errorf("%+v: got %v, want ErrConfig", c, err)
		}
	}
}

// TestListen holds that nobody else reaches a server without a key.
func TestListen(t *testing.T) {
	open, locked := newServer(t, serve.Config{}, nil), newServer(t, serve.Config{Key: "0123456789abcdef"}, nil)
	for addr, want := range map[string]bool{"127.0.0.1:0": true, "localhost:0": true, "0.0.0.0:0": false, ":0": false} {
		for _, s := range []*serve.Server{open, locked} {
			l, err := s.Listen(t.Context(), addr)
			if ok := err == nil; ok != (want || s == locked) || !ok && !errors.Is(err, serve.ErrNeedsKey) {
				t.Errorf("%s: got %v", addr, err)
			}
			if l != nil {
				l.Close()
			}
		}
	}
}

// TestChangeOverHTTP loads, replaces and unloads with a key.
func TestChangeOverHTTP(t *testing.T) {
	const key = "0123456789abcdef"
	base, root := toyText(t), t.TempDir()
	one := saveClassifier(t, filepath.Join(root, "one"), base, adapter.Head, "one", 1)
	saveClassifier(t, filepath.Join(root, "sub", "two"), base, adapter.LoRA, "two", 2)
	saveClassifier(t, filepath.Join(root, "three"), base, adapter.Head, "three", 3)
	other := toyText(t)
	other.Params()[0].Value[0]++
	saveClassifier(t, filepath.Join(root, "foreign"), other, adapter.Head, "foreign", 4)
	outside := t.TempDir()
	saveClassifier(t, filepath.Join(outside, "x"), base, adapter.Head, "x", 5)
	if err := os.Symlink(filepath.Join(outside, "x"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, serve.Config{Key: key, Root: root, Adapters: 2}, base)
	change := func(method, name, dir string) (int, string) {
		body := ""
		if dir != "" {
			body = jsonOf(t, map[string]string{"dir": dir})
		}
		w := do(s, method, "/api/v1/adapters/"+name, body, "Authorization", "Bearer "+key, "Content-Type", "application/json")
		return w.Code, w.Body.String()
	}
	for _, c := range []struct {
		method, name, dir string
		want              int
	}{
		{"DELETE", "a", "", 404},
		{"PUT", "a", "one", 201},
		{"PUT", "a", "one", 200},
		{"PUT", "b", "sub/two", 201},
		{"PUT", "c", "three", 507},
		{"PUT", "b", "foreign", 409},
		{"PUT", "b", "empty", 422},
		{"PUT", "b", "nowhere", 400},
		{"PUT", "b", "../" + filepath.Base(root) + "/one", 400},
		{"PUT", "b", root + "/one", 400},
		{"PUT", "b", "link", 400},
		{"PUT", "b", "one/fmkit.json", 400},
		{"PUT", "B", "one", 400},
		{"PUT", "..", "one", 400},
		{"PUT", strings.Repeat("a", 65), "one", 400},
		{"PUT", "toy", "one", 400},
		{"DELETE", "toy", "", 404},
		{"PUT", "a", "three", 200},
		{"DELETE", "b", "", 204},
		{"DELETE", "b", "", 404},
	} {
		if got, body := change(c.method, c.name, c.dir); got != c.want {
			t.Errorf("%s %s %s: got %d %s, want %d", c.method, c.name, c.dir, got, body, c.want)
		}
	}
	models := s.Models()
	if len(models) != 2 || models[0].Name != "a" || models[0].Digest == one.Digest || models[1].Name != "toy" {
		t.Errorf("got %+v", models)
	}
}

// TestMutants damages every file of an adapter folder: nothing damaged is loaded, and what was loaded before keeps answering.
func TestMutants(t *testing.T) {
	base := toyText(t)
	for _, method := range []string{adapter.Head, adapter.LoRA} {
		s := newServer(t, serve.Config{}, base)
		dir := filepath.Join(t.TempDir(), "good")
		good := saveClassifier(t, dir, base, method, "a", 1)
		if _, err := s.Load(t.Context(), "a", dir); err != nil {
			t.Fatal(err)
		}
		in := map[string]string{"adapter": "a", "text": sentence(1)}
		want := post(t, s, "classify", in)
		whole := fstest.MapFS{}
		for _, f := range []string{"fmkit.json", "adapter_config.json", "adapter_model.safetensors"} {
			raw, err := os.ReadFile(filepath.Join(dir, f))
			if err != nil {
				t.Fatal(err)
			}
			whole[f] = &fstest.MapFile{Data: raw}
		}
		refuse := func(what, file string, files fstest.MapFS) {
			t.Helper()
			m, err := s.LoadFS(t.Context(), "a", files)
			if err != nil {
				return
			}
			// What no digest covers may change: of the passport the spelling of a label, of the other files what says nothing. The weights may not.
			if m.Digest != good.Digest || file != "fmkit.json" && post(t, s, "classify", in) != want {
				t.Errorf("%s, %s: was loaded", method, what)
			}
			if _, err := s.LoadFS(t.Context(), "a", whole); err != nil {
				t.Fatal(err)
			}
		}
		for f, file := range whole {
			without := fstest.MapFS{}
			for g := range whole {
				if g != f {
					without[g] = whole[g]
				}
			}
			refuse("no "+f, "", without)
			step := max(1, len(file.Data)/60)
			for at := 0; at < len(file.Data); at += step {
				for _, how := range []string{"bit", "cut"} {
					files := fstest.MapFS{}
					for g := range whole {
						files[g] = whole[g]
					}
					raw := append([]byte(nil), file.Data...)
					if how == "bit" {
						raw[at] ^= 1 << (at % 8)
					} else {
						raw = raw[:at]
					}
					files[f] = &fstest.MapFile{Data: raw}
					refuse(fmt.Sprintf("%s of %s at %d", how, f, at), f, files)
				}
			}
		}
		if got := post(t, s, "classify", in); got != want {
			t.Errorf("%s: got %s, want %s", method, got, want)
		}
	}
}

// TestOpenAI reads embeddings in both encodings.
func TestOpenAI(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{}, base)
	loaded(t, s, "low", func(dir string) *adapter.Passport { return saveClassifier(t, dir, base, adapter.LoRA, "a", 1) })
	e, err := text.NewEmbedder(base, text.EmbedConfig{})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{sentence(1), sentence(2), "please"}
	want, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Object, Model string
		Data          []struct {
			Object    string
			Index     int
			Embedding json.RawMessage
		}
		Usage struct {
			Prompt int `json:"prompt_tokens"`
			Total  int `json:"total_tokens"`
		}
	}
	ask := func(model, encoding string) [][]float32 {
		t.Helper()
		w := do(s, "POST", "/v1/embeddings", jsonOf(t, map[string]any{"model": model, "input": texts, "encoding_format": encoding}))
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 || list.Object != "list" || len(list.Data) != 3 || list.Model != model {
			t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
		}
		var all [][]float32
		for i, d := range list.Data {
			var v []float32
			if encoding == "base64" {
				var packed string
				if err := json.Unmarshal(d.Embedding, &packed); err != nil {
					t.Fatal(err)
				}
				raw, err := base64.StdEncoding.DecodeString(packed)
				if err != nil {
					t.Fatal(err)
				}
				for ; len(raw) > 0; raw = raw[4:] {
					v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
				}
			} else if err := json.Unmarshal(d.Embedding, &v); err != nil {
				t.Fatal(err)
			}
			if d.Index != i || d.Object != "embedding" {
				t.Errorf("got index %d and object %s", d.Index, d.Object)
			}
			all = append(all, v)
		}
		return all
	}
	for _, encoding := range []string{"float", "base64"} {
		if got := ask("toy", encoding); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", encoding, got, want)
		}
	}
	tokens := 0
	for _, x := range texts {
		tokens += len(base.Row(x, 64).IDs)
	}
	if list.Usage.Prompt != tokens || list.Usage.Total != tokens {
		t.Errorf("usage: got %+v, want %d", list.Usage, tokens)
	}
	if got := ask("low", "float"); fmt.Sprint(got) == fmt.Sprint(want) {
		t.Error("an adapter that changes the encoder gives the base's vectors")
	}
}

// TestOverload fills the queue: what has no place is refused with 429, and what was taken on is answered.
func TestOverload(t *testing.T) {
	base := toyText(t)
	s := newServer(t, serve.Config{Queue: 4}, base)
	long := strings.Repeat("please send help. ", 400)
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

// TestDrain ends a server under load again and again: whoever's connection it took gets a whole and right answer, and afterwards nothing is left running.
func TestDrain(t *testing.T) {
	kernels.SetWorkers(1) // whose goroutines stay
	defer kernels.SetWorkers(0)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	base := toyText(t)
	dir := filepath.Join(t.TempDir(), "a")
	saveSummarizer(t, dir, base, adapter.Head, 1)
	body := jsonOf(t, map[string]string{"adapter": "a", "text": strings.Repeat("please send help. the cat sleeps. ", 40)})
	want := ""
	for round := range 20 {
		s, err := serve.New(serve.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AddBase("toy", serve.Base{Text: base}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(t.Context(), "a", dir); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = do(s, "POST", "/api/v1/summarize", body).Body.String()
		}
		l, err := s.Listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		taken := &counting{Listener: l}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, taken) }()
		var wait sync.WaitGroup
		var mu sync.Mutex
		answered := 0
		for k := range 8 {
			wait.Go(func() {
				for { // a connection for each request, so that taken counts requests; half of them wait for another one, which doesn't come
					c := http.Client{Transport: &http.Transport{DisableKeepAlives: k%2 == 0}}
					defer c.CloseIdleConnections()
					a, err := c.Post("http://"+l.Addr().String()+"/api/v1/summarize", "application/json", strings.NewReader(body))
					if err != nil {
						return // refused, or reset before it was taken
					}
					if got := drain(a.Body); a.StatusCode != 200 || got != want {
						t.Errorf("got %d %s", a.StatusCode, got)
					}
					mu.Lock()
					answered++
					mu.Unlock()
				}
			})
		}
		time.Sleep(time.Duration(20+7*round) * time.Millisecond)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("round %d: %v", round, err)
		}
		wait.Wait()
		if taken.n != answered || answered == 0 {
			t.Errorf("round %d: %d connections were taken, %d answered", round, taken.n, answered)
		}
		if w := do(s, "POST", "/api/v1/summarize", body); w.Code != 503 {
			t.Errorf("after the end: got %d, want 503", w.Code)
		}
		if w := do(s, "GET", "/readyz", ""); w.Code != 503 {
			t.Errorf("ready after the end: got %d, want 503", w.Code)
		}
	}
}

// counting counts the connections that were taken.
type counting struct {
	net.Listener
	n int
}

func (c *counting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n++
	}
	return conn, err
}

// TestOtherSites holds that browsers can't be used to get at a server on the machine.
func TestOtherSites(t *testing.T) {
	s := newServer(t, serve.Config{}, toyText(t))
	l, err := s.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	defer func() {
		cancel()
		<-ended
	}()
	for _, c := range []struct {
		host, origin string
		want         int
	}{
		{"", "", 200},
		{"localhost:80", "", 200},
		{"[::1]", "", 200},
		{"127.0.0.2:9", "", 200},
		{"evil.example", "", 403},
		{"10.0.0.1", "", 403},
		{"", "https://evil.example", 403},
	} {
		r, err := http.NewRequestWithContext(ctx, "POST", "http://"+l.Addr().String()+"/api/v1/embed", strings.NewReader(`{"adapter":"toy","text":"a"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if c.host != "" {
			r.Host = c.host
		}
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if drain(a.Body); a.StatusCode != c.want {
			t.Errorf("%+v: got %d", c, a.StatusCode)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// FuzzRequest holds that no body makes a server panic or blame itself.
func FuzzRequest(f *testing.F) {
	base := toyText(f)
	s := newServer(f, serve.Config{}, base)
	loaded(f, s, "c", func(dir string) *adapter.Passport { return saveClassifier(f, dir, base, adapter.Head, "a", 1) })
	loaded(f, s, "q", func(dir string) *adapter.Passport { return saveQA(f, dir, base, adapter.LoRA, 1) })
	loaded(f, s, "s", func(dir string) *adapter.Passport { return saveSummarizer(f, dir, base, adapter.Head, 1) })
	v := toyVision(f)
	if err := s.AddBase("v", serve.Base{Vision: v}); err != nil {
		f.Fatal(err)
	}
	loaded(f, s, "p", func(dir string) *adapter.Passport { return savePictures(f, dir, v, adapter.Head, 1) })
	paths := []string{"/api/v1/classify", "/api/v1/qa", "/api/v1/summarize", "/api/v1/inspect", "/api/v1/embed", "/v1/embeddings", "/api/v1/adapters/x"}
	for i, body := range []string{
		`{"adapter":"c","text":"please \ud800 \u0000 send"}`, `{"adapter":"q","question":"who?","context":"the cat sleeps","id":"1"}`,
		`{"adapter":"s","sentences":["the cat sleeps","",""]}`, `{"adapter":"p","image":"iVBORw0KGgo="}`, `{"adapter":"v","image":"data:image/png;base64,"}`,
		`{"model":"toy","input":["a","b"],"encoding_format":"base64","dimensions":32,"user":"x"}`, `{"dir":"x"}`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	f.Add(uint8(0), []byte(`{"adapter":"p","image":"`+base64.StdEncoding.EncodeToString(shade(f, true, 100))+`"}`))
	f.Add(uint8(2), []byte(`{"adapter":"s","text":"`+strings.Repeat(". ", 300)+`"}`))
	f.Add(uint8(1), []byte(`{"adapter":"q","question":"`+strings.Repeat("^", 300)+`","context":"`+strings.Repeat("?", 300)+`"}`))
	f.Fuzz(func(t *testing.T, path uint8, body []byte) {
		p := paths[int(path)%len(paths)]
		method := "POST"
		if strings.Contains(p, "adapters/") {
			method = "PUT"
		}
		w := do(s, method, p, string(body), "Content-Type", "application/json")
		if w.Code >= 500 {
			t.Errorf("%s %q: got %d %s", p, body, w.Code, w.Body)
		}
		var v any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Errorf("%s %q: got %s: %v", p, body, w.Body, err)
		}
	})
}

package serve_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/adapter/adaptertest"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

const hostileKey = "0123456789abcdef"

// A hostile request is one that is right until it is changed.
type hostile struct {
	method, path, kind, body string
}

// hostiles are a request for every endpoint.
func hostiles(t testing.TB) []hostile {
	png := base64.StdEncoding.EncodeToString(shade(t, true, 100))
	all := []hostile{
		{"GET", "/healthz", "", ""},
		{"GET", "/readyz", "", ""},
		{"GET", "/metrics", "", ""},
		{"GET", "/v1/models", "", ""},
		{"PUT", "/api/v1/adapters/x", "", `{"dir":"good"}`},
		{"PUT", "/api/v1/adapters/y", "", `{"dir":"mutant"}`},
		{"DELETE", "/api/v1/adapters/x", "", ""},
		{"POST", "/api/v1/classify", "", `{"adapter":"control","text":"please send help","id":"1"}`},
		{"POST", "/api/v1/classify", "", `{"adapter":"pictures","image":"` + png + `"}`},
		{"POST", "/api/v1/classify", "", `{"adapter":"x","text":"the cat sleeps"}`},
		{"POST", "/api/v1/qa", "", `{"adapter":"qa","question":"who sleeps?","context":"the cat sleeps. the dog runs to the river."}`},
		{"POST", "/api/v1/summarize", "", `{"adapter":"summarize","sentences":["the cat sleeps","the dog runs"]}`},
		{"POST", "/api/v1/summarize", "", `{"adapter":"summarize","text":"the cat sleeps. the dog runs."}`},
		{"POST", "/api/v1/tag", "", `{"adapter":"tag","text":"the cat sleeps"}`},
		{"POST", "/api/v1/tag", "", `{"adapter":"tag","tokens":["the","cat"]}`},
		{"POST", "/api/v1/search", "", `{"adapter":"search","query":"cat","k":3}`},
		{"POST", "/api/v1/inspect", "", `{"adapter":"inspect","image":"` + png + `"}`},
		{"POST", "/api/v1/embed", "", `{"adapter":"toy","text":"the river"}`},
		{"POST", "/v1/embeddings", "", `{"model":"toy","input":["a","b"],"encoding_format":"base64","dimensions":32,"user":"x"}`},
	}
	for i := range all {
		all[i].kind = "application/json"
	}
	return all
}

// names are what adapters are called by those who mean harm.
var names = []string{
	"../base", "..%2f", "/abs", "a\x00", "CON", strings.Repeat("a", 65), "", ".", "..", "сontrol", "control/", "CONTROL", "toy", "a b", "%", "x\r\ny", "<script>", "control\u200b", "-", "nul.txt",
}

// values are what stands in JSON where something else should.
var values = []string{
	"null", "true", "-1", "0", "1e999", "-1e999", "1e-999", "9223372036854775808", "2147483648", "1.5", "NaN", `""`, `"\ud800"`, `"\u0000"`, "[]", "{}", `[[]]`, `[null]`, `["a",1]`, `{"a":{}}`,
	`"` + strings.Repeat("a ", 3000) + `"`, `"` + strings.Repeat("^", 2000) + `"`, `"` + strings.Repeat("\\u0301", 500) + `"`, `"data:image/png;base64,AAAA"`, `"http://127.0.0.1/"`, `"file:///etc/passwd"`,
}

// mutate changes a request in one to three ways.
func (h hostile) mutate(r *random.Stream) hostile {
	for range 1 + r.IntN(3) {
		b := []byte(h.body)
		at := func() int { return r.IntN(len(b) + 1) }
		switch r.IntN(14) {
		case 0:
			if len(b) > 0 {
				b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			}
		case 1:
			b = b[:at()]
		case 2: // a key twice, perhaps in another case
			if i := strings.Index(h.body, ","); i > 1 {
				twice := h.body[1:i]
				if r.IntN(2) == 0 {
					twice = strings.ToUpper(twice)
				}
				b = []byte("{" + twice + "," + h.body[1:])
			}
		case 3:
			n := []int{10, 1000, 100_000}[r.IntN(3)]
			open := []string{"[", `{"a":`}[r.IntN(2)]
			b = slices.Insert(b, at(), []byte(strings.Repeat(open, n))...)
		case 4, 5, 6: // another value
			var v map[string]json.RawMessage
			if json.Unmarshal(b, &v) == nil && len(v) > 0 {
				keys := make([]string, 0, len(v))
				for k := range v {
					keys = append(keys, k)
				}
				slices.Sort(keys)
				k := keys[r.IntN(len(keys))]
				b = []byte(strings.Replace(h.body, `"`+k+`":`+string(v[k]), `"`+k+`":`+values[r.IntN(len(values))], 1))
			}
		case 7:
			b = slices.Insert(b, at(), []byte([]string{"\xff", "\xed\xa0\x80", "\x00", "\xf4\x90\x80\x80", "\xc0\xaf", "\ufeff"}[r.IntN(6)])...)
		case 8:
			h.kind = []string{"", "text/plain", "application/json; charset=utf-16", "application/json;", "multipart/form-data", "a/b/c", "APPLICATION/JSON", ";", "\xff"}[r.IntN(9)]
		case 9:
			h.path = []string{"/", "//v1/models", h.path + "/", "/v1/../api/v1/adapters/x", h.path + "%2f", "/api/v1/adapters/", "/api/v1/" + h.path, strings.ToUpper(h.path), h.path + "\x00", "", "*"}[r.IntN(11)]
		case 10:
			h.path = "/api/v1/adapters/" + names[r.IntN(len(names))]
			h.method = []string{"PUT", "DELETE"}[r.IntN(2)]
		case 11:
			h.method = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "", "get", "X Y"}[r.IntN(11)]
		case 12:
			name, _ := json.Marshal(names[r.IntN(len(names))])
			b = []byte(strings.NewReplacer(`"control"`, string(name), `"qa"`, string(name), `"good"`, string(name), `"toy"`, string(name)).Replace(h.body))
		case 13:
			b = append(b, []string{"{}", " ", "]", "\n\n1", strings.Repeat(" ", 5000)}[r.IntN(5)]...)
		}
		h.body = string(b)
	}
	return h
}

// send asks a handler by any request, also one that a client couldn't write.
func send(s http.Handler, h hostile) *httptest.ResponseRecorder {
	r := &http.Request{
		Method: h.method, URL: &url.URL{Path: h.path}, Header: http.Header{"Authorization": {"Bearer " + hostileKey}, "Content-Type": {h.kind}},
		Body: io.NopCloser(strings.NewReader(h.body)), ContentLength: int64(len(h.body)), Host: "localhost", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// damage changes one file of an adapter folder: bytes of it, or one value of its JSON with all sums made to fit.
func damage(t *testing.T, r *random.Stream, good, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files := []string{"fmkit.json", "adapter_config.json", "adapter_model.safetensors"}
	chosen := r.IntN(3)
	for i, name := range files {
		raw, err := os.ReadFile(filepath.Join(good, name))
		if err != nil {
			t.Fatal(err)
		}
		if i == chosen {
			switch r.IntN(6) {
			case 0:
				raw[r.IntN(len(raw))] ^= 1 << r.IntN(8)
			case 1:
				raw = raw[:r.IntN(len(raw))]
			case 2:
				at := r.IntN(len(raw))
				raw = slices.Insert(raw, at, raw[at:min(len(raw), at+1+r.IntN(40))]...)
			default:
				raw = otherValue(r, raw)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if r.IntN(2) == 0 {
		f := filepath.Join(dir, "fmkit.json")
		var p adapter.Passport
		raw, _ := os.ReadFile(f)
		if tensors, _, err := checkpoint.ReadFile(filepath.Join(dir, "adapter_model.safetensors")); err == nil && json.Unmarshal(raw, &p) == nil {
			_ = os.WriteFile(f, []byte(strings.Replace(string(raw), p.Digest, checkpoint.Digest(tensors), 1)), 0o644)
		}
		_ = adaptertest.Reseal(dir) // what can't be read any more stays as it is
	}
}

// otherValue puts another value after a colon.
func otherValue(r *random.Stream, raw []byte) []byte {
	var colons []int
	for i, c := range raw[:min(len(raw), 8000)] {
		if c == ':' {
			colons = append(colons, i+1)
		}
	}
	if len(colons) == 0 {
		return raw[1:]
	}
	from := colons[r.IntN(len(colons))]
	to := from
	for to < len(raw) && !strings.ContainsRune(",}]\n", rune(raw[to])) {
		to++
	}
	return slices.Concat(raw[:from], []byte(values[r.IntN(20)]), raw[to:])
}

// TestHostile sends requests and adapter folders that are wrong in every way: nothing panics, no answer blames the server but for its limits, those who mean well are answered as before, and
// nothing is left behind. FMKIT_FULL sends 100,000, otherwise it is 3,000.
func TestHostile(t *testing.T) {
	n := 3000
	if os.Getenv("FMKIT_FULL") != "" {
		n = 100_000
	}
	base, vision, root := toyText(t), toyVision(t), t.TempDir()
	s := newServer(t, serve.Config{Key: hostileKey, Root: root, Adapters: 9, Body: 400_000, Pictures: 400_000}, base)
	if err := s.AddBase("v", serve.Base{Vision: vision}); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(root, "good")
	saveClassifier(t, good, base, adapter.LoRA, "g", 3)
	loaded(t, s, "control", func(dir string) *adapter.Passport { return saveClassifier(t, dir, base, adapter.LoRA, "a", 1) })
	loaded(t, s, "qa", func(dir string) *adapter.Passport { return saveQA(t, dir, base, adapter.LoRA, 1) })
	loaded(t, s, "summarize", func(dir string) *adapter.Passport { return saveSummarizer(t, dir, base, adapter.Head, 1) })
	loaded(t, s, "pictures", func(dir string) *adapter.Passport { return savePictures(t, dir, vision, adapter.Head, 1) })
	loaded(t, s, "tag", func(dir string) *adapter.Passport {
		about := adapter.Passport{Task: tagger.Task, Method: adapter.Head, Base: base.Identity(), Labels: []string{"B-x", "B-y", "B-z"}}
		return save(t, dir, base, about, tagger.Settings{MaxLength: 32}, nn.NewLinear("classifier", base.Width(), 3).Params(), 1)
	})
	control := hostile{"POST", "/api/v1/classify", "application/json", `{"adapter":"control","text":"please send help"}`}
	want := send(s, control)
	if want.Code != http.StatusOK {
		t.Fatalf("control: got %d %s", want.Code, want.Body)
	}
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	heap, routines := memory(), runtime.NumGoroutine()
	seeds, codes := hostiles(t), map[int]int{}
	for i := range n {
		r := random.New(random.Mix(random.Key(1, "hostile"), uint64(i)))
		h := seeds[r.IntN(len(seeds))]
		if i%8 == 0 {
			h = hostile{"PUT", "/api/v1/adapters/y", "application/json", `{"dir":"mutant"}`}
			damage(t, r, good, filepath.Join(root, "mutant"))
		} else {
			h = h.mutate(r)
		}
		if h.method == "DELETE" && !slices.Contains([]string{"x", "y"}, strings.TrimPrefix(h.path, "/api/v1/adapters/")) && strings.Contains(h.path, "control") {
			h.method = "PUT" // of the control itself it would be right
		}
		w := send(s, h)
		codes[w.Code]++
		if w.Code >= 500 && w.Code != http.StatusInsufficientStorage {
			t.Fatalf("request %d: %s %q %q %.300q: got %d %s", i, h.method, h.path, h.kind, h.body, w.Code, w.Body)
		}
		if w.Code == http.StatusOK || w.Code == http.StatusCreated {
			continue
		}
		var problem struct {
			Error struct{ Message, Type string }
		}
		if h.method != "HEAD" && w.Code != http.StatusNoContent && (json.Unmarshal(w.Body.Bytes(), &problem) != nil || problem.Error.Type == "" || strings.Contains(problem.Error.Message, root)) {
			t.Fatalf("request %d: %s %q: got %d with the body %s", i, h.method, h.path, w.Code, w.Body)
		}
		if i%1000 == 0 {
			if got := send(s, control); got.Code != http.StatusOK || got.Body.String() != want.Body.String() {
				t.Fatalf("after request %d the control request gets %d %s, want %s", i, got.Code, got.Body, want.Body)
			}
		}
	}
	if got := send(s, control); got.Body.String() != want.Body.String() {
		t.Errorf("in the end the control request gets %s, want %s", got.Body, want.Body)
	}
	if metrics := send(s, hostile{"GET", "/metrics", "", ""}).Body.String(); strings.Contains(metrics, "panics_total") && !strings.Contains(metrics, "panics_total 0") {
		t.Errorf("something panicked:\n%s", metrics)
	}
	for range 100 {
		if runtime.NumGoroutine() <= routines+1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := runtime.NumGoroutine(); got > routines+1 {
		t.Errorf("%d goroutines are left, %d were there", got, routines)
	}
	if got := memory(); got > heap+32<<20 {
		t.Errorf("the heap grew from %d to %d bytes", heap, got)
	}
	if codes[200] == 0 || codes[201] == 0 || codes[400] == 0 || codes[415] == 0 || codes[422] == 0 || codes[404] == 0 || codes[405] == 0 {
		t.Errorf("got the statuses %v: some kind of request is missing", codes)
	}
	t.Logf("%d requests: %v", n, codes)
}

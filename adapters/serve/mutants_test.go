package serve_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
)

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

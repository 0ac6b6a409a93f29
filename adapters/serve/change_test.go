package serve_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/adapters/serve"
	"github.com/fmkit/fmkit/shared/adapter"
)

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

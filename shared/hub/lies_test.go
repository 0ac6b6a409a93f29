package hub_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

// listWith changes the hub's list of files.
func listWith(change func(siblings []any) []any) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.HasPrefix(r.URL.Path, "/api/models/") {
			next.ServeHTTP(w, r)
			return
		}
		changed(w, r, next, func(a *recorded) {
			var v map[string]any
			if err := json.Unmarshal(a.body.Bytes(), &v); err != nil {
				panic(err)
			}
			v["siblings"] = change(v["siblings"].([]any))
			a.body.Reset()
			_ = json.NewEncoder(&a.body).Encode(v) // it was JSON before
		})
	}
}

// adding lists one more file.
func adding(name string) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	return listWith(func(s []any) []any { return append(s, map[string]any{"rfilename": name}) })
}

// answering changes the answers about one file, those that send to it or those with its content.
func answering(part string, change func(a *recorded)) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, part) {
			next.ServeHTTP(w, r)
			return
		}
		changed(w, r, next, change)
	}
}

// streaming answers requests for content with a body of its own.
func streaming(part, length string, body io.Reader) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !strings.Contains(r.URL.Path, part) {
			next.ServeHTTP(w, r)
			return
		}
		if length != "" {
			w.Header().Set("Content-Length", length)
		}
		w.WriteHeader(http.StatusOK)
		_, _ = io.Copy(w, body) // until the client goes
	}
}

// TestLies: whatever a hub does, nothing is linked, no ref is set, no blob appears, and the error says that the hub is to blame.
func TestLies(t *testing.T) {
	weights := model(1)["model.safetensors"]
	other := model(2)["model.safetensors"]
	flipped := append([]byte{weights[0] ^ 1}, weights[1:]...)
	for _, c := range []struct {
		name string
		do   func(w http.ResponseWriter, r *http.Request, next http.Handler)
		want error
	}{
		{"other content of the same length", answering("/lfs/", func(a *recorded) { a.body.Reset(); a.body.Write(other) }), hub.ErrCorrupt},
		{"one bit is wrong", answering("/lfs/", func(a *recorded) { a.body.Reset(); a.body.Write(flipped) }), hub.ErrCorrupt},
		{"one bit of a small file is wrong", answering("resolve-cache", func(a *recorded) {
			if a.body.Len() > 0 {
				a.body.Bytes()[0] ^= 1
			}
		}), hub.ErrCorrupt},
		{"longer than promised", answering("/lfs/", func(a *recorded) { a.body.WriteString("more"); a.header.Set("Content-Length", "3004") }), hub.ErrCorrupt},
		{"longer than promised, no length", streaming("/lfs/", "", io.MultiReader(strings.NewReader(string(weights)), strings.NewReader("more"))), hub.ErrCorrupt},
		{"shorter than promised", answering("/lfs/", func(a *recorded) { a.body.Truncate(2000); a.header.Set("Content-Length", "2000") }), hub.ErrCorrupt},
		{"endless", streaming("/lfs/", "", endless{}), hub.ErrCorrupt},
		{"encoded", answering("/lfs/", func(a *recorded) { a.header.Set("Content-Encoding", "gzip") }), hub.ErrProtocol},
		{"a page instead of a file", streaming("/lfs/", "", strings.NewReader("<html>log in first</html>")), hub.ErrCorrupt},

		{"another size than in the list", answering("/resolve/", func(a *recorded) { a.header.Set("X-Linked-Size", "2999") }), hub.ErrProtocol},
		{"another digest than in the list", answering("/resolve/", func(a *recorded) { a.header.Set("X-Linked-Etag", `"`+hubtest.SHA256(other)+`"`) }), hub.ErrProtocol},
		{"no commit", answering("resolve", func(a *recorded) { a.header.Del("X-Repo-Commit") }), hub.ErrProtocol},
		{"another commit", answering("/resolve/", func(a *recorded) { a.header.Set("X-Repo-Commit", strings.Repeat("0", 40)) }), hub.ErrProtocol},
		{"a tag that is no digest", answering("resolve", func(a *recorded) { a.header.Set("ETag", `"v1"`); a.header.Del("X-Linked-Etag") }), hub.ErrProtocol},
		{"a tag that is a path", answering("/resolve/", func(a *recorded) { a.header.Set("X-Linked-Etag", `"../../../x"`); a.header.Set("X-Linked-Size", "1") }), hub.ErrProtocol},
		{"a negative size", answering("/resolve/", func(a *recorded) { a.header.Set("X-Linked-Size", "-5"); a.header.Del("X-Linked-Etag") }), hub.ErrProtocol},
		{"too many redirects", answering("/resolve/", func(a *recorded) {
			a.header.Set("Location", "/org/small-model/resolve/x")
			a.header.Del("X-Linked-Etag")
			a.status = 302
		}), hub.ErrProtocol},

		{"traversal", adding("../../../x.safetensors"), hub.ErrUnsafeName},
		{"traversal in a module", adding("1_Pooling/../../config.json"), hub.ErrUnsafeName},
		{"absolute", adding("/tmp/x.safetensors"), hub.ErrUnsafeName},
		{"backslashes", adding(`..\..\x.safetensors`), hub.ErrUnsafeName},
		{"drive", adding("C:x.safetensors"), hub.ErrUnsafeName},
		{"NUL", adding("config.json\x00.safetensors"), hub.ErrUnsafeName},
		{"control characters", adding("\x1b]0;title\a"), hub.ErrUnsafeName},
		{"long name", adding(strings.Repeat("a", 256)), hub.ErrUnsafeName},
		{"listed twice", adding("config.json"), hub.ErrProtocol},
		{"a device", listWith(func(s []any) []any {
			return []any{map[string]any{"rfilename": "config.json"}, map[string]any{"rfilename": "nul.safetensors"}}
		}), hub.ErrUnsafeName},
		{"too large", listWith(func(s []any) []any {
			for _, f := range s {
				f.(map[string]any)["size"] = 1 << 50
				delete(f.(map[string]any), "lfs")
			}
			return s
		}), hub.ErrProtocol},
		{"no JSON", answering("/api/models/", func(a *recorded) { a.body.Reset(); a.body.WriteString("<html>") }), hub.ErrProtocol},
		{"endless JSON", streaming("/api/models/", "", endless{}), hub.ErrLimit},
		{"commit is a path", answering("/api/models/", func(a *recorded) {
			a.body.Reset()
			a.body.WriteString(`{"sha": "../../../../../../../../../../../../../../../../../x", "siblings": []}`)
		}), hub.ErrProtocol},
		{"nothing listed", listWith(func([]any) []any { return nil }), hub.ErrNoModel},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, _ := newHub(t)
			h.Intercept(c.do)
			cache := t.TempDir()
			client, _, _ := newClient(t, h, cache)
			_, err := client.Pull(t.Context(), repo)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			onlyBlobs(t, cache)
			h.Intercept(nil) // and an honest hub can go on from what is left
			sameFiles(t, mustPull(t, client, repo).Dir, model(1), wanted)
		})
	}
}

// TestLyingIndex: an index of shards can't lead anywhere either.
func TestLyingIndex(t *testing.T) {
	for index, want := range map[string]error{
		`{"weight_map": {"a": "../../../x.safetensors"}}`: hub.ErrUnsafeName,
		`{"weight_map": {"a": "/etc/x.safetensors"}}`:     hub.ErrUnsafeName,
		`{"weight_map": {"a": "x.safetensors"}}`:          hub.ErrNoModel,
		`{"weight_map": {"a": "pickle.bin"}}`:             hub.ErrNoModel,
		`{"weight_map": {"a": "sub/x.safetensors"}}`:      hub.ErrNoModel,
		`[]`: hub.ErrNoModel,
		`{"weight_map": {"a": "b.safetensors", "c": "` + strings.Repeat("x", 300) + `.safetensors"}}`: hub.ErrUnsafeName,
	} {
		h := hubtest.New()
		t.Cleanup(h.Close)
		h.Commit(repo, "main", map[string][]byte{
			"config.json": []byte("{}"), "model.safetensors.index.json": []byte(index), "b.safetensors": nil, "sub/x.safetensors": nil, "pickle.bin": nil,
		})
		cache := t.TempDir()
		c, _, _ := newClient(t, h, cache)
		if _, err := c.Pull(t.Context(), repo); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", index, err, want)
		}
		if got := tree(t, cache+"/models--org--small-model/snapshots"); len(got) > 0 {
			t.Errorf("%s: left %q", index, got)
		}
	}
}

// TestLimit: more than MaxBytes is refused before a byte of it is fetched.
func TestLimit(t *testing.T) {
	h, _ := newHub(t)
	total := int64(0)
	for _, name := range wanted {
		total += int64(len(model(1)[name]))
	}
	c, _, _ := newClient(t, h, t.TempDir())
	c.MaxBytes = total - 1
	if _, err := c.Pull(t.Context(), repo); !errors.Is(err, hub.ErrLimit) {
		t.Errorf("got %v, want %v", err, hub.ErrLimit)
	}
	for _, r := range h.Requests() {
		if r.Method == http.MethodGet && !strings.HasPrefix(r.Path, "/api/models/") {
			t.Errorf("fetched %s", r.Path)
		}
	}
	c.MaxBytes = total
	mustPull(t, c, repo)
	h.Commit("org/long", "main", map[string][]byte{"config.json": nil, "model.safetensors": nil, "model.safetensors.index.json": nil})
	mustPull(t, c, "org/long")
}

// TestNoModel: what a repository has instead of a model is named.
func TestNoModel(t *testing.T) {
	h := hubtest.New()
	t.Cleanup(h.Close)
	h.Commit("org/pickles", "main", map[string][]byte{"config.json": nil, "pytorch_model.bin": nil, "tf_model.h5": nil})
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	_, err := c.Pull(t.Context(), "org/pickles")
	if !errors.Is(err, hub.ErrNoModel) || !strings.Contains(err.Error(), "pytorch_model.bin, tf_model.h5") {
		t.Errorf("got %v", err)
	}
	if left := tree(t, cache); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

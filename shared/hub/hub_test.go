package hub

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

const (
	commit1 = "0123456789abcdef0123456789abcdef01234567"
	commit2 = "89abcdef0123456789abcdef0123456789abcdef"
)

// A fake is a hub and, on another address, the store that it sends large files' requests to.
type fake struct {
	hub, store *httptest.Server

	mu       sync.Mutex
	refs     map[string]string            // revision to commit
	files    map[string]map[string][]byte // by commit
	requests []string                     // method, path, range
	token    string                       // wanted, "": none
	leaked   bool                         // the store was sent a token

	// faults, by a request's number among those for content
	gets  int
	fault func(n int, w http.ResponseWriter, r *http.Request, content []byte) (handled bool)
	head  func(h http.Header, file string) // changes what HEAD says
	list  func(w http.ResponseWriter) (handled bool)
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{refs: map[string]string{"main": commit1}, files: map[string]map[string][]byte{commit1: model(1)}}
	f.store = httptest.NewServer(http.HandlerFunc(f.serveStore))
	f.hub = httptest.NewServer(http.HandlerFunc(f.serveHub))
	t.Cleanup(func() { f.hub.Close(); f.store.Close() })
	return f
}

// model makes the files of a model folder, with some that nobody wants.
func model(seed float32) map[string][]byte {
	var weights bytes.Buffer
	values := make([]float32, 50_000)
	for i := range values {
		values[i] = seed
	}
	if err := checkpoint.Write(&weights, []checkpoint.Tensor{{Name: "a", Shape: []int{len(values)}, Data: values}}, nil); err != nil {
		panic(err)
	}
	return map[string][]byte{
		"config.json": []byte(`{"model_type": "bert"}`), "tokenizer.json": []byte("{}"), "model.safetensors": weights.Bytes(),
		"1_Pooling/config.json": []byte(`{"pooling_mode": "mean"}`), "modules.json": []byte("[]"),
		"pytorch_model.bin": []byte("\x80\x04."), "modeling.py": []byte("import os"), "onnx/model.onnx": []byte("x"), ".gitattributes": nil,
	}
}

const large = 1000 // bytes from which on a file lies in the store

func digest(content []byte) string {
	if len(content) >= large {
		sum := sha256.Sum256(content)
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(content)), content...))
	return hex.EncodeToString(sum[:])
}

func (f *fake) note(r *http.Request) {
	f.requests = append(f.requests, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
}

func (f *fake) serveHub(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(r)
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if rev, ok := strings.CutPrefix(r.URL.Path, "/api/models/org/name/revision/"); ok {
		if f.list != nil && f.list(w) {
			return
		}
		commit := rev
		if c, ok := f.refs[rev]; ok {
			commit = c
		}
		files, ok := f.files[commit]
		if !ok {
			w.Header().Set("X-Error-Code", "RevisionNotFound")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		var siblings []map[string]string
		for _, n := range slices.Sorted(maps.Keys(files)) {
			siblings = append(siblings, map[string]string{"rfilename": n})
		}
		json.NewEncoder(w).Encode(map[string]any{"sha": commit, "siblings": siblings, "id": "org/name"})
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/org/name/resolve/")
	commit, file, _ := strings.Cut(rest, "/")
	content, found := f.files[commit][file]
	if !ok || !found {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("X-Repo-Commit", commit)
	if len(content) >= large {
		h.Set("X-Linked-Etag", `"`+digest(content)+`"`)
		h.Set("X-Linked-Size", strconv.Itoa(len(content)))
		h.Set("Etag", `"of the redirect"`)
		h.Set("Location", f.store.URL+"/"+commit+"/"+file+"?signature=secret")
		if f.head != nil {
			f.head(h, file)
		}
		w.WriteHeader(http.StatusFound)
		return
	}
	h.Set("Etag", `W/"`+digest(content)+`"`)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if f.head != nil {
		f.head(h, file)
	}
	if r.Method == http.MethodHead {
		return
	}
	h.Del("Content-Length")
	f.content(w, r, content)
}

func (f *fake) serveStore(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.note(r)
	f.leaked = f.leaked || r.Header.Get("Authorization") != ""
	commit, file, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	f.content(w, r, f.files[commit][file])
}

func (f *fake) content(w http.ResponseWriter, r *http.Request, content []byte) {
	f.gets++
	if f.fault != nil && f.fault(f.gets, w, r, content) {
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// client pulls into a cache of its own.
func (f *fake) client(t *testing.T) *Client {
	t.Helper()
	return &Client{
		Endpoint: f.hub.URL, Cache: t.TempDir(), idle: 300 * time.Millisecond,
		wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// wantModel compares a snapshot with the files that were to come.
func wantModel(t *testing.T, s *Snapshot, files map[string][]byte) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(s.Dir, path)
		got = append(got, filepath.ToSlash(rel))
		raw, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(raw, files[filepath.ToSlash(rel)]) {
			t.Errorf("%s: got %d bytes, %v, want %d", rel, len(raw), err, len(files[rel]))
		}
		return nil
	})
	if want := []string{"1_Pooling/config.json", "config.json", "model.safetensors", "modules.json", "tokenizer.json"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got files %q, %v, want %q", got, err, want)
	}
}

// leftovers lists what isn't a blob, a ref, a link of a snapshot or a lock.
func leftovers(t *testing.T, cache string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(cache, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(cache, path)
		if strings.HasSuffix(rel, ".incomplete") || strings.HasSuffix(rel, ".linking") || strings.HasPrefix(filepath.Base(rel), ".") {
			all = append(all, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPull(t *testing.T) {
	f := newFake(t)
	f.token = "secret"
	c := f.client(t)
	c.Token = "secret"
	s, err := c.Pull(t.Context(), "org/name")
	if err != nil {
		t.Fatal(err)
	}
	wantModel(t, s, f.files[commit1])
	if s.Commit != commit1 || s.Pinned() != "org/name@"+commit1 || s.Files != 5 {
		t.Errorf("got %+v", s)
	}
	if f.leaked {
		t.Error("the token went to another host")
	}
	if target, err := os.Readlink(filepath.Join(s.Dir, "1_Pooling", "config.json")); err != nil || target != filepath.FromSlash("../../../blobs/"+digest(f.files[commit1]["1_Pooling/config.json"])) {
		t.Errorf("link: got %q, %v", target, err)
	}
	if raw, err := os.ReadFile(filepath.Join(c.Cache, "models--org--name", "refs", "main")); err != nil || string(raw) != commit1 {
		t.Errorf("ref: got %q, %v", raw, err)
	}

	// Again: nothing is fetched twice, and a commit needs no server at all.
	gets := f.gets
	if _, err := c.Pull(t.Context(), "org/name@main"); err != nil || f.gets != gets {
		t.Errorf("again: %v, %d more requests for content", err, f.gets-gets)
	}
	n := len(f.requests)
	if _, err := c.Pull(t.Context(), s.Pinned()); err != nil || len(f.requests) != n {
		t.Errorf("pinned: %v, %d requests", err, len(f.requests)-n)
	}
	// A branch that has moved: what is the same is shared.
	f.files[commit2] = maps.Clone(f.files[commit1])
	f.files[commit2]["tokenizer.json"] = []byte("[1]")
	f.refs["main"] = commit2
	gets = f.gets
	moved, err := c.Pull(t.Context(), "org/name")
	if err != nil || f.gets != gets+1 {
		t.Fatalf("moved: %v, %d requests for content, want 1", err, f.gets-gets)
	}
	wantModel(t, moved, f.files[commit2])
	wantModel(t, s, f.files[commit1])

	// Without a server a branch means what it meant last.
	f.hub.Close()
	if s, err := c.Pull(t.Context(), "org/name"); err != nil || s.Commit != commit2 {
		t.Errorf("no server: got %+v, %v", s, err)
	}
	c.Offline = true
	if s, err := c.Pull(t.Context(), "org/name"); err != nil || s.Commit != commit2 {
		t.Errorf("offline: got %+v, %v", s, err)
	}
	if _, err := c.Pull(t.Context(), "org/other"); !errors.Is(err, ErrOffline) {
		t.Errorf("offline, not there: got %v, want %v", err, ErrOffline)
	}
}

// TestResume cuts the connection, ignores ranges, fails and stalls; the file comes whole all the same, and from where it stopped.
func TestResume(t *testing.T) {
	cut := func(at int) func(int, http.ResponseWriter, *http.Request, []byte) bool {
		return func(n int, w http.ResponseWriter, r *http.Request, content []byte) bool {
			if len(content) < large || n > 8 {
				return false
			}
			from := 0
			if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(content)-from))
			if from > 0 {
				w.WriteHeader(http.StatusPartialContent)
			}
			w.Write(content[from:min(from+at, len(content))])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
	for name, fault := range map[string]func(int, http.ResponseWriter, *http.Request, []byte) bool{
		"cut early":  cut(10),
		"cut late":   cut(60_000),
		"cut at end": cut(199_999),
		"ranges are ignored": func(n int, w http.ResponseWriter, r *http.Request, content []byte) bool {
			if len(content) < large {
				return false
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			if n%2 == 1 {
				w.Write(content[:1000])
				panic(http.ErrAbortHandler)
			}
			w.Write(content)
			return true
		},
		"busy": func(n int, w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			if n > 3 {
				return false
			}
			w.Header().Set("Retry-After", "2")
			w.WriteHeader([]int{429, 500, 503}[n-1])
			return true
		},
		"range refused": func(n int, w http.ResponseWriter, r *http.Request, content []byte) bool {
			if len(content) < large {
				return false
			}
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return true
			}
			if n < 4 {
				w.Header().Set("Content-Length", strconv.Itoa(len(content)))
				w.Write(content[:70_000])
				panic(http.ErrAbortHandler)
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.fault = fault
			s, err := f.client(t).Pull(t.Context(), "org/name")
			if err != nil {
				t.Fatal(err)
			}
			wantModel(t, s, f.files[commit1])
		})
	}
	t.Run("stalled", func(t *testing.T) {
		f := newFake(t)
		release := make(chan struct{})
		defer close(release)
		f.fault = func(n int, w http.ResponseWriter, _ *http.Request, content []byte) bool {
			if len(content) < large || n > 4 {
				return false
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			w.Write(content[:100])
			w.(http.Flusher).Flush()
			f.mu.Unlock() // others are served meanwhile
			defer f.mu.Lock()
			select {
			case <-release:
			case <-time.After(3 * time.Second):
			}
			return true
		}
		s, err := f.client(t).Pull(t.Context(), "org/name")
		if err != nil {
			t.Fatal(err)
		}
		wantModel(t, s, f.files[commit1])
	})
	t.Run("another process", func(t *testing.T) {
		f := newFake(t)
		c := f.client(t)
		f.fault = cut(50_000)
		ctx, cancel := context.WithCancel(t.Context())
		c.Progress = func(_ string, done, _ int64) {
			if done > 40_000 {
				cancel()
			}
		}
		if _, err := c.Pull(ctx, "org/name"); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want %v", err, context.Canceled)
		}
		if len(leftovers(t, c.Cache)) != 1 {
			t.Fatalf("got %q, want one incomplete file", leftovers(t, c.Cache))
		}
		c.Progress, f.fault = nil, nil
		s, err := c.Pull(t.Context(), "org/name")
		if err != nil {
			t.Fatal(err)
		}
		wantModel(t, s, f.files[commit1])
		if last := f.requests[len(f.requests)-1]; !slices.ContainsFunc(f.requests, func(r string) bool { return strings.Contains(r, "bytes=") && !strings.Contains(r, "bytes=0-") }) {
			t.Errorf("nothing was resumed: last request %q", last)
		}
		if l := leftovers(t, c.Cache); len(l) > 0 {
			t.Errorf("left over: %q", l)
		}
	})
}

// TestLies: whatever the server says, nothing comes under its name that isn't what was promised, and nothing lies outside the cache.
func TestLies(t *testing.T) {
	weights := func(change func(h http.Header)) func(f *fake) {
		return func(f *fake) {
			f.head = func(h http.Header, file string) {
				if file == "model.safetensors" {
					change(h)
				}
			}
		}
	}
	listing := func(body string) func(f *fake) {
		return func(f *fake) {
			f.list = func(w http.ResponseWriter) bool { fmt.Fprint(w, body); return true }
		}
	}
	siblings := func(names ...string) string {
		var all []string
		for _, n := range names {
			raw, err := json.Marshal(map[string]string{"rfilename": n})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(raw))
		}
		return fmt.Sprintf(`{"sha": %q, "siblings": [%s]}`, commit1, strings.Join(all, ","))
	}
	wrong := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		set  func(f *fake)
		want error
	}{
		"another content":  {func(f *fake) { f.fault = flip }, ErrDigest},
		"another digest":   {weights(func(h http.Header) { h.Set("X-Linked-Etag", `"`+wrong+`"`) }), ErrDigest},
		"digest with path": {weights(func(h http.Header) { h.Set("X-Linked-Etag", `"../../../evil"`) }), ErrServer},
		"digest is a word": {weights(func(h http.Header) { h.Set("X-Linked-Etag", "main") }), ErrServer},
		"no digest":        {weights(func(h http.Header) { h.Del("X-Linked-Etag"); h.Del("Etag") }), ErrServer},
		"size too small":   {weights(func(h http.Header) { h.Set("X-Linked-Size", "100") }), ErrSize},
		"size too large":   {weights(func(h http.Header) { h.Set("X-Linked-Size", "300000") }), ErrStatus},
		"size is negative": {weights(func(h http.Header) { h.Set("X-Linked-Size", "-5") }), ErrServer},
		"size is enormous": {weights(func(h http.Header) { h.Set("X-Linked-Size", "9223372036854775807") }), ErrLimit},
		"another commit":   {weights(func(h http.Header) { h.Set("X-Repo-Commit", commit2) }), ErrServer},
		"redirects for ever": {func(f *fake) {
			f.fault = func(_ int, w http.ResponseWriter, r *http.Request, content []byte) bool {
				if len(content) < large {
					return false
				}
				http.Redirect(w, r, r.URL.String(), http.StatusFound)
				return true
			}
		}, ErrServer},
		"redirect to a file": {func(f *fake) {
			f.fault = func(_ int, w http.ResponseWriter, _ *http.Request, content []byte) bool {
				w.Header().Set("Location", "file:///etc/passwd")
				w.WriteHeader(http.StatusFound)
				return true
			}
		}, ErrServer},
		"commit with path":   {listing(`{"sha": "../../../../x", "siblings": []}`), ErrServer},
		"not JSON":           {listing("<html>"), ErrServer},
		"endless list":       {func(f *fake) { f.list = endless }, ErrLimit},
		"paths in the list":  {listing(siblings("../config.json", "/etc/config.json", "a/../../config.json", `..\config.json`, "config.json\x00")), ErrNoModel},
		"only pickles":       {listing(siblings("config.json", "pytorch_model.bin")), ErrNoModel},
		"shards with a path": {listing(siblings("config.json", "model.safetensors.index.json", "../model-00001-of-00002.safetensors")), ErrNoModel},
		"no config":          {listing(siblings("model.safetensors")), ErrNoModel},
		"a file that isn't":  {listing(siblings("config.json", "model.safetensors", "vocab.txt")), ErrNotFound},
		"always busy":        {func(f *fake) { f.list = busy }, ErrStatus},
		"busy for a day": {func(f *fake) {
			f.list = func(w http.ResponseWriter) bool {
				w.Header().Set("Retry-After", "86400")
				w.WriteHeader(429)
				return true
			}
		}, ErrStatus},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			c.set(f)
			client := f.client(t)
			outside := filepath.Dir(client.Cache)
			before := names(t, outside)
			_, err := client.Pull(t.Context(), "org/name")
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if got := names(t, outside); !slices.Equal(got, before) {
				t.Errorf("outside of the cache: got %q, want %q", got, before)
			}
			if _, err := os.Stat(filepath.Join(client.Cache, "models--org--name", "snapshots", commit1, "model.safetensors")); err == nil && c.want != ErrNotFound {
				t.Error("the weights are in the snapshot")
			}
			if _, err := client.Cached("org/name"); !errors.Is(err, ErrOffline) {
				t.Errorf("in the cache: %v", err)
			}
		})
	}
}

func flip(_ int, w http.ResponseWriter, r *http.Request, content []byte) bool {
	other := slices.Clone(content)
	if len(other) > 0 {
		other[len(other)/2] ^= 1
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(other))
	return true
}

func endless(w http.ResponseWriter) bool {
	for range 20 {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
			break
		}
	}
	return true
}

func busy(w http.ResponseWriter) bool { w.WriteHeader(http.StatusServiceUnavailable); return true }

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestRefusals(t *testing.T) {
	f := newFake(t)
	f.token = "secret"
	c := f.client(t)
	if _, err := c.Pull(t.Context(), "org/name"); !errors.Is(err, ErrAuth) || !strings.Contains(err.Error(), "HF_TOKEN") {
		t.Errorf("no token: got %v, want %v", err, ErrAuth)
	}
	f.token = ""
	if _, err := c.Pull(t.Context(), "org/name@nowhere"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("revision: got %v, want %v", err, ErrNotFound)
	}
	if _, err := c.Pull(t.Context(), "org/none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("repository: got %v, want %v", err, ErrNotFound)
	}
	for _, name := range []string{
		"", "name", "/name", "org/", "a/b/c", "../x/y", "org/..", "org/name@", "org/name@../main", "org/name@a//b", "org/name@a/", "org/na me", "org--x/name", "org/name\x00", "-x/name", "ørg/name",
	} {
		if _, err := c.Pull(t.Context(), name); !errors.Is(err, ErrName) {
			t.Errorf("%q: got %v, want %v", name, err, ErrName)
		}
	}
	c.Endpoint = "ftp://x"
	if _, err := c.Pull(t.Context(), "org/name"); err == nil || !strings.Contains(err.Error(), "HF_ENDPOINT") {
		t.Errorf("endpoint: got %v", err)
	}
}

// TestTogether pulls one model several times at once: every blob is fetched once.
func TestTogether(t *testing.T) {
	f := newFake(t)
	cache := t.TempDir()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			c := f.client(t)
			c.Cache, c.wait = cache, nil
			s, err := c.Pull(t.Context(), "org/name")
			if err != nil {
				t.Error(err)
				return
			}
			wantModel(t, s, f.files[commit1])
		})
	}
	group.Wait()
	if f.gets != 5 {
		t.Errorf("got %d requests for content, want 5", f.gets)
	}
	if l := leftovers(t, cache); len(l) > 0 {
		t.Errorf("left over: %q", l)
	}
}

func TestNew(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "token"), []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		env  map[string]string
		want *Client
	}{
		{map[string]string{"HOME": "/h"}, &Client{Endpoint: defaultEndpoint, Cache: filepath.FromSlash("/h/.cache/huggingface/hub")}},
		{map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "/x"}, &Client{Endpoint: defaultEndpoint, Cache: filepath.FromSlash("/x/huggingface/hub")}},
		{map[string]string{"HF_HOME": home}, &Client{Endpoint: defaultEndpoint, Cache: filepath.Join(home, "hub"), Token: "from-file"}},
		{map[string]string{"HF_HOME": home, "HF_TOKEN": "t", "HF_ENDPOINT": "http://mirror/", "HF_HUB_OFFLINE": "true"}, &Client{Endpoint: "http://mirror", Cache: filepath.Join(home, "hub"), Token: "t", Offline: true}},
		{map[string]string{"HOME": "/h", "HF_HUB_CACHE": "~/c"}, &Client{Endpoint: defaultEndpoint, Cache: "/h/c"}},
	} {
		got, err := New(func(k string) string { return tt.env[k] })
		if err != nil {
			t.Errorf("%v: %v", tt.env, err)
			continue
		}
		if got.Endpoint != tt.want.Endpoint || got.Cache != tt.want.Cache || got.Token != tt.want.Token || got.Offline != tt.want.Offline {
			t.Errorf("%v: got %s, %s, %q, %t, want %s, %s, %q, %t", tt.env, got.Endpoint, got.Cache, got.Token, got.Offline, tt.want.Endpoint, tt.want.Cache, tt.want.Token, tt.want.Offline)
		}
	}
	for _, env := range []map[string]string{{}, {"HOME": "/h", "HF_ENDPOINT": "mirror"}, {"HOME": "/h", "HF_TOKEN": "a\nb"}} {
		if _, err := New(func(k string) string { return env[k] }); err == nil {
			t.Errorf("%v was accepted", env)
		}
	}
}

// zipOf and tarOf make archives of files; a name that ends in @ is a link.
func zipOf(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range slices.Sorted(maps.Keys(files)) {
		h := &zip.FileHeader{Name: strings.TrimSuffix(n, "@"), Method: zip.Deflate}
		h.SetMode(0o644)
		if strings.HasSuffix(n, "@") {
			h.SetMode(0o777 | os.ModeSymlink)
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(files[n])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	for _, n := range slices.Sorted(maps.Keys(files)) {
		h := &tar.Header{Name: strings.TrimSuffix(n, "@"), Mode: 0o644, Size: int64(len(files[n])), Typeflag: tar.TypeReg}
		if strings.HasSuffix(n, "@") {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, string(files[n]), 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			w.Write(files[n])
		}
	}
	if err := errors.Join(w.Close(), g.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func under(prefix string, files map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for n, c := range files {
		all[prefix+n] = c
	}
	return all
}

func TestFromArchive(t *testing.T) {
	files := model(3)
	two := under("a/", files)
	maps.Copy(two, under("b/c/", files))
	for name, c := range map[string]struct {
		archive []byte
		sub     string
	}{
		"zip":           {zipOf(t, files), ""},
		"zip with path": {zipOf(t, under("pkg/model/", files)), ""},
		"tar.gz":        {tarOf(t, under("./model/", files)), ""},
		"one of two":    {zipOf(t, two), "b/c"},
		"zip in a zip":  {zipOf(t, map[string][]byte{"pkg/model.zip": zipOf(t, under("m/", files)), "pkg/__init__.py": nil}), ""},
		"zip in a tar":  {tarOf(t, map[string][]byte{"pkg/model.zip": zipOf(t, files)}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "archive")
			if err := os.WriteFile(path, c.archive, 0o644); err != nil {
				t.Fatal(err)
			}
			s, err := FromArchive(t.Context(), path, filepath.Join(dir, "out"), c.sub, 0)
			if err != nil {
				t.Fatal(err)
			}
			wantModel(t, s, files)
		})
	}
	lying := zipOf(t, files)
	for i := range len(lying) - 46 {
		if bytes.HasPrefix(lying[i:], []byte("PK\x01\x02")) {
			lying[i+24]++ // the uncompressed size in the central directory
		}
	}
	for name, c := range map[string]struct {
		archive []byte
		limit   int64
		want    error
	}{
		"two models":      {zipOf(t, two), 0, ErrArchive},
		"no model":        {zipOf(t, map[string][]byte{"config.json": nil, "pytorch_model.bin": nil}), 0, ErrNoModel},
		"path up":         {zipOf(t, under("../../", files)), 0, ErrArchive},
		"absolute":        {tarOf(t, under("/tmp/", files)), 0, ErrArchive},
		"backslash":       {zipOf(t, under(`a\..\`, files)), 0, ErrArchive},
		"links":           {zipOf(t, map[string][]byte{"config.json": []byte("{}"), "model.safetensors@": []byte("/etc/passwd")}), 0, ErrNoModel},
		"links in tar":    {tarOf(t, map[string][]byte{"config.json": []byte("{}"), "model.safetensors@": []byte("/etc/passwd")}), 0, ErrNoModel},
		"over the limit":  {zipOf(t, files), 1000, ErrLimit},
		"sizes lie":       {lying, 0, ErrArchive},
		"not an archive":  {[]byte("hello"), 0, ErrArchive},
		"cut zip":         {zipOf(t, files)[:1000], 0, ErrArchive},
		"cut tar":         {tarOf(t, files)[:300], 0, ErrArchive},
		"three deep":      {zipOf(t, map[string][]byte{"a.zip": zipOf(t, map[string][]byte{"b.zip": zipOf(t, files)})}), 0, ErrNoModel},
		"empty":           {nil, 0, ErrArchive},
		"inner too large": {zipOf(t, map[string][]byte{"a.zip": zipOf(t, files)}), 10, ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "archive")
			if err := os.WriteFile(path, c.archive, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := FromArchive(t.Context(), path, filepath.Join(dir, "out"), "", c.limit); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"archive"}) {
				t.Errorf("left over: %q", got)
			}
		})
	}
}

func FuzzFromArchive(f *testing.F) {
	small := map[string][]byte{"m/config.json": []byte("{}"), "m/model.safetensors": []byte("x"), "m/1_Pooling/config.json": nil}
	f.Add(zipOf(f, small))
	f.Add(tarOf(f, small))
	f.Add(zipOf(f, map[string][]byte{"a.zip": zipOf(f, small)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "archive")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := FromArchive(t.Context(), path, filepath.Join(dir, "out"), "", 1<<20)
		want := []string{"archive"}
		if err == nil {
			want = append(want, "out")
		}
		if got := names(t, dir); !slices.Equal(got, want) {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	})
}

func FuzzParseName(f *testing.F) {
	for _, s := range []string{"org/name", "org/name@main", "a/b@refs/pr/1", "../x", "a/b@" + commit1} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			return
		}
		if !filepath.IsLocal(n.folder()) || strings.ContainsAny(n.folder(), `/\`) || !filepath.IsLocal(n.Revision) {
			t.Errorf("%q gives folder %q and revision %q", s, n.folder(), n.Revision)
		}
		if again, err := ParseName(n.String()); err != nil || again != n {
			t.Errorf("%q reads back as %v, %v", n, again, err)
		}
		if _, err := url.Parse("http://x/" + n.Repo); err != nil {
			t.Error(err)
		}
	})
}

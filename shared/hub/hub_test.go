package hub_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

const repo = "org/small-model"

// model is what a repository holds: a model of sentence-transformers beside other forms of its weights.
func model(seed uint64) map[string][]byte {
	r := rand.New(rand.NewPCG(seed, 1))
	weights := make([]byte, 3000)
	for i := range weights {
		weights[i] = byte(r.Uint32())
	}
	return map[string][]byte{
		"config.json":               []byte(`{"model_type": "bert"}`),
		"tokenizer.json":            fmt.Appendf(nil, `{"version": "1.0", "of": %d}`, seed),
		"modules.json":              []byte(`[]`),
		"1_Pooling/config.json":     []byte(`{"pooling_mode_mean_tokens": true}`),
		"model.safetensors":         weights,
		"model.fp16.safetensors":    []byte("half of it"),
		"fp16/model.safetensors":    []byte("half of it too"),
		"pytorch_model.bin":         []byte("a pickle"),
		"modeling.py":               []byte("import os"),
		"onnx/model.onnx":           []byte("a graph"),
		".gitattributes":            []byte("*.bin filter=lfs"),
		"README.md":                 []byte("# A model\n"),
		"special_tokens_map.json":   []byte(`{}`),
		"vocab.txt":                 {},
		"README.de.md":              []byte("# Ein Modell\n"),
		"1_Pooling/notes/config.js": []byte("no"),
	}
}

// wanted are the files of model that Pull takes.
var wanted = []string{
	"1_Pooling/config.json", "README.md", "config.json", "model.safetensors", "modules.json", "special_tokens_map.json", "tokenizer.json", "vocab.txt",
}

// newHub starts a hub that holds model(1) as repo.
func newHub(t testing.TB) (h *hubtest.Hub, commit string) {
	t.Helper()
	h = hubtest.New()
	t.Cleanup(h.Close)
	return h, h.Commit(repo, "main", model(1))
}

// A clock counts what a client would have waited, and doesn't.
type clock struct {
	mu     sync.Mutex
	waited []time.Duration
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.waited = append(c.waited, d)
	c.mu.Unlock()
	time.Sleep(time.Millisecond)
	return context.Cause(ctx)
}

// A logbook keeps what a client says.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) add(format string, arguments ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, format+"\n", arguments...)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newClient makes a client of a hub with a cache, from variables given as name, value and so on.
func newClient(t testing.TB, h *hubtest.Hub, cache string, variables ...string) (*hub.Client, *clock, *logbook) {
	t.Helper()
	env := map[string]string{"HF_ENDPOINT": h.URL, "HF_HOME": filepath.Join(cache, "home"), "HF_HUB_CACHE": cache}
	for i := 0; i < len(variables); i += 2 {
		env[variables[i]] = variables[i+1]
	}
	c := hub.New(func(name string) string { return env[name] })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	k, l := &clock{}, &logbook{}
	c.Transport, c.Sleep, c.Log = transport, k.sleep, l.add
	return c, k, l
}

// mustPull is Pull where it has to succeed.
func mustPull(t testing.TB, c *hub.Client, name string) *hub.Snapshot {
	t.Helper()
	s, err := c.Pull(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files reads a folder, links followed.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range tree(t, dir) {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(raw)
	}
	return all
}

// tree lists everything below dir but folders.
func tree(t testing.TB, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		all = append(all, filepath.ToSlash(rel))
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// sameFiles holds the files of a snapshot to those of a repository.
func sameFiles(t testing.TB, dir string, want map[string][]byte, names []string) {
	t.Helper()
	got := files(t, dir)
	if have := slices.Sorted(maps.Keys(got)); !slices.Equal(have, names) {
		t.Errorf("got files %q, want %q", have, names)
	}
	for _, name := range names {
		if got[name] != string(want[name]) {
			t.Errorf("%s has other content", name)
		}
	}
}

// onlyBlobs fails if a failed pull left anything in a cache but locks, partial blobs and blobs that are what they are called.
func onlyBlobs(t testing.TB, cache string) {
	t.Helper()
	for name, content := range files(t, cache) {
		blob := filepath.Base(name)
		if strings.HasSuffix(name, ".incomplete") || strings.HasPrefix(name, ".locks/") ||
			strings.Contains(name, "/blobs/") && (hubtest.SHA256([]byte(content)) == blob || hubtest.BlobID([]byte(content)) == blob) {
			continue
		}
		t.Errorf("left %s", name)
	}
}

// isStorage says whether a request is for a large file's content.
func isStorage(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/lfs/") }

// A recorded answer can be changed before it is sent.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }

// changed answers as the hub would, after change has been at it.
func changed(w http.ResponseWriter, r *http.Request, next http.Handler, change func(a *recorded)) {
	a := &recorded{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(a, r)
	change(a)
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // the client may have gone
}

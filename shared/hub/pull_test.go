package hub_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

// TestLayout holds the cache to huggingface_hub's form, file by file.
func TestLayout(t *testing.T) {
	h, commit := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	s := mustPull(t, c, repo)
	folder := filepath.Join(cache, "models--org--small-model")
	want := hub.Snapshot{Name: repo + "@" + commit, Dir: filepath.Join(folder, "snapshots", commit), Commit: commit}
	for _, name := range []string{
		"README.md", "modules.json", "special_tokens_map.json", "vocab.txt", "tokenizer.json", "1_Pooling/config.json", "model.safetensors", "config.json",
	} {
		n := int64(len(model(1)[name]))
		want.Files, want.Bytes = append(want.Files, hub.File{Name: name, Size: n}), want.Bytes+n
	}
	if diff := cmp.Diff(&want, s); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	sameFiles(t, s.Dir, model(1), wanted)

	all := []string{"refs/main"}
	for _, name := range wanted {
		digest := hubtest.BlobID(model(1)[name])
		if hubtest.IsLarge(name) {
			digest = hubtest.SHA256(model(1)[name])
		}
		all = append(all, "blobs/"+digest, "snapshots/"+commit+"/"+name)
		up := strings.Repeat("../", 2+strings.Count(name, "/"))
		if target, err := os.Readlink(filepath.Join(s.Dir, name)); err != nil || filepath.ToSlash(target) != up+"blobs/"+digest {
			t.Errorf("%s is a link to %q, %v", name, target, err)
		}
	}
	slices.Sort(all)
	if diff := cmp.Diff(slices.Compact(all), tree(t, folder)); diff != "" {
		t.Errorf("cache (-want +got):\n%s", diff)
	}
	if raw, err := os.ReadFile(filepath.Join(folder, "refs", "main")); err != nil || string(raw) != commit {
		t.Errorf("refs/main: got %q, %v, want %q", raw, err, commit)
	}
	for _, name := range tree(t, filepath.Join(cache, ".locks")) {
		digest, ok := strings.CutSuffix(strings.TrimPrefix(name, "models--org--small-model/"), ".lock")
		if _, err := os.Stat(filepath.Join(folder, "blobs", digest)); !ok || err != nil {
			t.Errorf("lock %s: %v", name, err)
		}
	}
}

// TestPullAgain fetches nothing twice, and a whole commit needs no network at all.
func TestPullAgain(t *testing.T) {
	h, commit := newHub(t)
	c, _, _ := newClient(t, h, t.TempDir())
	first := mustPull(t, c, repo)
	h.Requests()
	second := mustPull(t, c, repo+"@main")
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if r := h.Requests(); len(r) != 1 || !strings.HasPrefix(r[0].Path, "/api/models/") {
		t.Errorf("the second time asked for %v", r)
	}
	if diff := cmp.Diff(first, mustPull(t, c, repo+"@"+commit)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(first, mustPull(t, c, first.Name)); diff != "" {
		t.Error(diff)
	}
	if r := h.Requests(); len(r) != 0 {
		t.Errorf("a commit that is there asked for %v", r)
	}
}

// TestMovedBranch: a new commit moves the ref, shares what has not changed, and leaves the old one usable.
func TestMovedBranch(t *testing.T) {
	h, old := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	mustPull(t, c, repo)
	changed := model(1)
	changed["README.md"] = []byte("# A better model\n")
	commit := h.Commit(repo, "main", changed)
	h.Requests()
	s := mustPull(t, c, repo)
	if s.Commit != commit {
		t.Errorf("got commit %s, want %s", s.Commit, commit)
	}
	sameFiles(t, s.Dir, changed, wanted)
	for _, r := range h.Requests() {
		if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "/README.md") && !strings.HasPrefix(r.Path, "/api/models/") {
			t.Errorf("fetched %s again", r.Path)
		}
	}
	sameFiles(t, mustPull(t, c, repo+"@"+old).Dir, model(1), wanted)
	if n, want := len(tree(t, filepath.Join(cache, "models--org--small-model", "blobs"))), 9; n != want {
		t.Errorf("%d blobs, want %d", n, want)
	}
}

// TestRevisions pulls by branch, tag with a slash, and commit.
func TestRevisions(t *testing.T) {
	h, main := newHub(t)
	other := h.Commit(repo, "refs/pr/1", model(2))
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	for revision, want := range map[string]string{"main": main, "refs/pr/1": other, other: other} {
		if s := mustPull(t, c, repo+"@"+revision); s.Commit != want {
			t.Errorf("%s: got commit %s, want %s", revision, s.Commit, want)
		}
	}
	if got, want := tree(t, filepath.Join(cache, "models--org--small-model", "refs")), []string{"main", "refs/pr/1"}; !slices.Equal(got, want) {
		t.Errorf("refs %q, want %q", got, want)
	}
}

// TestOffline: the cache answers where the hub may not be asked, or can't be.
func TestOffline(t *testing.T) {
	h, commit := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	want := mustPull(t, c, repo)

	off, _, log := newClient(t, h, cache, "HF_HUB_OFFLINE", "1")
	h.Requests()
	if diff := cmp.Diff(want, mustPull(t, off, repo)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(log.String(), commit) {
		t.Errorf("log %q doesn't name the commit", log)
	}
	for _, name := range []string{"org/other", repo + "@v2", repo + "@" + strings.Repeat("0", 40)} {
		if _, err := off.Pull(t.Context(), name); !errors.Is(err, hub.ErrOffline) {
			t.Errorf("%s: got %v, want %v", name, err, hub.ErrOffline)
		}
	}
	if r := h.Requests(); len(r) != 0 {
		t.Errorf("offline asked for %v", r)
	}

	h.Intercept(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	down, _, log := newClient(t, h, cache)
	if diff := cmp.Diff(want, mustPull(t, down, repo)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(log.String(), "503") || !strings.Contains(log.String(), commit) {
		t.Errorf("log %q, want the trouble and the commit", log)
	}
	h.Close()
	if diff := cmp.Diff(want, mustPull(t, down, repo)); diff != "" {
		t.Error(diff)
	}
	if _, err := down.Pull(t.Context(), "org/other"); !errors.Is(err, hub.ErrUnreachable) {
		t.Errorf("got %v, want %v", err, hub.ErrUnreachable)
	}
}

// TestPartlyCached: what another program fetched only in part is completed where the hub answers, and taken as it is where the weights are there.
func TestPartlyCached(t *testing.T) {
	h, commit := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	s := mustPull(t, c, repo)
	remove := func(names ...string) {
		for _, name := range names {
			if err := os.Remove(filepath.Join(s.Dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove("tokenizer.json", "vocab.txt")
	off, _, _ := newClient(t, h, cache, "HF_HUB_OFFLINE", "yes")
	if got := mustPull(t, off, repo+"@"+commit); len(got.Files) != len(wanted)-2 {
		t.Errorf("got %v", got.Files)
	}
	mustPull(t, c, repo+"@"+commit)
	sameFiles(t, s.Dir, model(1), wanted)
	remove("model.safetensors")
	if _, err := off.Pull(t.Context(), repo); !errors.Is(err, hub.ErrOffline) {
		t.Errorf("without weights: got %v, want %v", err, hub.ErrOffline)
	}
	mustPull(t, c, repo)
	sameFiles(t, s.Dir, model(1), wanted)
}

// TestDamagedCache: a link to nothing and a blob of the wrong length are put right.
func TestDamagedCache(t *testing.T) {
	h, _ := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	s := mustPull(t, c, repo)
	blob, err := filepath.EvalSymlinks(filepath.Join(s.Dir, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func() error{
		func() error { return os.Remove(blob) },
		func() error { return os.Truncate(blob, 100) },
		func() error {
			return errors.Join(os.Remove(filepath.Join(s.Dir, "config.json")), os.WriteFile(filepath.Join(s.Dir, "config.json"), []byte("{}"), 0o644))
		},
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		mustPull(t, c, repo)
		sameFiles(t, s.Dir, model(1), wanted)
	}
}

// TestCopies: where links can't be made, snapshots hold copies, and the rest is the same.
func TestCopies(t *testing.T) {
	h, commit := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache, "HF_HUB_DISABLE_SYMLINKS", "1")
	s := mustPull(t, c, repo)
	sameFiles(t, s.Dir, model(1), wanted)
	for _, name := range wanted {
		if info, err := os.Lstat(filepath.Join(s.Dir, name)); err != nil || !info.Mode().IsRegular() {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	h.Requests()
	mustPull(t, c, repo+"@"+commit)
	if r := h.Requests(); len(r) != 0 {
		t.Errorf("asked for %v", r)
	}
}

// TestReadOnlyCache: a cache that came with an image is read where nothing has to be written.
func TestReadOnlyCache(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("permissions don't hold here")
	}
	h, _ := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	mustPull(t, c, repo)
	for _, dir := range []string{cache, filepath.Join(cache, "models--org--small-model")} {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	}
	mustPull(t, c, repo)
}

// TestShards pulls what an index names, and nothing else.
func TestShards(t *testing.T) {
	h, _ := newHub(t)
	content := map[string][]byte{
		"config.json": []byte(`{}`), "tokenizer.json": []byte(`{}`),
		"model.safetensors.index.json":     []byte(`{"metadata": {"total_size": 9}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors", "c": "model-00001-of-00002.safetensors"}}`),
		"model-00001-of-00002.safetensors": []byte("first"),
		"model-00002-of-00002.safetensors": []byte("second"),
		"consolidated.safetensors":         []byte("both"),
	}
	commit := h.Commit("org/sharded", "main", content)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	want := []string{"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json"}
	s := mustPull(t, c, "org/sharded")
	sameFiles(t, s.Dir, content, want)
	if len(s.Files) != len(want) {
		t.Errorf("got %v", s.Files)
	}
	if err := os.Remove(filepath.Join(s.Dir, want[1])); err != nil {
		t.Fatal(err)
	}
	off, _, _ := newClient(t, h, cache, "HF_HUB_OFFLINE", "1")
	if _, err := off.Pull(t.Context(), "org/sharded@"+commit); !errors.Is(err, hub.ErrOffline) {
		t.Errorf("a shard is missing: got %v, want %v", err, hub.ErrOffline)
	}
	mustPull(t, c, "org/sharded@"+commit)
	sameFiles(t, s.Dir, content, want)
}

// TestCopyTo makes a plain folder of a snapshot, again and again, but not over other files.
func TestCopyTo(t *testing.T) {
	h, _ := newHub(t)
	c, _, _ := newClient(t, h, t.TempDir())
	s := mustPull(t, c, repo)
	dir := filepath.Join(t.TempDir(), "model")
	for range 2 {
		if err := s.CopyTo(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, dir, model(1), wanted)
	}
	if err := os.WriteFile(filepath.Join(dir, "thesis.doc"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.CopyTo(t.Context(), dir); err == nil {
		t.Error("a folder with other files was replaced")
	}
}

// TestResolve: a folder is itself, the rest is from a hub, and what is neither says so.
func TestResolve(t *testing.T) {
	h, commit := newHub(t)
	c, _, _ := newClient(t, h, t.TempDir())
	dir := t.TempDir()
	if s, err := c.Resolve(t.Context(), dir); err != nil || s.Dir != dir || s.Name != dir || s.Commit != "" {
		t.Errorf("a folder: got %+v, %v", s, err)
	}
	if s, err := c.Resolve(t.Context(), repo); err != nil || s.Name != repo+"@"+commit {
		t.Errorf("%s: got %+v, %v", repo, s, err)
	}
	file := filepath.Join(dir, "model.zip")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"": hub.ErrName, "model": hub.ErrName, filepath.Join(dir, "nothing"): hub.ErrName, "./a/b": hub.ErrName, "a/b/c": hub.ErrName, file: hub.ErrName,
		repo + "@" + "../main": hub.ErrName, "org/none": hub.ErrRepository,
	} {
		if _, err := c.Resolve(t.Context(), name); !errors.Is(err, want) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: got %v, want %v", name, err, want)
		}
	}
}

// TestCached lists what is there whole, and nothing else.
func TestCached(t *testing.T) {
	h, commit := newHub(t)
	cache := t.TempDir()
	c, _, _ := newClient(t, h, cache)
	if got := c.Cached(); len(got) != 0 {
		t.Errorf("an empty cache has %v", got)
	}
	s := mustPull(t, c, repo)
	for _, other := range []string{"models--org--part", "datasets--org--set", "models--.--x", "file"} {
		if err := os.MkdirAll(filepath.Join(cache, other, "snapshots", commit), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Cached(); len(got) != 1 || got[0].Name != s.Name || got[0].Bytes != s.Bytes {
		t.Errorf("got %v, want %v", got, s)
	}
}

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

// onHub starts a hub that holds the folder base as org/base, and points the environment at it with an empty cache.
func onHub(t *testing.T, base string) (h *hubtest.Hub, commit string) {
	t.Helper()
	h = hubtest.New()
	t.Cleanup(h.Close)
	files := map[string][]byte{"pytorch_model.bin": []byte("a pickle")}
	for name, content := range folder(t, base) {
		files[name] = []byte(content)
	}
	for name, value := range map[string]string{"HF_ENDPOINT": h.URL, "HF_HOME": t.TempDir(), "HF_HUB_CACHE": "", "HF_TOKEN": "", "HF_HUB_OFFLINE": ""} {
		t.Setenv(name, value)
	}
	return h, h.Commit("org/base", "main", files)
}

// folder reads the files of a folder without subfolders.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(raw)
	}
	return all
}

func TestPull(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	_, commit := onHub(t, base)
	want := folder(t, base)

	got := lastObject(t, mustFM(t, "", "pull", "org/base", "--json"))
	if got["commit"] != commit || len(got["files"].([]any)) != len(want) || got["bytes"].(float64) == 0 {
		t.Errorf("got %v", got)
	}
	if diff := cmp.Diff(want, folder(t, got["dir"].(string))); diff != "" {
		t.Error(diff)
	}
	if out := mustFM(t, "", "pull", "org/base@"+commit); out != got["dir"].(string)+"\n" {
		t.Errorf("got %q, want the folder", out)
	}
	out := filepath.Join(dir, "out")
	for range 2 {
		if got := lastObject(t, mustFM(t, "", "pull", "org/base", "--out", out, "--json")); got["dir"] != out || got["commit"] != commit {
			t.Errorf("got %v", got)
		}
		if diff := cmp.Diff(want, folder(t, out)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPullFromArchive(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, prefix := range []string{"a/", "b/"} {
		for name, content := range folder(t, base) {
			f, err := w.Create(prefix + name)
			if err == nil {
				_, err = f.Write([]byte(content))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	archive := write(t, dir, "models.whl", b.String())
	out := filepath.Join(dir, "out")
	got := lastObject(t, mustFM(t, "", "pull", "--from-archive", archive, "--out", out, "--path", "b", "--json"))
	if got["dir"] != out || got["commit"] != "" || len(got["files"].([]any)) != len(folder(t, base)) {
		t.Errorf("got %v", got)
	}
	if diff := cmp.Diff(folder(t, base), folder(t, out)); diff != "" {
		t.Error(diff)
	}
	if vectors := mustFM(t, "a cat\n", "embed", "--base", out); vectors != mustFM(t, "a cat\n", "embed", "--base", base) {
		t.Error("other vectors")
	}
}

// TestBaseFromHub trains on a base by its name on the hub: the adapter names the commit, so that it works with this commit whatever main
// becomes, and without the hub.
func TestBaseFromHub(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	h, commit := onHub(t, base)
	data := labelledCSV(t, dir, "data.csv")
	adapter, local := filepath.Join(dir, "adapter"), filepath.Join(dir, "local")
	for out, name := range map[string]string{adapter: "org/base", local: base} {
		mustFM(t, "", "adapt", "classify", "--base", name, "--data", data, "--out", out, "--epochs", "1")
	}
	var passport struct {
		Base   struct{ Name string }
		Digest string
	}
	raw, err := os.ReadFile(filepath.Join(adapter, "fmkit.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &passport); err != nil {
		t.Fatal(err)
	}
	if want := "org/base@" + commit; passport.Base.Name != want {
		t.Errorf("the passport names %q, want %q", passport.Base.Name, want)
	}
	if raw, err := os.ReadFile(filepath.Join(local, "fmkit.json")); err != nil || !strings.Contains(string(raw), passport.Digest) {
		t.Errorf("from the hub and from the folder: other weights, %v", err)
	}

	h.Commit("org/base", "main", map[string][]byte{"config.json": nil, "model.safetensors": nil})
	predict := func() string { return mustFM(t, "{\"text\": \"a cat\"}\n", "predict", "--adapter", adapter) }
	h.Requests()
	want := predict()
	if r := h.Requests(); len(r) != 0 {
		t.Errorf("a commit that is in the cache asked for %v", r)
	}
	h.Intercept(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(http.StatusForbidden) })
	if got := predict(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	mustFM(t, "", "verify", adapter)
	mustFM(t, "", "eval", "classify", "--adapter", adapter, "--data", data)
	h.Intercept(nil)
	t.Setenv("HF_HOME", t.TempDir()) // another machine
	if got := predict(); got != want {
		t.Errorf("with an empty cache: got %s, want %s", got, want)
	}
	if vectors := mustFM(t, "a cat\n", "embed", "--base", "org/base@"+commit); vectors != mustFM(t, "a cat\n", "embed", "--base", base) {
		t.Error("other vectors")
	}
}

// TestPullCodes: what the caller can mend ends with 2, the rest with 1, and nothing is written.
func TestPullCodes(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	h, _ := onHub(t, base)
	h.Commit("org/pickles", "main", map[string][]byte{"config.json": nil, "pytorch_model.bin": nil})
	h.Commit("org/secret", "main", nil)
	h.Private("org/secret", "hf_x")
	out := filepath.Join(dir, "out")
	junk := write(t, dir, "junk.zip", "no archive")
	write(t, dir, "full/thesis.doc", "mine")
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no name", []string{"pull"}, exitUsage, "ORG/NAME"},
		{"two names", []string{"pull", "a/b", "c/d"}, exitUsage, "2 arguments"},
		{"bad name", []string{"pull", "../base"}, exitUsage, "org/name"},
		{"no org", []string{"pull", "base"}, exitUsage, "org/name"},
		{"bad revision", []string{"pull", "org/base@.."}, exitUsage, "revision"},
		{"unknown repository", []string{"pull", "org/none"}, exitUsage, "unknown repository"},
		{"hidden repository", []string{"pull", "org/secret"}, exitUsage, "HF_TOKEN"},
		{"unknown revision", []string{"pull", "org/base@v9"}, exitUsage, "v9"},
		{"pickles only", []string{"pull", "org/pickles"}, exitUsage, "pytorch_model.bin"},
		{"too large", []string{"pull", "org/base", "--max-bytes", "100"}, exitUsage, "100 bytes"},
		{"no size", []string{"pull", "org/base", "--max-bytes", "0"}, exitUsage, "--max-bytes"},
		{"folder of somebody else", []string{"pull", "org/base", "--out", filepath.Join(dir, "full")}, exitUsage, "thesis.doc"},
		{"path without archive", []string{"pull", "org/base", "--path", "x"}, exitUsage, "--path"},
		{"archive and name", []string{"pull", "org/base", "--from-archive", junk, "--out", out}, exitUsage, "org/base"},
		{"archive without a folder", []string{"pull", "--from-archive", junk}, exitUsage, "--out"},
		{"archive missing", []string{"pull", "--from-archive", filepath.Join(dir, "none.zip"), "--out", out}, exitUsage, "none.zip"},
		{"archive that is none", []string{"pull", "--from-archive", junk, "--out", out}, exitUsage, "bad archive"},
		{"archive of another kind", []string{"pull", "--from-archive", filepath.Join(base, "config.json"), "--out", out}, exitUsage, ".tar.gz"},
		{"base is an archive", []string{"embed", "--base", junk}, exitUsage, "taken out first"},
		{"base is neither", []string{"embed", "--base", "no-such-folder"}, exitUsage, "neither a folder"},
		{"base is unknown", []string{"embed", "--base", "org/none"}, exitUsage, "nor is there a folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := tree(t, dir)
			_, code, err := fm(t, "", c.args...)
			if code != c.code || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("code %d, %v, want %d with %q", code, err, c.code, c.want)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Errorf("files changed:\n%s", diff)
			}
		})
	}
	t.Setenv("HF_HUB_OFFLINE", "1")
	if _, code, err := fm(t, "", "pull", "org/other"); code != exitFailed {
		t.Errorf("offline: code %d, %v, want %d", code, err, exitFailed)
	}
	t.Setenv("HF_HUB_OFFLINE", "")
	h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasPrefix(r.URL.Path, "/lfs/") {
			_, _ = w.Write([]byte("something else"))
			return
		}
		next.ServeHTTP(w, r)
	})
	t.Setenv("HF_HOME", t.TempDir())
	if _, code, err := fm(t, "", "pull", "org/base"); code != exitFailed {
		t.Errorf("wrong content: code %d, %v, want %d", code, err, exitFailed)
	}
	t.Setenv("HF_ENDPOINT", "nonsense")
	if _, code, err := fm(t, "", "pull", "org/base"); code != exitUsage {
		t.Errorf("bad endpoint: code %d, %v, want %d", code, err, exitUsage)
	}
	mustFM(t, "a\n", "embed", "--base", base)
}

// TestPullUnreachable: a hub that can't be reached ends with 1.
func TestPullUnreachable(t *testing.T) {
	dir := t.TempDir()
	h, _ := onHub(t, smallBase(t, dir, 1))
	h.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // it would try for longer
	defer cancel()
	err := run(ctx, []string{"pull", "org/base"}, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	if code := exitCode(t.Context(), err); code != exitFailed {
		t.Errorf("code %d, %v, want %d", code, err, exitFailed)
	}
}

// TestTransfersPlain: elsewhere than on a terminal there is a line for what takes long, and none for what doesn't.
func TestTransfersPlain(t *testing.T) {
	var log bytes.Buffer
	tr := newTransfers(&console{log: &log})
	tr.progress("small.json", 10, 10)
	tr.progress("model.safetensors", 0, 90_000_000)
	tr.began, tr.last = tr.began.Add(-20*time.Second), tr.last.Add(-20*time.Second)
	tr.progress("model.safetensors", 45_000_000, 90_000_000)
	tr.progress("model.safetensors", 46_000_000, 90_000_000)
	tr.progress("model.safetensors", 90_000_000, 90_000_000)
	tr.event("hub: %s", "done")
	want := "model.safetensors  45.0 MB of 90.0 MB  2.25 MB/s  20s left\nmodel.safetensors  90.0 MB of 90.0 MB  4.5 MB/s\nhub: done\n"
	if got := log.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

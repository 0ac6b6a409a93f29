package hub_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

// tiny is a model whose weights are short enough to be cut everywhere.
func tiny(h *hubtest.Hub) (weights []byte, blob string) {
	weights = model(3)["model.safetensors"][:41]
	h.Commit("org/tiny", "main", map[string][]byte{"config.json": []byte("{}"), "model.safetensors": weights})
	return weights, "models--org--tiny/blobs/" + hubtest.SHA256(weights)
}

// cutAfter breaks the connection after n bytes of an answer's body, length being what it says it has.
func cutAfter(w http.ResponseWriter, status, n int, body []byte, length int) {
	w.Header().Set("Content-Length", fmt.Sprint(length))
	w.WriteHeader(status)
	_, _ = w.Write(body[:n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// ranged answers with what Range asks for, cut after n bytes of it.
func ranged(w http.ResponseWriter, r *http.Request, content []byte, n int) {
	from, status := 0, http.StatusOK
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
		status = http.StatusPartialContent
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
	}
	rest := content[from:]
	cutAfter(w, status, min(n, len(rest)), rest, len(rest))
}

// TestCutEverywhere breaks the connection after every number of bytes; the rest is asked for, and nothing twice.
func TestCutEverywhere(t *testing.T) {
	h, _ := newHub(t)
	weights, _ := tiny(h)
	for n := range len(weights) {
		cut := false
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isStorage(r) && !cut {
				cut = true
				ranged(w, r, weights, n)
			}
			next.ServeHTTP(w, r)
		})
		h.Requests()
		c, clock, _ := newClient(t, h, t.TempDir())
		s := mustPull(t, c, "org/tiny")
		if got := files(t, s.Dir)["model.safetensors"]; got != string(weights) {
			t.Fatalf("cut after %d: got %d bytes", n, len(got))
		}
		var ranges []string
		for _, r := range h.Requests() {
			if strings.HasPrefix(r.Path, "/lfs/") {
				ranges = append(ranges, r.Range)
			}
		}
		want := []string{"", fmt.Sprintf("bytes=%d-", n)}
		if n == 0 {
			want[1] = ""
		}
		if !slices.Equal(ranges, want) || len(clock.waited) != 1 {
			t.Errorf("cut after %d: ranges %q, want %q; waited %v", n, ranges, want, clock.waited)
		}
	}
}

// TestKilledEverywhere gives up with every number of bytes there; the next pull goes on from them.
func TestKilledEverywhere(t *testing.T) {
	h, _ := newHub(t)
	weights, blob := tiny(h)
	for n := range len(weights) {
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isStorage(r) {
				ranged(w, r, weights, n)
			}
			next.ServeHTTP(w, r)
		})
		cache := t.TempDir()
		c, _, _ := newClient(t, h, cache)
		c.Attempts = 1
		if _, err := c.Pull(t.Context(), "org/tiny"); !errors.Is(err, hub.ErrUnreachable) {
			t.Fatalf("cut after %d: got %v, want %v", n, err, hub.ErrUnreachable)
		}
		if got, err := os.ReadFile(filepath.Join(cache, blob+".incomplete")); err != nil || !bytes.Equal(got, weights[:n]) {
			t.Fatalf("cut after %d: %d bytes stay, %v", n, len(got), err)
		}
		onlyBlobs(t, cache)
		h.Intercept(nil)
		h.Requests()
		if got := files(t, mustPull(t, c, "org/tiny").Dir)["model.safetensors"]; got != string(weights) {
			t.Fatalf("cut after %d: got %d bytes", n, len(got))
		}
		for _, r := range h.Requests() {
			if want := fmt.Sprintf("bytes=%d-", n); n > 0 && strings.HasPrefix(r.Path, "/lfs/") && r.Range != want {
				t.Errorf("cut after %d: range %q, want %q", n, r.Range, want)
			}
		}
		if _, err := os.Stat(filepath.Join(cache, blob+".incomplete")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("cut after %d: the partial blob stays: %v", n, err)
		}
	}
}

// TestListIsCut breaks off the list of files: it is asked for again.
func TestListIsCut(t *testing.T) {
	h, _ := newHub(t)
	for _, n := range []int{0, 1, 50, 200, 400} {
		cut := false
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasPrefix(r.URL.Path, "/api/models/") && !cut {
				cut = true
				a := &recorded{header: http.Header{}}
				next.ServeHTTP(a, r)
				cutAfter(w, http.StatusOK, n, a.body.Bytes(), a.body.Len())
			}
			next.ServeHTTP(w, r)
		})
		c, clock, _ := newClient(t, h, t.TempDir())
		mustPull(t, c, repo)
		if len(clock.waited) != 1 {
			t.Errorf("cut after %d: waited %v", n, clock.waited)
		}
	}
}

// TestSmallSteps: a connection that is cut again and again is gone on with as long as it brings enough each time.
func TestSmallSteps(t *testing.T) {
	h, _ := newHub(t)
	weights := bytes.Repeat(model(4)["model.safetensors"], 1000) // 3 MB
	h.Commit("org/large", "main", map[string][]byte{"config.json": nil, "model.safetensors": weights})
	step := 300_000
	h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isStorage(r) {
			ranged(w, r, weights, step)
		}
		next.ServeHTTP(w, r)
	})
	c, clock, _ := newClient(t, h, t.TempDir())
	c.Attempts = 3
	if got := files(t, mustPull(t, c, "org/large").Dir)["model.safetensors"]; got != string(weights) {
		t.Errorf("got %d bytes", len(got))
	}
	if len(clock.waited) != 9 {
		t.Errorf("%d waits, want 9", len(clock.waited))
	}
	step = 1000
	c, clock, _ = newClient(t, h, t.TempDir())
	c.Attempts = 3
	if _, err := c.Pull(t.Context(), "org/large"); !errors.Is(err, hub.ErrUnreachable) || len(clock.waited) != 2 {
		t.Errorf("steps too small: got %v after %d waits, want %v after 2", err, len(clock.waited), hub.ErrUnreachable)
	}
}

// TestPartial: whatever is in the partial blob, and whatever the server makes of a range, the blob is right in the end or there is none.
func TestPartial(t *testing.T) {
	h, _ := newHub(t)
	weights, blob := tiny(h)
	junk := bytes.Repeat([]byte{7}, 100)
	ignores := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Del("Range")
		next.ServeHTTP(w, r)
	}
	part := func(header string) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !isStorage(r) || r.Header.Get("Range") == "" {
				next.ServeHTTP(w, r)
				return
			}
			changed(w, r, next, func(a *recorded) { a.header.Set("Content-Range", header) })
		}
	}
	once := false
	for _, c := range []struct {
		name string
		have []byte
		do   func(w http.ResponseWriter, r *http.Request, next http.Handler)
		err  error
	}{
		{"all of it", weights, nil, nil},
		{"nothing", nil, nil, nil},
		{"a part", weights[:20], nil, nil},
		{"other bytes", junk[:20], nil, nil},
		{"other bytes of the whole length", junk[:len(weights)], nil, nil},
		{"too much", append(slices.Clone(weights), 1), nil, nil},
		{"a part, range ignored", weights[:20], ignores, nil},
		{"other bytes, range ignored", junk[:20], ignores, nil},
		{"416", weights[:20], func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isStorage(r) && r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			next.ServeHTTP(w, r)
		}, nil},
		{"416 always", weights[:20], func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isStorage(r) {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			next.ServeHTTP(w, r)
		}, hub.ErrUnreachable},
		{"another range", weights[:20], part("bytes 0-40/41"), hub.ErrProtocol},
		{"another size", weights[:20], part("bytes 20-40/42"), hub.ErrProtocol},
		{"no range", weights[:20], part(""), hub.ErrProtocol},
		{"206 unasked", nil, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if !isStorage(r) {
				next.ServeHTTP(w, r)
				return
			}
			r.Header.Set("Range", "bytes=10-")
			next.ServeHTTP(w, r)
		}, hub.ErrProtocol},
		{"cut, then another file's rest", nil, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if isStorage(r) && !once {
				once = true
				ranged(w, r, junk[:len(weights)], 30)
			}
			next.ServeHTTP(w, r)
		}, hub.ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.Intercept(c.do)
			cache := t.TempDir()
			path := filepath.Join(cache, blob)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if c.have != nil {
				if err := os.WriteFile(path+".incomplete", c.have, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			client, _, _ := newClient(t, h, cache)
			s, err := client.Pull(t.Context(), "org/tiny")
			if !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if err != nil {
				onlyBlobs(t, cache)
				h.Intercept(nil)
				s = mustPull(t, client, "org/tiny")
			}
			if got := files(t, s.Dir)["model.safetensors"]; got != string(weights) {
				t.Errorf("got %d bytes", len(got))
			}
		})
	}
}

// TestPartialIsALink: a link in the place of the partial blob is no way out of the cache.
func TestPartialIsALink(t *testing.T) {
	h, _ := newHub(t)
	weights, blob := tiny(h)
	for _, target := range []string{"victim", "../../../victim"} {
		cache := t.TempDir()
		victim := filepath.Join(cache, "victim")
		if err := os.WriteFile(victim, weights[:5], 0o644); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(cache, "cache", blob)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target == "victim" {
			target = victim
		}
		if err := os.Symlink(target, path+".incomplete"); err != nil {
			t.Skip(err)
		}
		c, _, _ := newClient(t, h, filepath.Join(cache, "cache"))
		mustPull(t, c, "org/tiny")
		if got, err := os.ReadFile(victim); err != nil || !bytes.Equal(got, weights[:5]) {
			t.Errorf("%s: a file outside has %d bytes, %v", target, len(got), err)
		}
	}
}

// TestFoldersAreLinks: a folder of the store that leads out of it is refused and not written to.
func TestFoldersAreLinks(t *testing.T) {
	h, commit := newHub(t)
	for _, name := range []string{"blobs", "snapshots", "refs", "snapshots/" + commit} {
		cache, outside := t.TempDir(), t.TempDir()
		path := filepath.Join(cache, "models--org--small-model", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, path); err != nil {
			t.Skip(err)
		}
		c, _, _ := newClient(t, h, cache)
		if _, err := c.Pull(t.Context(), repo); err == nil {
			t.Errorf("%s: no error", name)
		}
		if got := tree(t, outside); len(got) > 0 {
			t.Errorf("%s: written outside: %q", name, got)
		}
	}
}

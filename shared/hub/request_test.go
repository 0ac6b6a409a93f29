package hub_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

// TestToken: the endpoint gets the token, the server of large files never, even on the same address with another port.
func TestToken(t *testing.T) {
	h, _ := newHub(t)
	h.Private(repo, "hf_secret")
	cache := t.TempDir()
	c, _, log := newClient(t, h, cache, "HF_TOKEN", "hf_secret")
	sameFiles(t, mustPull(t, c, repo).Dir, model(1), wanted)
	storage := 0
	for _, r := range h.Requests() {
		switch {
		case "http://"+r.Host == h.Storage:
			storage++
			if r.Authorization != "" {
				t.Errorf("%s of the other server got %q", r.Path, r.Authorization)
			}
		case r.Authorization != "Bearer hf_secret":
			t.Errorf("%s got %q, want the token", r.Path, r.Authorization)
		}
	}
	if storage == 0 {
		t.Error("nothing came from the other server")
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("log %q", log)
	}
}

// TestRefusals maps what a hub says to errors that say what to do.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name          string
		token         string
		status        int
		code, message string
		want          error
		advice        string
	}{
		{"hidden or unknown", "", 401, "RepoNotFound", "Repository not found", hub.ErrRepository, "HF_TOKEN"},
		{"unknown", "hf_x", 404, "RepoNotFound", "Repository not found", hub.ErrRepository, "doesn't show it"},
		{"no hub at all", "", 404, "", "", hub.ErrRepository, "there is no"},
		{"unknown revision", "", 404, "RevisionNotFound", "Invalid rev id: main", hub.ErrRevision, `"main"`},
		{"gated", "", 401, "GatedRepo", "Access to model is restricted", hub.ErrAccess, "accept its terms"},
		{"gated for this account", "hf_x", 403, "GatedRepo", "Access to model is restricted", hub.ErrAccess, "account of the token"},
		{"bad token", "hf_x", 401, "", "Invalid credentials in Authorization header", hub.ErrAccess, "token is not valid"},
		{"token without the right", "hf_x", 403, "", "Forbidden", hub.ErrAccess, "HF_TOKEN"},
		{"something else", "", 418, "", `a "pot"`, hub.ErrProtocol, `418 I'm a teapot ("a \"pot\"")`},
		{"gone", "", 410, "", "", hub.ErrProtocol, "410"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, _ := newHub(t)
			h.Intercept(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				hubtest.Refuse(w, c.status, c.code, c.message)
			})
			cache := t.TempDir()
			client, clock, _ := newClient(t, h, cache, "HF_TOKEN", c.token)
			_, err := client.Pull(t.Context(), repo)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.advice) || !strings.Contains(err.Error(), repo) {
				t.Errorf("got %v, want %v with %q", err, c.want, c.advice)
			}
			if len(clock.waited) > 0 {
				t.Errorf("waited %v, want no second try", clock.waited)
			}
			if left := tree(t, cache); len(left) > 0 {
				t.Errorf("left %q", left)
			}
		})
	}
}

// TestRefusedFile: the same for a file, and none of it turns into a fallback to the cache.
func TestRefusedFile(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   error
	}{{404, "EntryNotFound", hub.ErrProtocol}, {403, "GatedRepo", hub.ErrAccess}, {401, "RepoNotFound", hub.ErrRepository}} {
		h, _ := newHub(t)
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/tokenizer.json") {
				hubtest.Refuse(w, c.status, c.code, "no")
				return
			}
			next.ServeHTTP(w, r)
		})
		cache := t.TempDir()
		client, _, _ := newClient(t, h, cache)
		if _, err := client.Pull(t.Context(), repo); !errors.Is(err, c.want) || !strings.Contains(err.Error(), "tokenizer.json") {
			t.Errorf("%d %s: got %v, want %v", c.status, c.code, err, c.want)
		}
		onlyBlobs(t, cache)
	}
}

// TestRetries: passing trouble is waited out, each wait twice the last, or what the hub asks for; there is an end to it.
func TestRetries(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	seconds := func(n ...int) []time.Duration {
		var all []time.Duration
		for _, s := range n {
			all = append(all, time.Duration(s)*time.Second)
		}
		return all
	}
	for _, c := range []struct {
		name   string
		places int // in how many places to try it
		fails  int // how often
		status int
		after  string
		want   []time.Duration
		err    error
	}{
		{"busy once", 3, 1, 429, "", seconds(1), nil},
		{"busy for a time", 1, 2, 429, "7", seconds(7, 7), nil},
		{"busy until a date", 1, 1, 429, now.Add(90 * time.Second).Format(http.TimeFormat), seconds(90), nil},
		{"a date in the past", 1, 1, 429, now.Add(-time.Hour).Format(http.TimeFormat), seconds(1), nil},
		{"nonsense", 1, 1, 503, "soon", seconds(1), nil},
		{"500", 3, 4, 500, "", seconds(1, 2, 4, 8), nil},
		{"502", 1, 3, 502, "", seconds(1, 2, 4), nil},
		{"504", 1, 1, 504, "", seconds(1), nil},
		{"for ever", 3, 99, 500, "", seconds(1, 2, 4, 8), hub.ErrUnreachable},
		{"for hours", 1, 99, 429, "3600", nil, hub.ErrUnreachable},
		{"for ages", 1, 99, 429, "99999999999999999999", seconds(1, 2, 4, 8), hub.ErrUnreachable},
	} {
		for _, where := range []string{"/api/models/", "/tokenizer.json", "/lfs/"}[:c.places] {
			h, _ := newHub(t)
			left := c.fails
			h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if left > 0 && strings.Contains(r.URL.Path, where) {
					left--
					w.Header().Set("Retry-After", c.after)
					w.WriteHeader(c.status)
					return
				}
				next.ServeHTTP(w, r)
			})
			cache := t.TempDir()
			client, clock, _ := newClient(t, h, cache)
			client.Now = func() time.Time { return now }
			_, err := client.Pull(t.Context(), repo)
			if !errors.Is(err, c.err) || !slices.Equal(clock.waited, c.want) {
				t.Errorf("%s, %s: got %v after %v, want %v after %v", c.name, where, err, clock.waited, c.err, c.want)
			}
			if err != nil {
				onlyBlobs(t, cache)
			}
		}
	}
}

// TestExpiredAddress: an address of large files that has run out is asked for anew.
func TestExpiredAddress(t *testing.T) {
	h, _ := newHub(t)
	left := 2
	h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isStorage(r) && left > 0 {
			left--
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	c, clock, _ := newClient(t, h, t.TempDir())
	mustPull(t, c, repo)
	if len(clock.waited) != 2 {
		t.Errorf("waited %v", clock.waited)
	}
}

// TestSilence: a hub that falls silent in any phase is given up on after Stall, and tried again.
func TestSilence(t *testing.T) {
	for _, where := range []string{"/api/models/", "/resolve/", "/lfs/", "half of /lfs/"} {
		h, _ := newHub(t)
		stop := make(chan struct{})
		t.Cleanup(func() { close(stop) })
		silent := true
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			path, half := strings.CutPrefix(where, "half of ")
			if !silent || !strings.Contains(r.URL.Path, path) {
				next.ServeHTTP(w, r)
				return
			}
			silent = false
			if half {
				w.Header().Set("Content-Length", "3000")
				_, _ = w.Write(model(1)["model.safetensors"][:1500])
				w.(http.Flusher).Flush()
			}
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		})
		c, clock, log := newClient(t, h, t.TempDir())
		c.Stall = 300 * time.Millisecond
		sameFiles(t, mustPull(t, c, repo).Dir, model(1), wanted)
		if len(clock.waited) != 1 || !strings.Contains(log.String(), "silent") {
			t.Errorf("%s: waited %v, log %q", where, clock.waited, log)
		}
	}
}

// TestSlow: a hub that is slow, but never silent for long, is waited for.
func TestSlow(t *testing.T) {
	h, _ := newHub(t)
	h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !isStorage(r) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Length", "3000")
		for part := range slices.Chunk(model(1)["model.safetensors"], 300) {
			_, _ = w.Write(part)
			w.(http.Flusher).Flush()
			time.Sleep(100 * time.Millisecond)
		}
	})
	c, clock, _ := newClient(t, h, t.TempDir())
	c.Stall = 700 * time.Millisecond
	sameFiles(t, mustPull(t, c, repo).Dir, model(1), wanted)
	if len(clock.waited) != 0 {
		t.Errorf("waited %v", clock.waited)
	}
}

// TestCancelled: the end of the context ends a pull in any phase, with its cause.
func TestCancelled(t *testing.T) {
	cause := errors.New("enough")
	for _, where := range []string{"/api/models/", "/resolve/", "/lfs/"} {
		h, _ := newHub(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Contains(r.URL.Path, where) {
				cancel(cause)
			}
			next.ServeHTTP(w, r)
		})
		cache := t.TempDir()
		c, _, _ := newClient(t, h, cache)
		if _, err := c.Pull(ctx, repo); !errors.Is(err, cause) {
			t.Errorf("%s: got %v, want %v", where, err, cause)
		}
		onlyBlobs(t, cache)
	}
}

// TestRedirects: renamed repositories and mirrors are followed, loops and other kinds of addresses are not.
func TestRedirects(t *testing.T) {
	to := func(address string) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Contains(r.URL.Path, "/old/") {
				http.Redirect(w, r, strings.ReplaceAll(address, "PATH", strings.ReplaceAll(r.URL.RequestURI(), "/old/", "/org/")), http.StatusTemporaryRedirect)
				return
			}
			next.ServeHTTP(w, r)
		}
	}
	h, commit := newHub(t)
	h.Intercept(to("PATH"))
	c, _, _ := newClient(t, h, t.TempDir())
	if s := mustPull(t, c, "old/small-model"); s.Commit != commit {
		t.Errorf("renamed: got %s, want %s", s.Commit, commit)
	}

	mirror, _ := newHub(t)
	mirror.Intercept(to(h.URL + "PATH"))
	h.Requests()
	c, _, _ = newClient(t, mirror, t.TempDir(), "HF_TOKEN", "hf_secret")
	sameFiles(t, mustPull(t, c, "old/small-model").Dir, model(1), wanted)
	for _, r := range h.Requests() {
		if r.Authorization != "" {
			t.Errorf("another host got %q for %s", r.Authorization, r.Path)
		}
	}

	for _, address := range []string{
		"/old/small-model/loop", "file:///etc/passwd", "ftp://hub.example/PATH", "gopher://x", "", ":bad",
	} {
		h.Intercept(to(address))
		cache := t.TempDir()
		c, clock, _ := newClient(t, h, cache)
		if _, err := c.Pull(t.Context(), "old/small-model"); !errors.Is(err, hub.ErrProtocol) || len(clock.waited) != 0 {
			t.Errorf("to %q: got %v after %v, want %v", address, err, clock.waited, hub.ErrProtocol)
		}
		onlyBlobs(t, cache)
	}
}

// TestWeakTags: entity tags may be weak, without quotes, and on any of the answers.
func TestWeakTags(t *testing.T) {
	for name, form := range map[string]func(string) string{
		"weak": func(s string) string { return "W/" + s }, "bare": func(s string) string { return strings.Trim(s, `"`) },
	} {
		h, _ := newHub(t)
		h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			changed(w, r, next, func(a *recorded) {
				for _, key := range []string{"Etag", "X-Linked-Etag"} {
					if v := a.header.Get(key); v != "" {
						a.header.Set(key, form(v))
					}
				}
			})
		})
		cache := t.TempDir()
		c, _, _ := newClient(t, h, cache)
		sameFiles(t, mustPull(t, c, repo).Dir, model(1), wanted)
		for _, blob := range tree(t, filepath.Join(cache, "models--org--small-model", "blobs")) {
			if strings.Trim(blob, "0123456789abcdef") != "" {
				t.Errorf("%s: blob %q", name, blob)
			}
		}
	}
}

// TestPlainList: a hub that lists names only, without sizes and digests, will do.
func TestPlainList(t *testing.T) {
	h, _ := newHub(t)
	h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.URL.RawQuery = ""
		next.ServeHTTP(w, r)
	})
	c, _, _ := newClient(t, h, t.TempDir())
	for range 2 {
		sameFiles(t, mustPull(t, c, repo).Dir, model(1), wanted)
	}
}

// TestProgress: for every file the count rises to its size.
func TestProgress(t *testing.T) {
	h, _ := newHub(t)
	c, _, _ := newClient(t, h, t.TempDir())
	last, bad := map[string]int64{}, ""
	c.Progress = func(file string, done, total int64) {
		if done < last[file] || done > total || total != int64(len(model(1)[file])) {
			bad += fmt.Sprintf(" %s %d/%d after %d", file, done, total, last[file])
		}
		last[file] = done
	}
	mustPull(t, c, repo)
	for _, name := range wanted {
		if last[name] != int64(len(model(1)[name])) {
			bad += fmt.Sprintf(" %s ends at %d", name, last[name])
		}
	}
	if bad != "" || len(last) != len(wanted) {
		t.Errorf("got%s of %d files", bad, len(last))
	}
}

// An endless body gives as many bytes as anybody reads.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

package hub_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fmkit/fmkit/shared/hub"
	"github.com/fmkit/fmkit/shared/hub/hubtest"
)

// TestMain makes the test binary pull when it is told to: a process of its own.
func TestMain(m *testing.M) {
	if name := os.Getenv("HUB_TEST_PULL"); name != "" {
		if _, err := hub.New(os.Getenv).Pull(context.Background(), name); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// puller is a process that pulls.
func puller(t *testing.T, h *hubtest.Hub, cache, name string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), "HUB_TEST_PULL="+name, "HF_ENDPOINT="+h.URL, "HF_HOME="+cache, "HF_HUB_CACHE="+cache)
	cmd.Stderr = &bytes.Buffer{}
	return cmd
}

// slow sends weights in pieces, with a pause between them.
func slow(weights []byte, pieces int, pause time.Duration) func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !isStorage(r) {
			next.ServeHTTP(w, r)
			return
		}
		changed(&paced{w, len(weights)/pieces + 1, pause}, r, next, func(*recorded) {})
	}
}

// A paced writer flushes so many bytes at a time.
type paced struct {
	http.ResponseWriter
	size  int
	pause time.Duration
}

func (p *paced) Write(b []byte) (int, error) {
	for at := 0; at < len(b); at += p.size {
		if _, err := p.ResponseWriter.Write(b[at:min(at+p.size, len(b))]); err != nil {
			return at, err
		}
		p.ResponseWriter.(http.Flusher).Flush()
		time.Sleep(p.pause)
	}
	return len(b), nil
}

// downloads counts the requests for content of large files that were not for the rest of one.
func downloads(h *hubtest.Hub) (whole int) {
	for _, r := range h.Requests() {
		if strings.HasPrefix(r.Path, "/lfs/") && r.Range == "" {
			whole++
		}
	}
	return whole
}

// TestTwoClients: clients that pull the same at once fetch it once, and all have it.
func TestTwoClients(t *testing.T) {
	h, _ := newHub(t)
	h.Intercept(slow(model(1)["model.safetensors"], 10, 20*time.Millisecond))
	cache := t.TempDir()
	c, _, log := newClient(t, h, cache)
	other, _, _ := newClient(t, h, cache)
	var wg sync.WaitGroup
	var dirs [3]string
	for i, c := range []*hub.Client{c, other, c} {
		wg.Go(func() {
			s, err := c.Pull(t.Context(), repo)
			if err != nil {
				t.Error(err)
				return
			}
			dirs[i] = s.Dir
			for _, name := range wanted { // there for the first that is done, while the others still link them
				if got, err := os.ReadFile(filepath.Join(s.Dir, name)); err != nil || string(got) != string(model(1)[name]) {
					t.Errorf("%s: %d bytes, %v", name, len(got), err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, dir := range dirs {
		sameFiles(t, dir, model(1), wanted)
	}
	if n := downloads(h); n != 1 {
		t.Errorf("fetched %d times: %s", n, log)
	}
}

// TestTwoProcesses: the same for processes.
func TestTwoProcesses(t *testing.T) {
	h, commit := newHub(t)
	h.Intercept(slow(model(1)["model.safetensors"], 10, 50*time.Millisecond))
	cache := t.TempDir()
	var all []*exec.Cmd
	for range 2 {
		p := puller(t, h, cache, repo)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	for _, p := range all {
		if err := p.Wait(); err != nil {
			t.Errorf("%v: %s", err, p.Stderr)
		}
	}
	sameFiles(t, filepath.Join(cache, "models--org--small-model", "snapshots", commit), model(1), wanted)
	if n := downloads(h); n != 1 {
		t.Errorf("fetched %d times", n)
	}
}

// TestKilledProcess kills a process in the middle of a file, at a different place each time, until the whole has arrived: nothing is fetched twice.
func TestKilledProcess(t *testing.T) {
	h, commit := newHub(t)
	const pieces = 6
	arrived := make(chan struct{}, 100)
	weights := model(1)["model.safetensors"]
	h.Intercept(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isStorage(r) {
			arrived <- struct{}{}
		}
		slow(weights, pieces, 30*time.Millisecond)(w, r, next)
	})
	cache := t.TempDir()
	blob := filepath.Join(cache, "models--org--small-model", "blobs", hubtest.SHA256(weights))
	had := int64(0)
	for range 3 {
		p := puller(t, h, cache, repo)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		<-arrived
		for size(blob+".incomplete") <= had && size(blob) < 0 {
			time.Sleep(time.Millisecond)
		}
		_ = p.Process.Kill()
		_ = p.Wait() // it was killed
		if size(blob) >= 0 {
			break
		}
		had = size(blob + ".incomplete")
		if tree(t, filepath.Join(cache, "models--org--small-model", "snapshots")) != nil {
			t.Fatal("a killed pull left a snapshot")
		}
	}
	if p := puller(t, h, cache, repo); p.Run() != nil {
		t.Fatal(p.Stderr)
	}
	sameFiles(t, filepath.Join(cache, "models--org--small-model", "snapshots", commit), model(1), wanted)
	if n := downloads(h); n != 1 {
		t.Errorf("begun %d times, want once and then gone on", n)
	}
}

// size is the length of a file, -1 if there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

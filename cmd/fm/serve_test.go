package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestServeRefuses holds wrong calls to exit code 2.
func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	base := smallBase(t, dir, 1)
	adapter := filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "classify", "--base", base, "--data", labelledCSV(t, dir, "data.csv"), "--out", adapter, "--steps", "2", "--method", "head")
	damaged := filepath.Join(dir, "damaged")
	if err := os.CopyFS(damaged, os.DirFS(adapter)); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(damaged, "adapter_model.safetensors")
	raw, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	write(t, damaged, "adapter_model.safetensors", string(raw))
	short, empty := write(t, dir, "short", "abc\n"), write(t, dir, "empty", "\n")
	for name, args := range map[string][]string{
		"an argument":      {"x"},
		"no name":          {"--adapter", adapter},
		"a name twice":     {"--adapter", "a=" + adapter, "--adapter", "a=" + adapter},
		"a bad name":       {"--adapter", "A/B=" + adapter},
		"no folder":        {"--adapter", "a=" + filepath.Join(dir, "nowhere")},
		"damaged":          {"--adapter", "a=" + damaged},
		"no base":          {"--base", adapter},
		"everybody":        {"--addr", "0.0.0.0:0"},
		"short key":        {"--key-file", short},
		"empty key":        {"--key-file", empty},
		"no key file":      {"--key-file", filepath.Join(dir, "nowhere")},
		"negative queue":   {"--queue", "-1"},
		"too many at once": {"--most", "1", "--adapter", "a=" + adapter, "--adapter", "b=" + adapter},
	} {
		if _, code, err := fm(t, "", append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...); code != exitUsage {
			t.Errorf("%s: code %d, %v", name, code, err)
		}
	}
}

// TestServeDrains ends the program by SIGTERM under load again and again: on every connection that had been answered once every request is answered, connections that come later
// are refused, and the exit code is the signal's.
func TestServeDrains(t *testing.T) {
	fmPath, dir := buildFM(t), t.TempDir()
	base, adapter := smallBase(t, dir, 1), filepath.Join(dir, "adapter")
	mustFM(t, "", "adapt", "classify", "--base", base, "--data", labelledCSV(t, dir, "data.csv"), "--out", adapter, "--steps", "2", "--method", "head")
	want := mustFM(t, `{"text":"the cat sleeps in the hay"}`+"\n", "predict", "--adapter", adapter)
	drains := 4
	if os.Getenv("FMKIT_FULL") != "" {
		drains = 20
	}
	answered := 0
	for range drains {
		cmd := exec.CommandContext(t.Context(), fmPath, "serve", "--json", "--addr", "127.0.0.1:0", "--adapter", "a="+adapter)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var hello struct{ Addr string }
		first, err := bufio.NewReader(out).ReadBytes('\n')
		if err != nil || json.Unmarshal(first, &hello) != nil {
			t.Fatalf("got %q, %v", first, err)
		}
		var wait sync.WaitGroup
		var good atomic.Int64
		for range 4 {
			wait.Go(func() {
				c := &http.Client{Transport: &http.Transport{}}
				defer c.CloseIdleConnections()
				for {
					reused := false
					ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }})
					r, err := http.NewRequestWithContext(ctx, "POST", "http://"+hello.Addr+"/api/v1/classify", strings.NewReader(`{"adapter":"a","text":"the cat sleeps in the hay"}`))
					if err != nil {
						t.Error(err)
						return
					}
					r.Header.Set("Content-Type", "application/json")
					a, err := c.Do(r)
					if err != nil {
						if reused {
							t.Errorf("a request that was taken has no answer: %v", err)
						}
						return
					}
					got, err := io.ReadAll(a.Body)
					a.Body.Close()
					if err != nil || a.StatusCode != 200 || string(got) != want {
						t.Errorf("got %d %s, %v", a.StatusCode, got, err)
						return
					}
					good.Add(1)
				}
			})
		}
		for begin := time.Now(); good.Load() < 20 && time.Since(begin) < 10*time.Second; {
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		wait.Wait()
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitSIGTERM {
			t.Errorf("exit code %d, want %d", code, exitSIGTERM)
		}
		answered += int(good.Load())
	}
	t.Logf("%d drains, %d answers", drains, answered)
}

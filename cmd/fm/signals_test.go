package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// buildFM makes the program itself.
func buildFM(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("signals of another kind")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go tool to build with")
	}
	path := filepath.Join(t.TempDir(), "fm")
	if out, err := exec.CommandContext(t.Context(), goTool, "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// A process is the program at work on a run.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	ended          chan struct{} // closed when it has
}

func startFM(t *testing.T, fmPath string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), fmPath, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	return p
}

// await waits until the metrics of the run in dir have at lines, and says whether the process is still at work.
func (p *process) await(dir string, at int) bool {
	for metricLines(dir) < at {
		select {
		case <-p.ended:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

// code waits for the end and gives the exit code.
func (p *process) code() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

func metricLines(dir string) int {
	raw, err := os.ReadFile(filepath.Join(dir, "metrics.jsonl"))
	if err != nil {
		return 0
	}
	return bytes.Count(raw, []byte("\n"))
}

// newest is the step of the newest checkpoint in dir, 0 for none.
func newest(t *testing.T, dir string) int {
	t.Helper()
	saved, err := filepath.Glob(filepath.Join(dir, "checkpoint-*", "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for _, s := range saved {
		step, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(s)), "checkpoint-"))
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, step)
	}
	return last
}

// TestSignals stops a run by SIGTERM and SIGINT at random steps, again and again: each time the step that it had come to is saved, the exit code says
// which signal it was, and the run ends in the bits of one that was never stopped.
func TestSignals(t *testing.T) {
	fmPath := buildFM(t)
	n := 5
	if s := os.Getenv("FMKIT_KILLS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	// Nothing is saved but by the signals, and there are no evaluations, which would have lines of their own.
	args := func(out string) []string {
		return pretrainArgs(t, dir, out, "--steps", strconv.Itoa(200+40*n), "--accumulate", "3", "--short", "0.5", "--eval-every", "0", "--save-every", "0")
	}
	digest := func(p *process) any { return lastObject(t, p.stdout.String())["digest"] }
	whole := startFM(t, fmPath, args("whole")...)
	if code := whole.code(); code != exitDone {
		t.Fatalf("code %d: %s", code, whole.stderr.String())
	}
	want := digest(whole)

	r := rand.New(rand.NewPCG(21, 22))
	out, runs := "run", 0
	var slowest time.Duration
	for sent := 0; sent <= n; {
		run := filepath.Join(dir, out)
		p := startFM(t, fmPath, append(args(out), "--resume")...)
		at := metricLines(run) + 1 + r.IntN(40)
		signal, code := syscall.SIGTERM, exitSIGTERM
		if sent%2 == 1 {
			signal, code = syscall.SIGINT, exitSIGINT
		}
		began := time.Now()
		if sent < n && p.await(run, at) {
			time.Sleep(time.Duration(r.IntN(3_000)) * time.Microsecond)
			at = metricLines(run)
			began = time.Now()
			_ = p.cmd.Process.Signal(signal)
		}
		got := p.code()
		if got == exitDone { // it came to its end before the signal
			if d := digest(p); d != want {
				t.Fatalf("after %d signals: got %v, want %v", sent, d, want)
			}
			if sent == n {
				break
			}
			runs++
			out = "run" + strconv.Itoa(runs)
			continue
		}
		sent++
		slowest = max(slowest, time.Since(began))
		if got != code {
			t.Fatalf("%v: exit code %d, want %d: %s", signal, got, code, p.stderr.String())
		}
		if step := newest(t, run); step < at-1 { // the last line may be of the step that was given up
			t.Errorf("%v in step %d: step %d is saved", signal, at, step)
		}
		if _, err := os.Stat(filepath.Join(run, "model.safetensors")); err == nil {
			t.Error("a stopped run left a model")
		}
	}
	t.Logf("%d signals, the slowest end took %v", n, slowest)
	if slowest > 5*time.Second {
		t.Errorf("took %v to stop, want at most 5 s", slowest)
	}
}

// TestSecondSignal holds that whoever doesn't want to wait for the step sends a second signal.
func TestSecondSignal(t *testing.T) {
	fmPath := buildFM(t)
	for _, first := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		dir := t.TempDir()
		out := filepath.Join(dir, "run")
		// A step of this takes about a second.
		p := startFM(t, fmPath, "pretrain", "text", "--data", corpusFile(t, dir), "--out", out, "--preset", "mini", "--vocab", "200", "--batch", "32",
			"--held-back", "0.2", "--steps", "50")
		if !p.await(out, 1) {
			t.Fatalf("code %d: %s", p.code(), p.stderr.String())
		}
		for _, s := range []os.Signal{first, syscall.SIGINT} {
			time.Sleep(20 * time.Millisecond) // two that come at once are one
			if err := p.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
		sent := time.Now()
		want := interrupt{first}.code()
		if code := p.code(); code != want {
			t.Errorf("%v: exit code %d, want %d", first, code, want)
		}
		if took := time.Since(sent); took > time.Second {
			t.Errorf("%v: took %v to stop at once", first, took)
		}
		if step := newest(t, out); step != 0 {
			t.Errorf("%v: step %d is saved: the second signal was not heard", first, step)
		}
	}
}

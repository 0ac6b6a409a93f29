package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary stand for fm in scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"fm": main})
}

// TestScripts runs the program as a user does, for what only a process has: exit codes and which stream says what.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 {
					ts.Fatalf("usage: exits CODE fm ARGS...")
				}
				err := ts.Exec(args[1], args[2:]...)
				code := "0"
				if e, ok := errors.AsType[*exec.ExitError](err); ok {
					code = strings.TrimPrefix(e.String(), "exit status ")
				}
				if code != args[0] {
					ts.Fatalf("exit code %s, want %s", code, args[0])
				}
			},
		},
	})
}

// TestSignals holds that a run stopped by a signal has saved its state, says so by its exit code, and goes on.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("signals of another kind")
	}
	fmPath, err := exec.LookPath("fm") // testscript.Main puts it there
	if err != nil {
		t.Skip("run through TestMain only")
	}
	for _, c := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, exitSIGINT}, {syscall.SIGTERM, exitSIGTERM}} {
		t.Run(c.signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			args := pretrainArgs(t, dir, "run", "--steps", "1000000")
			cmd := exec.CommandContext(t.Context(), fmPath, args...)
			log, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(log)
			for lines.Scan() && !strings.Contains(lines.Text(), "accuracy") { // the first evaluation
			}
			sent := time.Now()
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, log)
			err = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, %v, want %d", code, err, c.code)
			}
			if took := time.Since(sent); took > 5*time.Second {
				t.Errorf("took %v to stop, want at most 5 s", took)
			}
			saved, err := filepath.Glob(filepath.Join(dir, "run", "checkpoint-*", "state.json"))
			if err != nil || len(saved) == 0 {
				t.Errorf("nothing saved: %v, %v", saved, err)
			}
			if _, err := os.Stat(filepath.Join(dir, "run", "model.safetensors")); err == nil {
				t.Error("a stopped run left a model")
			}
		})
	}
}

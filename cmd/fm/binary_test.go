package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

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

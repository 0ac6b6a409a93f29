package bench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed peer_*.py
var scripts embed.FS

// Python gives the interpreter of the peers: FMKIT_PYTHON, or else python3.
func Python() string {
	if p := os.Getenv("FMKIT_PYTHON"); p != "" {
		return p
	}
	return "python3"
}

// noPython says that a script can't run, and with what it was tried.
func noPython(script string, err error) error {
	return fmt.Errorf("%w: %s: %w (interpreter %s; set FMKIT_PYTHON to another)", ErrNoPeer, script, err, Python())
}

// StartPeer starts a script of this folder with the given number of threads. The peer ends when ctx does.
func StartPeer(ctx context.Context, script string, threads int, args ...string) (*Peer, error) {
	dir, err := unpack()
	if err != nil {
		return nil, err
	}
	p, err := start(python(ctx, dir, script, args...), dir, threads)
	if err != nil {
		return nil, noPython(script, err)
	}
	return p, nil
}

// python is the command that runs a script of dir.
func python(ctx context.Context, dir, script string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, Python(), append([]string{"-u", filepath.Join(dir, script)}, args...)...)
}

// unpack writes the scripts to a new folder.
func unpack() (string, error) {
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return "", fmt.Errorf("bench: %w", err)
	}
	if err := os.CopyFS(dir, scripts); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("bench: %w", err)
	}
	return dir, nil
}

// runScript runs a script of this folder to its end and gives what it wrote to standard output.
func runScript(ctx context.Context, script string, threads int, args ...string) ([]byte, error) {
	dir, err := unpack()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cmd := python(ctx, dir, script, args...)
	cmd.Env = peerEnv(os.Environ(), threads)
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, noPython(script, lastWords(err))
}

// lastWords is the last line that a failed command wrote to standard error, or else err itself.
func lastWords(err error) error {
	var failed *exec.ExitError
	if errors.As(err, &failed) && len(failed.Stderr) > 0 {
		return errors.New(lastLine(string(failed.Stderr)))
	}
	return err
}

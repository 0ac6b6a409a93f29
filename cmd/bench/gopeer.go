package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// goPackage is this package; the folder gopeer beside its source is a module of its own, so that what it needs stays out of ours.
const goPackage = "github.com/fmkit/fmkit/cmd/bench"

// goBuilds are the ways to build the Go peer: for any processor, for one with fused multiply-add, and with its kernels for Go's experimental vector
// instructions.
var goBuilds = []struct{ name, set string }{{"plain Go", "GOAMD64=v1"}, {"GOAMD64=v3", "GOAMD64=v3"}, {"GOEXPERIMENT=simd", "GOEXPERIMENT=simd"}}

// goPrograms builds the Go peer from its source, which a checkout of this module has.
func (f *field) goPrograms(ctx context.Context, o InferOptions) ([]program, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", goPackage).Output()
	if err != nil {
		return nil, fmt.Errorf("%w: hugot: its source is found from a checkout of this module only: %w", ErrNoPeer, lastWords(err))
	}
	source := filepath.Join(strings.TrimSpace(string(out)), "gopeer")
	var all []program
	var failed error
	for _, b := range goBuilds {
		path := filepath.Join(f.dir, "gopeer-"+b.set)
		if err := goBuild(ctx, source, path, b.set); err != nil {
			fmt.Fprintf(o.Log, "hugot, %s: left out: %v\n", b.name, err)
			failed = err
			continue
		}
		all = append(all, program{name: b.name, start: func(ctx context.Context, threads int, s reading) (*Peer, error) {
			return f.startGo(ctx, path, threads, s)
		}})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: hugot: go build in %s: %w", ErrNoPeer, source, failed)
	}
	return all, ctx.Err()
}

// goBuild builds the program in source with one variable of the environment set.
func goBuild(ctx context.Context, source, path, set string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, ".")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", set)
	if _, err := cmd.Output(); err != nil {
		return lastWords(err)
	}
	return nil
}

func (f *field) startGo(ctx context.Context, path string, threads int, s reading) (*Peer, error) {
	dir, err := os.MkdirTemp("", "fm-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	p, err := start(exec.CommandContext(ctx, path, filepath.Join(f.onnx, "model.onnx"), f.dir, s.String()), dir, threads)
	if err != nil {
		return nil, fmt.Errorf("%w: hugot: %w", ErrNoPeer, err)
	}
	return p, nil
}

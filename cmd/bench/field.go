package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// A field is all that takes part in a comparison of inference.
type field struct {
	contenders []*contender
	compiled   *contender // torch.compile, beside torch; nil without it
	dir        string     // temporary: tokens and programs, and the model in ONNX unless it is kept
	onnx       string     // folder of the model in ONNX, empty where nobody reads it
	base       string
}

// newField makes everything that the peers need before the first is timed, so that one which can't run says so at once.
func newField(ctx context.Context, o InferOptions) (_ *field, err error) {
	f := &field{base: o.Base}
	if f.dir, err = os.MkdirTemp("", "fm-bench-"); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	defer func() {
		if err != nil {
			f.close()
		}
	}()
	if slices.Contains(o.Peers, "onnxruntime") || slices.Contains(o.Peers, "hugot") {
		if err := f.export(ctx, o); err != nil {
			return nil, err
		}
	}
	for _, name := range o.Peers {
		c := &contender{name: name}
		switch name {
		case "torch":
			c.programs = []program{f.python("peer_infer.py")}
			f.compiled = &contender{name: "torch.compile", programs: []program{f.python("peer_infer.py", "--compile")}}
		case "onnxruntime":
			c.programs = []program{f.python("peer_onnxruntime.py", "--models", f.onnx)}
		case "hugot":
			if c.programs, err = f.goPrograms(ctx, o); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("bench: peer: got %q, want torch, onnxruntime or hugot", name)
		}
		f.contenders = append(f.contenders, c)
	}
	return f, nil
}

// python is a program that runs a script of this folder.
func (f *field) python(script string, args ...string) program {
	return program{start: func(ctx context.Context, threads int, s reading) (*Peer, error) {
		all := append([]string{"--threads", strconv.Itoa(threads)}, args...)
		if f.base != "" {
			all = append(all, "--base", f.base, "--ids", f.dir)
		}
		return StartPeer(ctx, script, threads, append(all, s.String())...)
	}}
}

// export writes the base in ONNX, as it is and with its operators fused.
func (f *field) export(ctx context.Context, o InferOptions) error {
	if o.Base == "" {
		return fmt.Errorf("bench: onnxruntime and hugot read a model's folder: want a base")
	}
	if f.onnx = o.Keep; f.onnx == "" {
		f.onnx = f.dir
	}
	if err := os.MkdirAll(f.onnx, 0o755); err != nil {
		return fmt.Errorf("bench: keep: %w", err)
	}
	out, err := runScript(ctx, "peer_export.py", slices.Max(o.Threads), o.Base, f.onnx)
	if err != nil {
		return err
	}
	var made map[string]map[string]any // by file: fused operators, or why it can't be had
	if err := json.Unmarshal(out, &made); err != nil {
		return fmt.Errorf("bench: peer_export.py said %.100q: %w", out, err)
	}
	for _, name := range sorted(made) {
		fmt.Fprintf(o.Log, "%s: %v\n", filepath.Join(f.onnx, name), made[name])
	}
	return nil
}

// reader gives our side, and writes the tokens that the peers are to read.
func (f *field) reader() (*reader, error) {
	if f.base == "" {
		r, err := newReader()
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		return r, nil
	}
	r, err := loadReader(f.base)
	if err != nil {
		return nil, err
	}
	return r, r.writeIDs(f.dir)
}

// forget makes every contender try all of its ways again.
func (f *field) forget() {
	for _, c := range append(f.contenders[:len(f.contenders):len(f.contenders)], f.compiled) {
		if c != nil {
			c.ways = nil
		}
	}
}

func (f *field) close() { _ = os.RemoveAll(f.dir) }

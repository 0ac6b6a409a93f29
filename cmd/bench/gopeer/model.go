package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego" // the backend "go"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/onnx-gomlx/onnx/parser"
)

// A model reads one batch of tokens again and again.
type model struct {
	exec *context.Exec
	ids  *tensors.Tensor // [B, T]
	y    []float32       // [B, T, D] of the last run
}

// load reads a model in ONNX with one input of tokens and one output of vectors.
func load(path, config string, ids []int64, shape [2]int) (*model, error) {
	parsed, err := parser.ParseFile(path)
	if err != nil {
		return nil, err
	}
	backend, err := backends.NewWithConfig(config)
	if err != nil {
		return nil, err
	}
	variables := context.New().Reuse()
	if err := parsed.VariablesToContext(variables); err != nil {
		return nil, err
	}
	in, _ := parsed.Inputs()
	out, _ := parsed.Outputs()
	if len(in) != 1 || len(out) != 1 {
		return nil, fmt.Errorf("gopeer: %s: got inputs %q and outputs %q, want one of each", path, in, out)
	}
	exec, err := context.NewExec(backend, variables, func(ctx *context.Context, x *graph.Node) *graph.Node {
		return parsed.CallGraph(ctx, x.Graph(), map[string]*graph.Node{in[0]: x}, out[0])[0]
	})
	if err != nil {
		return nil, err
	}
	return &model{exec: exec, ids: tensors.FromFlatDataAndDimensions(ids, shape[0], shape[1])}, nil
}

// run sets y. The library panics where it doesn't know an operator.
func (m *model) run() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("gopeer: %v", v)
		}
	}()
	out, err := m.exec.Exec(m.ids)
	if err != nil {
		return err
	}
	if err := tensors.ConstFlatData(out[0], func(x []float32) { m.y = append(m.y[:0], x...) }); err != nil {
		return err
	}
	return out[0].FinalizeAll() // its buffer is used again
}

// readIDs reads the tokens of a shape.
func readIDs(path, name string) (ids []int64, shape [2]int, err error) {
	if _, err := fmt.Sscanf(name, "B%d T%d", &shape[0], &shape[1]); err != nil {
		return nil, shape, fmt.Errorf("gopeer: name: got %q, want B<batch> T<length>", name)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, shape, fmt.Errorf("gopeer: %w", err)
	}
	if len(raw) != 4*shape[0]*shape[1] {
		return nil, shape, fmt.Errorf("gopeer: %s: got %d bytes, want %d", path, len(raw), 4*shape[0]*shape[1])
	}
	for ; len(raw) > 0; raw = raw[4:] {
		ids = append(ids, int64(int32(binary.LittleEndian.Uint32(raw))))
	}
	return ids, shape, nil
}

// version names the library.
func version() string {
	gomlx := "of unknown version"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/gomlx/gomlx" {
				gomlx = d.Version
			}
		}
	}
	return "GoMLX " + gomlx + ", backend go (hugot's engine in pure Go)"
}

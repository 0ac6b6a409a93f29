package rl

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// Files of a model folder.
const (
	configFile  = "config.json"
	weightsFile = "model.safetensors"
	cardFile    = "README.md"
)

// Load reads the model folder dir.
func Load(dir string) (*Model, error) {
	m, err := LoadFS(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, dir)
	}
	m.Name = dir
	return m, nil
}

// LoadFS reads a model folder from the root of fsys, whose files must be able to read at an offset. The weights are model.safetensors or
// the shards of model.safetensors.index.json. Every tensor of the model must be there, in its shape, and no other.
func LoadFS(fsys fs.FS) (*Model, error) {
	raw, err := checkpoint.ReadRegular(fsys, configFile, maxConfigBytes)
	if err != nil {
		return nil, fmt.Errorf("rl: %w", err)
	}
	c, err := ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("rl: %w", err)
	}
	defer f.Close()
	if err := check(f, &c); err != nil {
		return nil, err
	}
	m, err := build(c)
	if err != nil {
		return nil, err
	}
	for _, p := range m.Params() {
		if err := f.Read(p.Name, p.Value); err != nil {
			return nil, fmt.Errorf("rl: %w", err)
		}
	}
	return m, nil
}

// check compares the file's header with the config before anything is allocated: all tensors are there in their shapes, and no other.
func check(f *checkpoint.Weights, c *Config) error {
	wanted := map[string][]int{}
	for _, t := range c.tensors() {
		wanted[t.name] = t.shape
	}
	var extra []string
	for _, name := range f.Names() {
		shape, ok := wanted[name]
		if !ok {
			extra = append(extra, name)
			continue
		}
		info, err := f.Info(name)
		if err != nil {
			return fmt.Errorf("rl: %w", err)
		}
		if !slices.Equal(info.Shape, shape) {
			return fmt.Errorf("rl: %s: %w: %s has %v, want %v", info.File, ErrShapeMismatch, name, info.Shape, shape)
		}
		delete(wanted, name)
	}
	if len(extra) > 0 {
		slices.Sort(extra)
		return fmt.Errorf("rl: %s: %w: the model has no place for %q", f.Name(), ErrTensors, extra[:min(len(extra), 5)])
	}
	for _, t := range c.tensors() {
		if _, missing := wanted[t.name]; missing {
			return fmt.Errorf("rl: %s: %w: %s", f.Name(), checkpoint.ErrMissingTensor, t.name)
		}
	}
	return nil
}

// IsModel says whether config.json at the root of fsys is that of a model of trajectories, whether or not it can be loaded.
func IsModel(fsys fs.FS) bool {
	raw, err := checkpoint.ReadRegular(fsys, configFile, maxConfigBytes)
	var c struct {
		ModelType string `json:"model_type"`
	}
	return err == nil && decodeConfig(raw, &c, true) == nil && c.ModelType == modelType
}

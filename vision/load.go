package vision

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/vision/picture"
)

// Files of a model folder.
const (
	configFile    = "config.json"
	weightsFile   = "model.safetensors"
	processorFile = "preprocessor_config.json"
	cardFile      = "README.md"
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
// the shards of model.safetensors.index.json. Every tensor of the model must be there, in its shape; of others only those of decoders, poolers and heads are
// passed over.
func LoadFS(fsys fs.FS) (*Model, error) {
	raw, err := readFile(fsys, configFile)
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	if raw, err = readFile(fsys, processorFile); err != nil {
		return nil, err
	}
	p, err := picture.ParseProcessor(raw)
	if err != nil {
		return nil, fmt.Errorf("vision: %s: %w", processorFile, err)
	}
	if err := fits(&c, &p); err != nil {
		return nil, err
	}
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	defer f.Close()
	w, err := newWeights(f)
	if err != nil {
		return nil, err
	}
	if err := w.check(&c); err != nil {
		return nil, err
	}
	m, err := build(c, p)
	if err != nil {
		return nil, err
	}
	if err := w.fill(m); err != nil {
		return nil, err
	}
	return m, nil
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	raw, err := checkpoint.ReadRegular(fsys, name, maxConfigBytes)
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
	}
	return raw, nil
}

// weights finds parameters in a file, whose names may go without the prefix.
type weights struct {
	file  *checkpoint.Weights
	names map[string]string // with the prefix to the file's
}

func newWeights(f *checkpoint.Weights) (*weights, error) {
	w := &weights{file: f, names: map[string]string{}}
	for _, name := range f.Names() {
		own := name
		if passedOver(strings.TrimPrefix(own, prefix)) {
			continue
		}
		if !strings.HasPrefix(own, prefix) {
			own = prefix + own
		}
		if other, twice := w.names[own]; twice {
			return nil, fmt.Errorf("vision: %s: %w: %q and %q are the same parameter", f.Name(), ErrTensors, other, name)
		}
		w.names[own] = name
	}
	return w, nil
}

// passedOver says whether a tensor may be in a file without a place in the encoder.
func passedOver(name string) bool {
	for _, p := range []string{"decoder.", "classifier.", "pooler.", "embeddings.mask_token"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// check compares the file's header with the config before anything is allocated: all tensors are there in their shapes, and no other.
func (w *weights) check(c *Config) error {
	wanted := map[string]bool{}
	for _, t := range c.tensors() {
		if err := w.expect(t); err != nil {
			return err
		}
		wanted[t.name] = true
	}
	var extra []string
	for own, name := range w.names {
		if !wanted[own] {
			extra = append(extra, name)
		}
	}
	if len(extra) > 0 {
		slices.Sort(extra)
		return fmt.Errorf("vision: %s: %w: the model has no place for %q", w.file.Name(), ErrTensors, extra[:min(len(extra), 5)])
	}
	return nil
}

// expect says whether a tensor is there, in the right shape.
func (w *weights) expect(t tensor) error {
	name, ok := w.names[t.name]
	if !ok {
		return fmt.Errorf("vision: %s: %w: %s", w.file.Name(), checkpoint.ErrMissingTensor, t.name)
	}
	info, err := w.file.Info(name)
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	if !slices.Equal(info.Shape, t.shape) {
		return fmt.Errorf("vision: %s: %w: %s has %v, want %v", info.File, ErrShapeMismatch, t.name, info.Shape, t.shape)
	}
	return nil
}

// fill reads every parameter that check has found.
func (w *weights) fill(m *Model) error {
	for _, p := range m.Params() {
		if err := w.file.Read(w.names[p.Name], p.Value); err != nil {
			return fmt.Errorf("vision: %w", err)
		}
	}
	return nil
}

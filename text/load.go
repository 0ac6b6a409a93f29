package text

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// Files of a model folder.
const (
	configFile    = "config.json"
	weightsFile   = "model.safetensors"
	tokenizerFile = "tokenizer.json"
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
// the shards of model.safetensors.index.json. Every tensor of the model must be
// there, in its shape; of others only those of BERT's pooler and pretraining heads are passed over.
func LoadFS(fsys fs.FS) (*Model, error) {
	raw, err := readFile(fsys, configFile, 4<<20)
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	if raw, err = readFile(fsys, tokenizerFile, tokenizer.MaxFileBytes); err != nil {
		return nil, err
	}
	tok, err := tokenizer.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	defer f.Close()
	w := newWeights(f)
	if err := w.check(&c); err != nil {
		return nil, err
	}
	m, err := build(c, tok)
	if err != nil {
		return nil, err
	}
	return m, w.fill(m.Params())
}

// Folder is the folder dir or, where dir is empty, the folder at path of a file system that is part of the program, whether it is there or not.
func Folder(dir string, embedded fs.FS, path string) fs.FS {
	if dir != "" {
		return os.DirFS(dir)
	}
	sub, err := fs.Sub(embedded, path)
	if err != nil { // not a path
		return embed.FS{}
	}
	return sub
}

// weights finds parameters in weight files under the names that different versions of transformers give them.
type weights struct {
	file  *checkpoint.Weights
	names map[string]string // our name to the file's
	extra []string          // names of neither the model nor a known head
}

func newWeights(f *checkpoint.Weights) *weights {
	w := &weights{file: f, names: map[string]string{}}
	for _, name := range f.Names() {
		own := strings.TrimSuffix(name, ".gamma")
		if own != name {
			own += ".weight"
		} else if own = strings.TrimSuffix(name, ".beta"); own != name {
			own += ".bias"
		}
		switch {
		case strings.HasPrefix(own, prefix):
		case strings.HasPrefix(own, "embeddings."), strings.HasPrefix(own, "encoder."), strings.HasPrefix(own, "pooler."):
			own = prefix + own
		}
		w.names[own] = name
	}
	return w
}

// passedOver says whether a tensor may be in the file without a place in the model.
func passedOver(own string) bool {
	for _, p := range []string{prefix + "pooler.dense.", "cls.predictions.", "cls.seq_relationship."} {
		if strings.HasPrefix(own, p) {
			return true
		}
	}
	return own == prefix+"embeddings.position_ids"
}

// check compares the file's header with the config before anything is allocated.
func (w *weights) check(c *Config) error {
	word := prefix + "embeddings.word_embeddings.weight"
	info, err := w.info(word)
	if err != nil {
		return err
	}
	if want := []int{c.VocabSize, c.Hidden}; !slices.Equal(info.Shape, want) {
		return fmt.Errorf("text: %s: %w: %s has %v, want %v (vocab_size, hidden_size)", info.File, ErrShapeMismatch, word, info.Shape, want)
	}
	var have int64
	for _, name := range w.names {
		info, err := w.file.Info(name)
		if err != nil {
			return fmt.Errorf("text: %w", err)
		}
		have += int64(info.Count)
	}
	if want := c.values(); have < want {
		return fmt.Errorf("text: %s: %w: it holds %d values, the config wants at least %d", w.file.Name(), ErrShapeMismatch, have, want)
	}
	return nil
}

func (w *weights) info(own string) (checkpoint.Info, error) {
	name, ok := w.names[own]
	if !ok {
		return checkpoint.Info{}, fmt.Errorf("text: %s: %w: %s", w.file.Name(), checkpoint.ErrMissingTensor, own)
	}
	info, err := w.file.Info(name)
	if err != nil {
		return info, fmt.Errorf("text: %w", err)
	}
	return info, nil
}

// fill reads every parameter, after checking all shapes and that nothing is left over.
func (w *weights) fill(params []*nn.Param) error {
	wanted := map[string]bool{}
	for _, p := range params {
		wanted[p.Name] = true
		info, err := w.info(p.Name)
		if err != nil {
			return err
		}
		if !slices.Equal(info.Shape, p.Shape) {
			return fmt.Errorf("text: %s: %w: %s has %v, want %v", info.File, ErrShapeMismatch, p.Name, info.Shape, p.Shape)
		}
	}
	for own, name := range w.names {
		if !wanted[own] && !passedOver(own) {
			w.extra = append(w.extra, name)
		}
	}
	if len(w.extra) > 0 {
		slices.Sort(w.extra)
		return fmt.Errorf("text: %s: %w: the model has no place for %q", w.file.Name(), ErrTensors, w.extra[:min(len(w.extra), 5)])
	}
	for _, p := range params {
		if err := w.file.Read(w.names[p.Name], p.Value); err != nil {
			return fmt.Errorf("text: %w", err)
		}
	}
	return nil
}

// readFile reads a regular file of at most limit bytes.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	if err := regular(fsys, name); err != nil {
		return nil, err
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("text: %s: %w", name, cause(err))
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("text: %s: %w", name, cause(err))
	}
	return raw, nil
}

// regular refuses what isn't a plain file before it is opened: opening a pipe would wait.
func regular(fsys fs.FS, name string) error {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return fmt.Errorf("text: %s: %w", name, cause(err))
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("text: %s: %w", name, checkpoint.ErrNotRegular)
	}
	return nil
}

// cause drops the folder from a file error.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

package text

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"slices"

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
// the shards of model.safetensors.index.json. Every tensor of the model must be there, in its shape; of others only those of poolers and heads are passed over.
func LoadFS(fsys fs.FS) (*Model, error) {
	raw, err := readFile(fsys, configFile, 4<<20)
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(raw)
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.LoadFS(fsys)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	f, err := checkpoint.OpenWeights(fsys)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	defer f.Close()
	fam, err := familyNamed(c.ModelType)
	if err != nil {
		return nil, err
	}
	w, err := newWeights(f, fam)
	if err != nil {
		return nil, err
	}
	if err := w.check(&c); err != nil {
		return nil, err
	}
	m, err := build(c, tok)
	if err != nil {
		return nil, err
	}
	if m.Sentence, err = loadSentence(fsys); err != nil {
		return nil, err
	}
	if err := w.fill(m.Params()); err != nil {
		return nil, err
	}
	m.Pooler, err = w.pooler(m.Width())
	return m, err
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

// weights finds parameters in a file under the names that the versions of transformers give them.
type weights struct {
	file   *checkpoint.Weights
	family *family
	names  map[string]string // the family's name to the file's
}

func newWeights(f *checkpoint.Weights, fam *family) (*weights, error) {
	w := &weights{file: f, family: fam, names: map[string]string{}}
	for _, name := range f.Names() {
		own := fam.own(name)
		if other, twice := w.names[own]; twice {
			return nil, fmt.Errorf("text: %s: %w: %q and %q are the same parameter", f.Name(), ErrTensors, other, name)
		}
		w.names[own] = name
	}
	return w, nil
}

// check compares the file's header with the config before anything is allocated.
func (w *weights) check(c *Config) error {
	word := w.family.wordEmbeddings()
	info, err := w.info(word)
	if err != nil {
		return err
	}
	width := c.Hidden
	if c.EmbeddingSize > 0 {
		width = c.EmbeddingSize
	}
	if want := []int{c.VocabSize, width}; !slices.Equal(info.Shape, want) {
		return fmt.Errorf("text: %s: %w: %s has %v, want %v (vocab_size, width)", info.File, ErrShapeMismatch, word, info.Shape, want)
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
		tensor, err := w.expect(p)
		if err != nil {
			return err
		}
		wanted[tensor] = true
	}
	var extra []string
	for own, name := range w.names {
		if !wanted[own] && !w.family.passedOver(own) {
			extra = append(extra, name)
		}
	}
	if len(extra) > 0 {
		slices.Sort(extra)
		return fmt.Errorf("text: %s: %w: the model has no place for %q", w.file.Name(), ErrTensors, extra[:min(len(extra), 5)])
	}
	for _, p := range params {
		if err := w.read(p); err != nil {
			return err
		}
	}
	return nil
}

// expect gives the tensor that holds a parameter, if it is there in the right shape.
func (w *weights) expect(p *nn.Param) (string, error) {
	tensor, _, parts := w.family.stored(p.Name)
	info, err := w.info(tensor)
	if err != nil {
		return "", err
	}
	want := slices.Clone(p.Shape)
	want[0] *= parts
	if !slices.Equal(info.Shape, want) {
		return "", fmt.Errorf("text: %s: %w: %s has %v, want %v", info.File, ErrShapeMismatch, tensor, info.Shape, want)
	}
	return tensor, nil
}

// read fills a parameter that expect has found.
func (w *weights) read(p *nn.Param) error {
	tensor, part, parts := w.family.stored(p.Name)
	to, n := p.Value, len(p.Value)
	if parts > 1 {
		to = make([]float32, parts*n)
	}
	if err := w.file.Read(w.names[tensor], to); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	if parts > 1 {
		copy(p.Value, to[part*n:])
	}
	return nil
}

// readFile reads a regular file of at most limit bytes, or one byte more.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	raw, err := checkpoint.ReadRegular(fsys, name, limit)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return raw, nil
}

package text

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// SaveOptions say how a model folder is written. The zero value gives float32 weights and a short card.
type SaveOptions struct {
	Card  string              // content of README.md
	Half  bool                // store float16; the weights read back are then the rounded ones, with another fingerprint
	Head  *Head               // a head to store with the model, in the form that transformers or sentence-transformers load
	Extra []checkpoint.Tensor // tensors beside the model's, such as those of the pretraining head (cls.*)
	Class string              // what transformers' class that reads Extra ends with, such as ForMaskedLM; empty: config.json's architectures stay
}

// Save makes or replaces the model folder dir, atomically.
func (m *Model) Save(dir string, o SaveOptions) error { return m.write(checkpoint.SaveFiles, dir, o) }

// SaveInto writes the files of the model into a folder that holds others too, such as a training run's: each file atomically,
// the weights last.
func (m *Model) SaveInto(dir string, o SaveOptions) error {
	return m.write(checkpoint.PutFiles, dir, o)
}

func (m *Model) write(put func(dir string, files []checkpoint.FolderFile) error, dir string, o SaveOptions) error {
	files, err := m.files(o)
	if err == nil {
		err = put(dir, files)
	}
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	return nil
}

// files are those of the model's folder, the weights last.
func (m *Model) files(o SaveOptions) ([]checkpoint.FolderFile, error) {
	if err := m.Encoder.Unchanged(); err != nil {
		return nil, err
	}
	c, sentence, head := m.Config, m.Sentence, &headExport{class: encoderOnly}
	if o.Head != nil {
		var err error
		if head, err = o.Head.export(m); err != nil {
			return nil, err
		}
		if head.modules != nil {
			sentence = &Sentence{Pooling: o.Head.Pooling, Normalize: o.Head.Normalize}
		}
	}
	if m.family.class != "" && (len(o.Extra) == 0 || o.Class != "") {
		c.Architectures = []string{m.family.class + cmp.Or(o.Class, head.class)}
	}
	config, err := c.JSON()
	if err != nil {
		return nil, err
	}
	if config, err = checkpoint.WithKeys(config, head.keys); err != nil {
		return nil, err
	}
	tok, err := m.Tokenizer.JSON()
	if err != nil {
		return nil, err
	}
	tokConfig, err := m.tokenizerConfig()
	if err != nil {
		return nil, err
	}
	if o.Card == "" {
		o.Card = fmt.Sprintf("# %s\n\nA text encoder of %d layers, %d wide, with a vocabulary of %d.\n", m.Config.ModelType, m.Config.Layers, m.Config.Hidden, m.Config.VocabSize)
	}
	tensors := append(append(m.family.stack(m.tensors()), head.tensors...), o.Extra...)
	if head.class == encoderOnly { // models with a head have no pooler, or it is the head's
		tensors = append(tensors, m.Pooler.tensors()...)
	}
	weights, err := checkpoint.ModelWeights(tensors, o.Half)
	if err != nil {
		return nil, err
	}
	files, err := sentence.files(m.Width(), head.modules)
	if err != nil {
		return nil, err
	}
	return append(append(files, head.files...), checkpoint.FolderFile{Name: configFile, Data: config}, checkpoint.FolderFile{Name: tokenizerFile, Data: tok},
		checkpoint.FolderFile{Name: tokenizerConfigFile, Data: tokConfig}, checkpoint.FolderFile{Name: cardFile, Data: []byte(o.Card)}, checkpoint.FolderFile{Name: weightsFile, Data: weights}), nil
}

// tokenizerConfig is what transformers' AutoTokenizer asks for beside tokenizer.json.
func (m *Model) tokenizerConfig() ([]byte, error) {
	r := m.Tokenizer.Roles()
	c := map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": m.Config.MaxPositions}
	for name, id := range map[string]int32{"pad_token": r.Pad, "unk_token": r.Unk, "cls_token": r.Cls, "sep_token": r.Sep, "mask_token": r.Mask} {
		if id >= 0 {
			c[name] = m.Tokenizer.Token(id)
		}
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	return append(raw, '\n'), err
}

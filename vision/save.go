package vision

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// SaveOptions say how a model folder is written. The zero value gives float32 weights and a short card.
type SaveOptions struct {
	Card  string              // content of README.md
	Half  bool                // store float16; the weights read back are then the rounded ones, with another fingerprint
	Extra []checkpoint.Tensor // tensors beside the model's, such as those of the decoder of pretraining (decoder.*)
	Keys  map[string]any      // beside the model's in config.json, such as the decoder's sizes
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
		return fmt.Errorf("vision: %w", err)
	}
	return nil
}

// files are those of the model's folder, the weights last.
func (m *Model) files(o SaveOptions) ([]checkpoint.FolderFile, error) {
	if err := m.Encoder.Unchanged(); err != nil {
		return nil, err
	}
	c := m.Config
	if len(o.Extra) == 0 { // the encoder alone
		c.Architectures = []string{"ViTModel"}
		if c.ModelType == modelMAE {
			c.Architectures = []string{"ViTMAEModel"}
		}
	}
	config, err := c.JSON()
	if err != nil {
		return nil, err
	}
	if config, err = checkpoint.WithKeys(config, o.Keys); err != nil {
		return nil, err
	}
	processor, err := m.Processor.JSON()
	if err != nil {
		return nil, err
	}
	if o.Card == "" {
		o.Card = fmt.Sprintf("# %s\n\nA vision encoder of %d layers, %d wide, for pictures of %d x %d pixels in patches of %d.\n",
			c.ModelType, c.Layers, c.Hidden, c.ImageSize, c.ImageSize, c.PatchSize)
	}
	weights, err := checkpoint.ModelWeights(append(m.Tensors(), o.Extra...), o.Half)
	if err != nil {
		return nil, err
	}
	return []checkpoint.FolderFile{{Name: configFile, Data: config}, {Name: processorFile, Data: processor}, {Name: cardFile, Data: []byte(o.Card)}, {Name: weightsFile, Data: weights}}, nil
}

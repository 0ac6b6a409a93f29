package vision

import (
	"bytes"
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// SaveOptions say how a model folder is written. The zero value gives float32 weights and a short card.
type SaveOptions struct {
	Card  string              // content of README.md
	Half  bool                // store float16; the weights read back are then the rounded ones, with another fingerprint
	Extra []checkpoint.Tensor // tensors beside the model's, such as those of the decoder of pretraining (decoder.*)
}

// Save makes or replaces the model folder dir, atomically.
func (m *Model) Save(dir string, o SaveOptions) error {
	err := checkpoint.Save(dir, func(d *checkpoint.Dir) error { return m.write(d.WriteFile, o) })
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	return nil
}

func (m *Model) write(put func(name string, data []byte) error, o SaveOptions) error {
	c := m.Config
	if len(o.Extra) == 0 { // the encoder alone
		c.Architectures = []string{"ViTModel"}
		if c.ModelType == modelMAE {
			c.Architectures = []string{"ViTMAEModel"}
		}
	}
	config, err := c.JSON()
	if err != nil {
		return err
	}
	processor, err := m.Processor.JSON()
	if err != nil {
		return err
	}
	if o.Card == "" {
		o.Card = fmt.Sprintf("# %s\n\nA vision encoder of %d layers, %d wide, for pictures of %d x %d pixels in patches of %d.\n",
			c.ModelType, c.Layers, c.Hidden, c.ImageSize, c.ImageSize, c.PatchSize)
	}
	tensors := append(m.tensors(), o.Extra...)
	if o.Half {
		for i := range tensors {
			tensors[i].DType = checkpoint.F16
		}
	}
	var weights bytes.Buffer
	if err := checkpoint.Write(&weights, tensors, map[string]string{"format": "pt"}); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{configFile, config}, {processorFile, processor}, {cardFile, []byte(o.Card)}, {weightsFile, weights.Bytes()}} {
		if err := put(f.name, f.data); err != nil {
			return err
		}
	}
	return nil
}

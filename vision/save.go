package vision

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"

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
func (m *Model) Save(dir string, o SaveOptions) error {
	err := checkpoint.Save(dir, func(d *checkpoint.Dir) error { return m.write(d.WriteFile, o) })
	if err != nil {
		return fmt.Errorf("vision: %w", err)
	}
	return nil
}

// SaveInto writes the files of the model into a folder that holds others too, such as a training run's: each file atomically,
// the weights last.
func (m *Model) SaveInto(dir string, o SaveOptions) error {
	put := func(name string, data []byte) error { return checkpoint.WriteFile(filepath.Join(dir, name), data) }
	if err := m.write(put, o); err != nil {
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
	if config, err = withKeys(config, o.Keys); err != nil {
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
	tensors := append(m.Tensors(), o.Extra...)
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

// withKeys adds keys to a JSON object.
func withKeys(raw []byte, keys map[string]any) ([]byte, error) {
	if len(keys) == 0 {
		return raw, nil
	}
	all := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	maps.Copy(all, keys)
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return append(raw, '\n'), nil
}

package rl

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// SaveOptions say how a model folder is written. The zero value gives float32 weights and a short card.
type SaveOptions struct {
	Card string // content of README.md
	Half bool   // store float16; the weights read back are then the rounded ones, with another fingerprint
}

// Save makes or replaces the model folder dir, atomically.
func (m *Model) Save(dir string, o SaveOptions) error { return m.write(checkpoint.SaveFiles, dir, o) }

// SaveInto writes the files of the model into a folder that holds others too, such as a training run's: each file atomically,
// the weights last.
func (m *Model) SaveInto(dir string, o SaveOptions) error {
	return m.write(checkpoint.PutFiles, dir, o)
}

func (m *Model) write(put func(dir string, files []checkpoint.FolderFile) error, dir string, o SaveOptions) error {
	config, err := m.Config.JSON()
	if err != nil {
		return err
	}
	if o.Card == "" {
		c := &m.Config
		o.Card = fmt.Sprintf("# %s\n\nA model of trajectories of %d environments: %d layers, %d wide, %d steps.\n", c.ModelType, len(c.Environments), c.Layers, c.Hidden, c.Context)
	}
	weights, err := checkpoint.ModelWeights(m.Tensors(), o.Half)
	if err == nil {
		err = put(dir, []checkpoint.FolderFile{{Name: configFile, Data: config}, {Name: cardFile, Data: []byte(o.Card)}, {Name: weightsFile, Data: weights}})
	}
	if err != nil {
		return fmt.Errorf("rl: %w", err)
	}
	return nil
}

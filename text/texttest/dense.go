package texttest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/text"
)

// Dense gives the vector that sentence-transformers gives a text from a folder with a dense module behind mean pooling and scaling to length 1.
func Dense(dir, in string) ([]float32, error) {
	m, err := text.Load(dir)
	if err != nil {
		return nil, err
	}
	e, err := text.NewEmbedder(m, text.EmbedConfig{Pooling: "mean", Normalize: true})
	if err != nil {
		return nil, err
	}
	x, err := e.Embed(context.Background(), []string{in})
	if err != nil {
		return nil, err
	}
	w, err := checkpoint.OpenWeights(os.DirFS(filepath.Join(dir, "3_Dense")))
	if err != nil {
		return nil, err
	}
	defer w.Close()
	info, err := w.Info("linear.bias")
	if err != nil {
		return nil, fmt.Errorf("texttest: %w", err)
	}
	y, weight := make([]float32, info.Count), make([]float32, int(info.Count)*len(x[0]))
	if err := w.Read("linear.bias", y); err != nil {
		return nil, fmt.Errorf("texttest: %w", err)
	}
	if err := w.Read("linear.weight", weight); err != nil {
		return nil, fmt.Errorf("texttest: %w", err)
	}
	for i := range y {
		for j, v := range x[0] {
			y[i] += float32(v * weight[i*len(x[0])+j])
		}
	}
	return y, nil
}

package checkpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// A FolderFile is a small file of a model folder.
type FolderFile struct {
	Name string
	Data []byte
}

// SaveFiles makes or replaces the folder dir with these files, atomically, as Save does.
func SaveFiles(dir string, files []FolderFile) error {
	return Save(dir, func(d *Dir) error { return put(d.WriteFile, files) })
}

// PutFiles writes files into a folder that holds others too, such as a training run's: each atomically, in their order.
func PutFiles(dir string, files []FolderFile) error {
	return put(func(name string, data []byte) error { return WriteFile(filepath.Join(dir, name), data) }, files)
}

func put(write func(name string, data []byte) error, files []FolderFile) error {
	for _, f := range files {
		if err := write(f.Name, f.Data); err != nil {
			return err
		}
	}
	return nil
}

// ModelWeights gives the content of a model.safetensors as transformers reads it: with half all tensors in float16, else each in its own type.
func ModelWeights(tensors []Tensor, half bool) ([]byte, error) {
	if half {
		tensors = slices.Clone(tensors)
		for i := range tensors {
			tensors[i].DType = F16
		}
	}
	var weights bytes.Buffer
	if err := Write(&weights, tensors, map[string]string{"format": "pt"}); err != nil {
		return nil, err
	}
	return weights.Bytes(), nil
}

// WithKeys adds keys to the JSON object of a config.json. Numbers keep their digits.
func WithKeys(raw []byte, keys map[string]any) ([]byte, error) {
	if len(keys) == 0 {
		return raw, nil
	}
	all := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("checkpoint: config: %w", err)
	}
	maps.Copy(all, keys)
	raw, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("checkpoint: config: %w", err)
	}
	return append(raw, '\n'), nil
}

// Package adaptertest changes adapter folders for tests.
package adaptertest

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/shared/adapter"
)

// Reseal gives the adapter folder dir the sums of what its passport and configuration say now, as somebody would who wants a change to go unnoticed. Weights and their
// digest stay as they are.
func Reseal(dir string) error {
	var p adapter.Passport
	var c adapter.Config
	passport := filepath.Join(dir, "fmkit.json")
	for path, v := range map[string]any{passport: &p, filepath.Join(dir, "adapter_config.json"): &c} {
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, v); err != nil {
			return err
		}
	}
	if err := p.Seal(c); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(&p, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(passport, append(raw, '\n'), 0o644)
}

// Package mini holds text/mini, a small English text encoder that learnt from a corpus alone, without a larger model. Its card is model/README.md. A
// program that imports this package has the model in it.
package mini

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/text"
)

//go:embed model
var files embed.FS

// FS is the model folder.
func FS() fs.FS { return text.Folder("", files, "model") }

// Load reads the model. Each call gives one of its own.
func Load() (*text.Model, error) {
	m, err := text.LoadFS(FS())
	if err != nil {
		return nil, fmt.Errorf("text/mini: %w", err)
	}
	m.Name = "text/mini"
	return m, nil
}

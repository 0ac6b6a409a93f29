// Package mini holds vision/mini, a small vision encoder that learnt from pictures of clothes without labels. Its card is model/README.md. A program that
// imports this package has the model in it.
package mini

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/vision"
)

//go:embed model
var files embed.FS

// FS is the model folder.
func FS() fs.FS {
	sub, err := fs.Sub(files, "model")
	if err != nil { // not a path
		return embed.FS{}
	}
	return sub
}

// Load reads the model. Each call gives one of its own.
func Load() (*vision.Model, error) {
	m, err := vision.LoadFS(FS())
	if err != nil {
		return nil, fmt.Errorf("vision/mini: %w", err)
	}
	m.Name = "vision/mini"
	return m, nil
}

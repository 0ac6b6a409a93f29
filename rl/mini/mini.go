// Package mini holds rl/mini, a small model of trajectories that learnt from recorded episodes of six environments. Its card is model/README.md. A program that
// imports this package has the model in it.
package mini

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/fmkit/fmkit/rl"
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
func Load() (*rl.Model, error) {
	m, err := rl.LoadFS(FS())
	if err != nil {
		return nil, fmt.Errorf("rl/mini: %w", err)
	}
	m.Name = "rl/mini"
	return m, nil
}

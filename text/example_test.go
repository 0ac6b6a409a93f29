package text_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

func ExampleNewEmbedder() {
	m, err := texttest.Model(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := text.NewEmbedder(m, text.EmbedConfig{Pooling: "mean", Normalize: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := e.Embed(context.Background(), []string{"one text", "another, longer text"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(v), len(v[0]))
	// Output:
	// 2 32
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	m, err := texttest.Model(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.Save(filepath.Join(dir, "toy"), text.SaveOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := text.Load(filepath.Join(dir, "toy"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(loaded.Config.ModelType, loaded.Fingerprint() == m.Fingerprint())
	// Output:
	// bert true
}

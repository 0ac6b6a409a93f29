package text_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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

func ExampleGenerator_Generate() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "toy")
	if err := texttest.Pretrained(dir, 1, "the", "cat", "sleeps"); err != nil {
		fmt.Println(err)
		return
	}
	m, err := text.Load(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := text.LoadHead(dir, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := text.NewGenerator(m, h)
	if err != nil {
		fmt.Println(err)
		return
	}
	c := text.GenerateConfig{Sampling: text.Sampling{Temperature: 0.8, TopK: 20, Seed: 7}, MaxTokens: 5}
	for token, err := range g.Generate(context.Background(), "the cat", c) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(strings.TrimSpace(fmt.Sprintf("%q %s", token.Piece, token.Finish))) // nobody has taught it to continue texts
	}
	// Output:
	// " r"
	// "c"
	// " w"
	// " i"
	// " sleeps" length
}

func ExampleGenerator_Complete() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	dir = filepath.Join(dir, "toy")
	if err := texttest.Pretrained(dir, 1); err != nil {
		fmt.Println(err)
		return
	}
	m, err := text.Load(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := text.LoadHead(dir, m)
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := text.NewGenerator(m, h)
	if err != nil {
		fmt.Println(err)
		return
	}
	all, err := g.Complete(context.Background(), []string{"one", "another"}, text.GenerateConfig{MaxTokens: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range all {
		fmt.Println(len(c.Tokens), c.Finish)
	}
	// Output:
	// 3 length
	// 3 length
}

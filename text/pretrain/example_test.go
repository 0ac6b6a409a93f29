package pretrain_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/pretrain"
)

// Pretrain on a file for a few steps, then load what came out.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "pretrain")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	corpus := filepath.Join(dir, "corpus.txt")
	if err := os.WriteFile(corpus, []byte(strings.Repeat("The farmer plants corn, and the sailor sails.\n", 500)), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	c, err := pretrain.Default("tiny")
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Model.VocabSize, c.Length, c.Batch, c.Train.Steps, c.Train.Warmup = 100, 32, 4, 5, 1
	out := filepath.Join(dir, "model")
	r, err := pretrain.Run(context.Background(), c, pretrain.Options{Data: []string{corpus}, Out: out})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := text.Load(out)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Steps, m.Config.Layers, m.Width())
	// Output:
	// 5 2 128
}

// Take steps over one micro-batch of a recipe, as a benchmark does.
func ExampleNewBench() {
	dir, err := os.MkdirTemp("", "pretrain")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	corpus := filepath.Join(dir, "corpus.txt")
	if err := os.WriteFile(corpus, []byte(strings.Repeat("The farmer plants corn, and the sailor sails.\n", 500)), 0o644); err != nil {
		fmt.Println(err)
		return
	}
	c, err := pretrain.Default("tiny")
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Model.VocabSize, c.Length, c.Batch, c.Masked, c.Causal = 100, 32, 4, nil, &pretrain.Causal{Share: 1}
	b, err := pretrain.NewBench(context.Background(), c, pretrain.Options{Data: []string{corpus}, Out: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Close()
	first, err := b.Step()
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := b.Step()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Batch().B, b.Batch().T, second < first)
	// Output:
	// 4 30 true
}

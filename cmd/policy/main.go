// Policy films an episode: policy [--adapter DIR] [--env ID] [--out FILE.gif]. Without an adapter it learns to balance a pole first, in some seconds.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"os"

	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl/env/raster"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "policy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("policy", flag.ContinueOnError)
	dir, id := flags.String("adapter", "", "policy without a base; empty: learn one"), flags.String("env", "CartPole-v1", "environment to learn")
	steps, file := flags.Int("steps", 30_000, "of learning"), flags.String("out", "episode.gif", "film to write")
	if err := errors.Join(flags.Parse(args), kernels.CheckPath()); err != nil {
		return err
	}
	p, err := policy.Load(*dir, nil)
	if *dir == "" {
		c := train.Default(train.Online, *id)
		c.Method, c.Steps, c.Episodes = adapter.Scratch, *steps, 0
		p, _, err = train.Adapt(ctx, nil, nil, c, train.Options{Log: out})
	}
	if err != nil {
		return err
	}
	var film []*image.RGBA
	got, err := policy.Film(ctx, p, 1, 200, func(m *image.RGBA) { film = append(film, m) })
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := raster.WriteGIF(&b, film, 4); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: return %.1f in %d steps, the first %d in %s\n", p.Settings().Environment.ID, got.Return, got.Length, len(film), *file)
	return checkpoint.WriteFile(*file, b.Bytes())
}

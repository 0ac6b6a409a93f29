package main

import (
	"bufio"
	"context"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// embedBatch is how many lines are read together.
const embedBatch = 32

// newEmbed turns lines into vectors.
func newEmbed(c *console) *cobra.Command {
	var baseName string
	var config text.EmbedConfig
	cmd := &cobra.Command{
		Use:   "embed --base MODEL",
		Short: "Lines of text, or with a vision base paths of pictures, in, one JSON list of numbers a line out",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base"); err != nil {
				return err
			}
			if err := oneOf("--pooling", config.Pooling, "mean", "cls", "max"); err != nil {
				return err
			}
			if config.MaxLength < 0 {
				return usagef("--length: got %d, want 0 or more", config.MaxLength)
			}
			b, err := findBase(cmd.Context(), c, baseName)
			if err != nil {
				return err
			}
			if b.vision() {
				return embedPictures(cmd.Context(), c, b, config)
			}
			base, err := b.load()
			if err != nil {
				return err
			}
			e, err := text.NewEmbedder(base, config)
			if err != nil {
				return err
			}
			return embedLines(cmd.Context(), c, e)
		},
	}
	cmd.Flags().StringVar(&baseName, "base", "", "model: "+baseUsage)
	cmd.Flags().StringVar(&config.Pooling, "pooling", "", "mean, cls or max, of pictures mean, over the patches, or cls; default what the folder's modules.json says, else mean")
	cmd.Flags().IntVar(&config.MaxLength, "length", 0, "most tokens of a line; default what the folder says, else as many as the model reads")
	cmd.Flags().BoolVar(&config.Normalize, "normalize", false, "scale vectors to length 1")
	return cmd
}

func embedLines(ctx context.Context, c *console, e *text.Embedder) error {
	out := bufio.NewWriter(c.out)
	var lines []string
	flush := func() error {
		vectors, err := e.Embed(ctx, lines)
		if err != nil {
			return err
		}
		for _, v := range vectors {
			if err := writeLine(out, v); err != nil {
				return err
			}
		}
		lines = lines[:0]
		return nil
	}
	err := eachLine(ctx, c.in, func(_ int, line []byte) error {
		if lines = append(lines, string(line)); len(lines) < embedBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return flushed(out, err)
}

// embedPictures is embedLines for paths of pictures, one at a time, so that a program may talk to it.
func embedPictures(ctx context.Context, c *console, b *base, config text.EmbedConfig) error {
	if config.MaxLength > 0 {
		return usagef("--length: %s reads pictures, want none", b.name)
	}
	m, err := b.loadVision()
	if err != nil {
		return err
	}
	e, err := vision.NewEmbedder(m, vision.EmbedConfig{Pooling: config.Pooling, Normalize: config.Normalize})
	if err != nil {
		return usageError{err}
	}
	out, v := bufio.NewWriter(c.out), make([]float32, e.Width())
	err = eachLine(ctx, c.in, func(n int, line []byte) error {
		p, err := picture.DecodeFile(string(line), picture.Limits{WebP: true})
		if err == nil {
			err = e.Embed(v, p)
		}
		if err != nil {
			return lineError(n, err)
		}
		if err := writeLine(out, v); err != nil {
			return err
		}
		return out.Flush()
	})
	return flushed(out, err)
}

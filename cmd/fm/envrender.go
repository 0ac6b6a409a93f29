package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fmkit/fmkit/rl/env"
	"github.com/fmkit/fmkit/rl/env/raster"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// Pictures of a film and of a strip, and the steps between them.
const (
	filmFrames, filmEvery   = 200, 1
	stripFrames, stripEvery = 8, 10
	filmPause               = 4 // hundredths of a second
	maxFrames               = 500
)

// A rendering is what fm env render did.
type rendering struct {
	Env      string  `json:"env"`
	Out      string  `json:"out"`
	Pictures int     `json:"pictures"`
	Steps    int     `json:"steps"`
	Return   float64 `json:"return"`
}

// newEnvRender draws an episode.
func newEnvRender(c *console) *cobra.Command {
	r := &rollout{}
	var out string
	var frames, every int
	cmd := &cobra.Command{
		Use: "render --env ID --out FILE.gif|FILE.png", Short: "Draw an episode as a film, or its moments side by side", Long: "Draws an episode.\n\n" + aboutOthers, Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "env", "out"); err != nil {
				return err
			}
			if frames < 0 || frames > maxFrames {
				return usagef("--frames: got %d, want at most %d", frames, maxFrames)
			}
			if every < 0 {
				return usagef("--every: got %d, want 0 or more", every)
			}
			write, err := writerOf(out, &frames, &every)
			if err != nil {
				return err
			}
			s := rendering{Env: r.env, Out: out}
			pictures, err := r.draw(cmd.Context(), &s, frames, every)
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := write(&b, pictures); err != nil {
				return err
			}
			if err := checkpoint.WriteFile(out, b.Bytes()); err != nil {
				return err
			}
			return c.answer(s, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d pictures of %d steps, return %.2f so far\n", out, s.Pictures, s.Steps, s.Return)
				return err
			})
		},
	}
	r.flags(cmd)
	cmd.Flags().StringVar(&out, "out", "", "file to write: .gif is a film, .png a strip")
	cmd.Flags().IntVar(&frames, "frames", 0, fmt.Sprintf("most pictures; 0: %d in a film, %d in a strip", filmFrames, stripFrames))
	cmd.Flags().IntVar(&every, "every", 0, fmt.Sprintf("steps between two pictures; 0: %d in a film, %d in a strip", filmEvery, stripEvery))
	return cmd
}

// writerOf gives the writer that a file's name asks for, and fills in its defaults.
func writerOf(out string, frames, every *int) (func(io.Writer, []*image.RGBA) error, error) {
	switch strings.ToLower(filepath.Ext(out)) {
	case ".gif":
		*frames, *every = cmp.Or(*frames, filmFrames), cmp.Or(*every, filmEvery)
		return func(w io.Writer, p []*image.RGBA) error { return raster.WriteGIF(w, p, filmPause) }, nil
	case ".png":
		*frames, *every = cmp.Or(*frames, stripFrames), cmp.Or(*every, stripEvery)
		return raster.WriteStrip, nil
	}
	return nil, usagef("--out: got %q, want a name that ends in .gif or .png", out)
}

// draw plays one episode and draws every so many steps of it, the first and, while there are pictures left, the last moment too.
func (r *rollout) draw(ctx context.Context, s *rendering, frames, every int) (_ []*image.RGBA, err error) {
	e, policy, err := r.start(ctx, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, shut(e)) }()
	show, ok := env.As[env.Renderer](e)
	if !ok {
		return nil, errors.New("env: it can't be drawn")
	}
	observation, action := make([]float32, e.ObservationSpace().Size()), make([]float32, e.ActionSpace().Size())
	if _, err := e.Reset(observation, r.seed, nil); err != nil {
		return nil, err
	}
	var pictures []*image.RGBA
	for done := false; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if done || s.Steps%every == 0 {
			m, err := show.Render()
			if err != nil {
				return nil, err
			}
			pictures = append(pictures, m)
		}
		if s.Pictures = len(pictures); done || s.Pictures == frames {
			return pictures, nil
		}
		policy(observation, action)
		o, err := e.Step(observation, action)
		if err != nil {
			return nil, err
		}
		s.Steps++
		s.Return += o.Reward
		done = o.Done()
	}
}

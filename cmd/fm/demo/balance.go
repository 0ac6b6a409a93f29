package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/policy"
	policytrain "github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl/env/raster"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// A Balance is what came of learning to balance a pole.
type Balance struct {
	Environment string  `json:"environment"`
	Steps       int     `json:"steps"`    // of the environment, to learn from
	Episodes    int     `json:"episodes"` // to score on
	Untrained   float64 `json:"untrained"`
	MeanReturn  float64 `json:"mean_return"`
	Film        string  `json:"film"` // an episode, as a GIF
}

// What is learnt on, how long, and how much of it is filmed.
const (
	pole         = "CartPole-v1"
	poleSteps    = 40_000
	poleEpisodes = 50
	filmed       = 100 // pictures
	filmDelay    = 4   // hundredths of a second
)

// balance learns to balance a pole by playing, from random weights, and films an episode.
func (o *Options) balance(ctx context.Context) (*Balance, error) {
	r := &Balance{Environment: pole, Steps: poleSteps, Episodes: poleEpisodes, Film: filepath.Join(o.Dir, "balance.gif")}
	c := policytrain.Default(policytrain.Online, pole)
	c.Method, c.Seed, c.Episodes = adapter.Scratch, o.Seed, poleEpisodes
	var p *policy.Policy
	for _, arm := range []struct {
		steps int
		score *float64
	}{{1, &r.Untrained}, {poleSteps, &r.MeanReturn}} {
		c.Steps = arm.steps
		trained, pass, err := policytrain.Adapt(ctx, nil, nil, c, policytrain.Options{})
		if err != nil {
			return nil, err
		}
		p, *arm.score = trained, pass.Metrics.Values["mean_return"]
	}
	var film []*image.RGBA
	if _, err := policy.Film(ctx, p, int64(o.Seed), filmed, func(m *image.RGBA) { film = append(film, m) }); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := raster.WriteGIF(&b, film, filmDelay); err != nil {
		return nil, fmt.Errorf("film: %w", err)
	}
	return r, checkpoint.WriteFile(r.Film, b.Bytes())
}

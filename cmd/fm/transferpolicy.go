package main

import (
	"context"
	"fmt"
	"io"

	policytrain "github.com/fmkit/fmkit/adapters/policy/train"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/transfer"
)

const policyTransferHelp = "policy clones what was done in episodes, those of --data or some that --expert plays in --env first; a label is an episode. The score is the mean return of --episodes more, " +
	"paired by seed, in which nobody falls back after a strange observation; settings are chosen on as many others. Scratch has the base's sizes, but the scales of the episodes that it learns from."

// expertSeed is that of the first episode that an expert plays: none that counts has one of those seeds.
const expertSeed = 50_000

// transferPolicy compares policies that are cloned from episodes.
func transferPolicy(ctx context.Context, c *console, b *base, f *transferFlags, o transfer.Options) (*transfer.Report, error) {
	grid, err := f.settings()
	if err != nil {
		return nil, err
	}
	m, err := b.loadTrajectories()
	if err != nil {
		return nil, err
	}
	from, err := f.source(ctx, c)
	if err != nil {
		return nil, err
	}
	if closer, ok := from.(io.Closer); ok {
		defer closer.Close()
	}
	id := from.Meta().Environment
	if f.env != "" && f.env != id {
		return nil, usagef("--env: got %s, the episodes are of %s", f.env, id)
	}
	create, err := f.elsewhere.of(ctx, id, false)
	if err != nil {
		return nil, err
	}
	recipe := policytrain.Default(policytrain.Clone, id)
	recipe.Cloning.Batch = f.batch
	return policytrain.Transfer(ctx, m, from, recipe, grid, policytrain.Scored{Episodes: f.episodes, New: create}, o)
}

// source gives the episodes to learn from: those of a folder, or what the expert plays.
func (f *transferFlags) source(ctx context.Context, c *console) (trajectory.Source, error) {
	switch {
	case (f.data == "") == (f.expert == ""):
		return nil, usagef("report transfer policy: want --data, or --expert to record episodes of")
	case f.data != "" && f.set.Changed("expert-episodes"):
		return nil, usagef("--expert-episodes goes with --expert")
	case f.data != "":
		s, err := openEpisodes(f.data)
		return s, badData(err)
	case f.env == "":
		return nil, usagef("report transfer policy: want --env with --expert")
	case f.recorded < 1 || f.recorded > maxEpisodes:
		return nil, usagef("--expert-episodes: got %d, want 1 to %d", f.recorded, maxEpisodes)
	case f.expert != policyScripted && !isPolicy(f.expert):
		return nil, usagef("--expert: got %q, want %s or the folder of a policy", f.expert, policyScripted)
	}
	r := &rollout{env: f.env, seed: expertSeed, episodes: f.recorded, policy: f.expert, elsewhere: f.elsewhere}
	defer r.close()
	about, plays, err := r.ready(ctx, c)
	if err != nil {
		return nil, err
	}
	all, s := &trajectory.Memory{About: about}, returns{}
	if err := r.record(ctx, about, plays, &s, all.Add); err != nil {
		return nil, err
	}
	if n := s.Faults.Total(); n > 0 {
		return nil, fmt.Errorf("report: the expert's environment failed in %d of %d episodes: %+v", n, f.recorded, s.Faults)
	}
	return all, nil
}

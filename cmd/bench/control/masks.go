package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/rl"
	"github.com/fmkit/fmkit/rl/pretrain"
	"github.com/fmkit/fmkit/rl/trajectory"
	"github.com/fmkit/fmkit/shared/checkpoint"
)

// masks compares one model that answers four questions by the choice of mask with models of the same size that learnt one question alone, in as many steps.
type masks struct {
	out, data    string
	seeds, steps int
	play         int
}

func (m *masks) flags(f *flag.FlagSet) {
	f.StringVar(&m.out, "out", "", "folder of results")
	f.StringVar(&m.data, "data", "", "folders of episodes, separated by commas, as cmd/bench/recipes/rl-mini.sh records them: of CartPole-v1, Pendulum-v1 and SortingCell-v0")
	f.IntVar(&m.seeds, "seeds", 3, "models of each kind")
	f.IntVar(&m.steps, "steps", 1500, "optimizer steps of 32 windows")
	f.IntVar(&m.play, "play", 10, "episodes that the policy of each environment plays")
}

// The kinds of models: one of all questions, and those of one alone. What is unusual is told by the mask of the next observation too.
const (
	ofAll     = "one model"
	ofPolicy  = "policy alone"
	ofForward = "forward alone"
	ofInverse = "inverse alone"
)

func kindNames() []string { return []string{ofAll, ofPolicy, ofForward, ofInverse} }

// recipe is the pretraining of a kind.
func (m *masks) recipe(kind string, seed int) (pretrain.Config, error) {
	c, err := pretrain.Default("tiny")
	if err != nil {
		return c, err
	}
	c.Model.Hidden, c.Model.Layers, c.Model.Heads, c.Model.Intermediate, c.Model.Context = 64, 2, 2, 128, 8
	c.Model = c.Model.Defaults()
	c.Batch, c.Train.Seed, c.Train.Steps, c.Train.Warmup, c.Train.EvalEvery, c.Train.SaveEvery = 32, uint64(seed), m.steps, m.steps/20, m.steps, m.steps
	c.Held, c.EvalMax, c.Alone = 0.01, 16, 0 // this program holds back its own; questions here are of windows
	if kind == ofAll {
		return c, nil
	}
	c.Causal = 0
	c.Masks = map[string]pretrain.Masks{ofPolicy: {Return: 1}, ofForward: {Forward: 1}, ofInverse: {Inverse: 1}}[kind]
	return c, nil
}

// heldSeed divides the episodes; a fifth of each source is scored on.
const (
	heldSeed  = 7
	heldShare = 0.2
)

// A maskResult is what a model came to in an environment, by question.
type maskResult struct {
	Kind        string             `json:"kind"`
	Environment string             `json:"environment"`
	Seed        int                `json:"seed"`
	Scores      map[string]float64 `json:"scores"`
}

// run trains and scores what has no result yet.
func (m *masks) run(ctx context.Context) error {
	if m.out == "" || m.data == "" || m.seeds < 1 || m.steps < 20 || m.play < 1 {
		return errors.New("--out and --data are wanted, at least one seed and one episode to play, and at least 20 steps")
	}
	var learn []trajectory.Source
	held := map[string][]trajectory.Source{}
	for dir := range strings.SplitSeq(m.data, ",") {
		s, err := trajectory.Open(dir)
		if err != nil {
			return err
		}
		defer s.Close()
		l, h := trajectory.Split(s, heldShare, heldSeed)
		id := s.Meta().Environment
		learn, held[id] = append(learn, l), append(held[id], h)
	}
	for seed := range m.seeds {
		for _, kind := range kindNames() {
			if err := m.one(ctx, kind, seed, learn, held); err != nil {
				return fmt.Errorf("%s, seed %d: %w", kind, seed, err)
			}
		}
	}
	return printMasks(os.Stdout, m.out)
}

// one trains a model and scores it in every environment, if that has not been done.
func (m *masks) one(ctx context.Context, kind string, seed int, learn []trajectory.Source, held map[string][]trajectory.Source) error {
	name := fmt.Sprintf("%s.%d", strings.ReplaceAll(kind, " ", "-"), seed)
	path, dir := filepath.Join(m.out, name+".json"), filepath.Join(m.out, "models", name)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); err != nil {
		c, err := m.recipe(kind, seed)
		if err != nil {
			return err
		}
		if _, err := pretrain.Run(ctx, c, pretrain.Options{Sources: learn, Out: dir, Resume: true, Log: os.Stderr}); err != nil {
			return err
		}
	}
	model, err := rl.Load(dir)
	if err != nil {
		return err
	}
	var all []maskResult
	for _, about := range model.Config.Environments {
		r := maskResult{Kind: kind, Environment: about.ID, Seed: seed}
		if r.Scores, err = m.score(ctx, model.Snapshot(), kind, about.ID, held[about.ID]); err != nil {
			return fmt.Errorf("%s: %w", about.ID, err)
		}
		all = append(all, r)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return checkpoint.WriteFile(path, raw)
}

// Package rerun trains a pretraining run again from the recipe in its folder, and compares the digests of the weights. What a run is made of is its modality's.
package rerun

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/strictjson"
	"github.com/fmkit/fmkit/shared/train"
)

// Options say whom a verification tells, where it may keep its files, and how much it trains.
type Options struct {
	Log      io.Writer
	Terminal bool
	Temp     string // folder for files; empty: the system's
	Last     int    // train at least this many last steps only, from a checkpoint that the run has kept; 0: all
}

// recipeFile is what package train writes into a run folder.
const recipeFile = "recipe.json"

// maxRecipe bounds it, in bytes: it lists the files of a corpus.
const maxRecipe = 64 << 20

// A Run is a run folder with its recipe, an R with the keys "task" and "config.train".
type Run[R any] struct {
	Recipe R

	dir  string
	loop train.Config // as the loop itself wrote it
}

// Read reads the recipe in dir, which must be of the given task.
func Read[R any](dir, task string) (*Run[R], error) {
	raw, err := os.ReadFile(filepath.Join(dir, recipeFile))
	if err != nil {
		return nil, fmt.Errorf("rerun: %w", err)
	}
	var named struct {
		Recipe struct {
			Task string `json:"task"`
		} `json:"recipe"`
	}
	if err := json.Unmarshal(raw, &named); err != nil {
		return nil, fmt.Errorf("rerun: %s: %w", recipeFile, err)
	}
	if named.Recipe.Task != task {
		return nil, fmt.Errorf("rerun: %s: task: got %q, want %q", recipeFile, named.Recipe.Task, task)
	}
	var r struct {
		Train  train.Config `json:"train"`
		Recipe R            `json:"recipe"`
	}
	if err := strictjson.Decode(raw, &r, strictjson.Limits{Bytes: maxRecipe}); err != nil {
		return nil, fmt.Errorf("rerun: %s: %w", recipeFile, err)
	}
	return &Run[R]{Recipe: r.Recipe, dir: dir, loop: r.Train}, nil
}

// A Part is what is trained again.
type Part struct {
	Train  train.Config // of all steps without the evaluations and checkpoints that decide nothing; of the last steps as the checkpoint has it
	Temp   string       // a folder for files, removed afterwards
	Out    string       // run folder to go on with; empty: none, all steps
	Resume bool
}

// Verify has again train by loop, the recipe's, and compares the digest that it gives with that of the weights in the folder. A recipe at odds with itself is
// adapter.ErrRecipe; what else it returns comes from again, which checks the data.
func (r *Run[R]) Verify(loop train.Config, o Options, again func(p Part) (digest string, steps int, err error)) (adapter.Verification, error) {
	if r.loop != loop {
		return adapter.Verification{}, fmt.Errorf("rerun: %s: %w: train and recipe.config.train differ: %+v, %+v", recipeFile, adapter.ErrRecipe, r.loop, loop)
	}
	tensors, _, err := checkpoint.ReadFile(filepath.Join(r.dir, "model.safetensors"))
	if err != nil {
		return adapter.Verification{}, fmt.Errorf("rerun: %w", err)
	}
	want := checkpoint.Digest(tensors)
	temp, err := os.MkdirTemp(o.Temp, "verify-*")
	if err != nil {
		return adapter.Verification{}, fmt.Errorf("rerun: %w", err)
	}
	defer os.RemoveAll(temp)
	p, from := Part{Train: loop, Temp: temp}, 0
	if o.Last > 0 { // the recipe has to stay the checkpoint's own
		p.Out, p.Resume = filepath.Join(temp, "run"), true
		if from, err = train.CopyCheckpoint(r.dir, p.Out, loop.Steps-o.Last); err != nil {
			return adapter.Verification{}, err
		}
	} else if p.Train.SaveEvery = 0; loop.Patience == 0 {
		p.Train.EvalEvery = 0 // evaluations decide nothing
	}
	began := time.Now()
	got, steps, err := again(p)
	if err != nil {
		return adapter.Verification{}, err
	}
	return adapter.Verification{Want: want, Got: got, Match: got == want, Steps: steps - from, Seconds: time.Since(began).Seconds()}, nil
}

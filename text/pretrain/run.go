package pretrain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// Options say what a run reads, where it goes and whom it tells.
type Options struct {
	Data      []string         // text files and folders
	Pairs     []string         // files of pairs for the contrastive objective: {"a", "b", "kind", "source"} a line
	Out       string           // run folder, which becomes the model folder
	Tokenizer string           // tokenizer.json to use; empty: one is trained
	Resume    bool             // go on with what Out holds
	Force     bool             // resume even though the recipe has changed
	Minutes   float64          // measure the rate first, and set the steps to what fits; 0: Config.Train.Steps
	FLOPs     float64          // set the steps to what this many floating-point operations allow; 0: Config.Train.Steps
	Log       io.Writer        // progress; nil: nobody
	Terminal  bool             // Log is a terminal
	Now       func() time.Time // clock; nil: time.Now
}

// A Result is what a run came to.
type Result struct {
	Steps           int     `json:"steps"`
	Loss            float64 `json:"loss"`
	EvalLoss        float64 `json:"eval_loss"`
	EvalAccuracy    float64 `json:"eval_accuracy"`
	UnigramLoss     float64 `json:"unigram_loss"`
	UnigramAccuracy float64 `json:"unigram_accuracy"`
	PerSecond       float64 `json:"per_second"` // steps
	Seconds         float64 `json:"seconds"`
	FLOPs           float64 `json:"flops"`  // floating-point operations of the training
	Digest          string  `json:"digest"` // of all weights, the head's too, as they are stored
}

// A recipe is everything that decides the weights; the run's recipe.json holds it beside the loop's own settings.
type recipe struct {
	Task      string          `json:"task"`
	Config    Config          `json:"config"`
	Data      []string        `json:"data"` // as given
	Files     []data.FileHash `json:"files"`
	Pairs     []data.FileHash `json:"pairs,omitempty"`
	Tokenizer *fileSum        `json:"tokenizer,omitempty"` // the one given
	Teacher   string          `json:"teacher,omitempty"`   // fingerprint of the model that is distilled
}

type fileSum struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// taskName marks the recipes of this package.
const taskName = "pretrain text"

// cacheDir holds tokenizer and token files inside the run folder.
const cacheDir = "data"

// Run pretrains a model. It returns train.ErrStopped when ctx ended, with the state saved in o.Out, to be resumed; and what
// reading the data or train.Run returns.
func Run(ctx context.Context, c Config, o Options) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, err
	}
	if o.Out == "" {
		return Result{}, fmt.Errorf("%w: no folder to write to", ErrConfig)
	}
	return run(ctx, c, o, filepath.Join(o.Out, cacheDir), nil)
}

// run is Run with the cache in a folder of its own, and a check of the recipe before anything is trained.
func run(ctx context.Context, c Config, o Options, cache string, check func(recipe) error) (Result, error) {
	rec := recipe{Task: taskName, Config: c, Data: o.Data}
	t, err := openTexts(o, c.Contrastive != nil)
	if err != nil {
		return Result{}, err
	}
	rec.Files, rec.Pairs = t.files, t.pairSums
	var teacher *text.Model
	if c.Distilled != nil {
		if teacher, err = text.Load(c.Distilled.Teacher); err != nil {
			return Result{}, fmt.Errorf("pretrain: teacher: %w", err)
		}
		rec.Teacher = teacher.Fingerprint()
	}
	var given *tokenizer.Tokenizer
	if o.Tokenizer != "" {
		if given, rec.Tokenizer, err = loadTokenizer(o.Tokenizer); err != nil {
			return Result{}, err
		}
	}
	if check != nil {
		if err := check(rec); err != nil {
			return Result{}, err
		}
	}
	// A run that may not start is refused before the text is read.
	if o.Out != "" {
		if err := train.Vacant(o.Out, o.Resume, "config.json", "model.safetensors", "tokenizer.json", "README.md"); err != nil {
			return Result{}, err
		}
	}
	co, task, err := open(ctx, c, o, cache, t, given, teacher)
	if err != nil {
		return Result{}, err
	}
	defer co.close()
	m := task.model
	perStep, err := task.stepFLOPs(ctx)
	if err != nil {
		return Result{}, err
	}
	if o.FLOPs > 0 {
		c.Train = c.Train.WithSteps(max(1, int(o.FLOPs/perStep)))
		rec.Config, task.steps = c, c.Train.Steps
	}
	loop := train.Options{Dir: o.Out, Resume: o.Resume, Force: o.Force, Title: "Pretraining on text", Log: o.Log, Terminal: o.Terminal, Now: o.Now}
	if o.Minutes > 0 {
		if c.Train, err = train.FitMinutes(ctx, c.Train, task, o.Minutes, loop); err != nil {
			return Result{}, err
		}
		rec.Config, task.steps = c, c.Train.Steps
	}
	loop.Recipe = rec
	got, err := train.Run(ctx, c.Train, task, loop)
	res := Result{
		Steps: got.Steps, Loss: got.Loss, EvalLoss: got.Eval["loss"], EvalAccuracy: got.Eval["accuracy"],
		UnigramLoss: got.Eval["unigram_loss"], UnigramAccuracy: got.Eval["unigram_accuracy"],
		PerSecond: got.PerSecond, Seconds: got.Seconds, FLOPs: float64(got.Steps) * perStep, Digest: got.Digest,
	}
	if !train.Finished(got, c.Train.Steps, err) {
		return res, err
	}
	unsaved := err
	if err := finish(ctx, c, task, co, &res); err != nil {
		return res, err
	}
	if o.Out == "" {
		return res, unsaved
	}
	extra := make([]checkpoint.Tensor, 0, 5)
	for _, p := range task.heads() {
		extra = append(extra, checkpoint.Tensor{Name: p.Name, Shape: p.Shape, Data: p.Value})
	}
	m.Config.Dropout, m.Config.AttentionDropout = c.Model.Dropout, c.Model.AttentionDropout
	m.Config.Objectives = c.predicts()
	err = m.SaveInto(o.Out, text.SaveOptions{Card: card(rec, t, co, res), Half: c.Half, Extra: extra, Class: class(c, m.Config.ModelType)})
	return res, errors.Join(unsaved, err)
}

// open prepares the text, the model and what it learns by. The caller closes the tokens.
func open(ctx context.Context, c Config, o Options, cache string, x *texts, given *tokenizer.Tokenizer, teacher *text.Model) (_ *tokens, _ *task, err error) {
	co, err := openTokens(ctx, c, cache, x, given)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, co.close())
		}
	}()
	config := c.Model
	config.VocabSize = 0 // as many as the tokenizer has
	if c.Dropout != nil {
		config.Dropout, config.AttentionDropout = *c.Dropout, *c.Dropout
	}
	m, err := text.New(config, co.tokenizer, c.Train.Seed)
	if err != nil {
		return nil, nil, err
	}
	m.Name = o.Out
	if c.CoOccurrence != nil {
		if err := c.CoOccurrence.start(m, co.train, c.Train.Seed); err != nil {
			return nil, nil, err
		}
	}
	t, err := newTask(&source{model: m, tokens: co, texts: x, config: c, teacher: teacher})
	return co, t, err
}

func loadTokenizer(path string) (*tokenizer.Tokenizer, *fileSum, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("pretrain: tokenizer: %w", err)
	}
	tok, err := tokenizer.Parse(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("pretrain: %s: %w", path, err)
	}
	sum := sha256.Sum256(raw)
	return tok, &fileSum{path, "sha256:" + hex.EncodeToString(sum[:])}, nil
}

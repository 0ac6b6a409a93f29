package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/classifier"
	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/tagger"
	tagtrain "github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/train"
	"github.com/fmkit/fmkit/text"
)

// Build trains the parts of an assistant on base, puts the adapter of d.QA, if any, beside them, and writes the folder o.Out. While it lasts the parts lie in o.Run, or o.Out
// with ".run" added; one that was stopped goes on with o.Resume. With o.NoScore nothing is scored at the end. The base is not changed. qaBase finds the base of d.QA; nil: base.
func Build(ctx context.Context, base *text.Model, qaBase assistant.Bases, d Data, c Config, o finetune.Options) (*assistant.Passport, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if o.Out == "" {
		return nil, errors.New("assistant: want a folder to write")
	}
	if o.Run == "" {
		o.Run = filepath.Clean(o.Out) + ".run"
	}
	if _, err := os.Stat(o.Run); err == nil && !o.Resume {
		return nil, fmt.Errorf("%w: %s: resume it or remove it", train.ErrRunExists, o.Run)
	}
	learn, set, score := split(d.Dialogues, c.Held, c.Seed)
	still, err := base.Clone()
	if err != nil {
		return nil, fmt.Errorf("assistant: %w", err)
	}
	still.Freeze()
	b := &builder{base: base, still: still, o: o, folders: map[string]fs.FS{}}
	if err := b.parts(ctx, learn, d.Passages, c); err != nil {
		return nil, err
	}
	if d.QA != "" {
		if err := b.points(ctx, d.QA, qaBase); err != nil {
			return nil, err
		}
	}
	settings := assistant.Settings{OutOfScope: c.OutOfScope, Fillers: c.Fillers, Needs: c.Needs, Answers: c.Answers}
	if settings.Thresholds, err = calibrate(ctx, b.made, set, c); err != nil {
		return nil, err
	}
	a, err := assistant.New(b.made, settings)
	if err != nil {
		return nil, err
	}
	p := assistant.Passport{Settings: settings, Data: d.Sources}
	if p.Recipe, err = json.Marshal(c); err != nil {
		return nil, fmt.Errorf("assistant: recipe: %w", err)
	}
	if len(score) > 0 && !o.NoScore {
		if p.Metrics, err = assistant.Evaluate(ctx, a, score); err != nil {
			return nil, err
		}
	}
	pass, err := assistant.Save(o.Out, b.folders, p)
	if err != nil {
		return nil, err
	}
	if err := checkpoint.DeleteIn(checkpoint.OS, o.Run); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("assistant: %w", err)
	}
	return pass, nil
}

// A builder holds the parts that are made so far.
type builder struct {
	base, still *text.Model // the base, and a frozen copy that the parts are loaded on
	o           finetune.Options
	made        assistant.Parts
	folders     map[string]fs.FS
}

// parts trains classifier and tagger and makes the index, as far as there is something to make them from.
func (b *builder) parts(ctx context.Context, learn []data.Dialogue, passages []data.Passage, c Config) (err error) {
	intents, slots := c.parts()
	dir, err := trained(ctx, b, assistant.Intents, classifytrain.Task(), labelled(learn), intents)
	if err != nil {
		return err
	}
	if b.made.Intents, err = classifier.Load(dir, b.still); err != nil {
		return err
	}
	if words := tagged(learn); len(words) > 0 {
		if dir, err = trained(ctx, b, assistant.Slots, tagtrain.Task(), words, slots); err != nil {
			return err
		}
		if b.made.Slots, err = tagger.Load(dir, b.still); err != nil {
			return err
		}
	}
	if len(passages) == 0 {
		return nil
	}
	x, err := search.New(b.still, c.Knowledge)
	if err != nil {
		return err
	}
	if err := x.Add(ctx, passages); err != nil {
		return err
	}
	dir = filepath.Join(b.o.Run, assistant.Knowledge)
	if _, err := x.Save(dir, nil); err != nil {
		return err
	}
	b.folders[assistant.Knowledge] = os.DirFS(dir)
	b.made.Knowledge, err = search.Load(dir, b.still)
	return err
}

// points loads an adapter that was made before.
func (b *builder) points(ctx context.Context, dir string, bases assistant.Bases) error {
	p, err := adapter.ReadPassport(dir)
	if err != nil {
		return err
	}
	on := b.still
	if p.Base.Fingerprint != b.still.Fingerprint() && bases != nil {
		if on, err = bases(ctx, p.Base); err != nil {
			return err
		}
	}
	b.folders[assistant.Points] = os.DirFS(dir)
	b.made.Points, err = qa.Load(dir, on)
	return err
}

// trained trains one part in a folder of its name in the run's, unless that is there already and is of the same recipe, data and base.
func trained[C, E any, P finetune.Predictor](ctx context.Context, b *builder, name string, t finetune.Task[*text.Model, C, E, P], examples []E, c C) (string, error) {
	dir := filepath.Join(b.o.Run, name)
	b.folders[name] = os.DirFS(dir)
	if b.o.Resume {
		if p, err := adapter.ReadPassport(dir); err == nil {
			same, err := isPart(p, b.still, examples, c)
			if same || err != nil {
				return dir, err
			}
			return "", fmt.Errorf("assistant: %s: %w", dir, train.ErrRecipe)
		}
	}
	o := finetune.Options{Out: dir, Run: dir + ".run", Log: b.o.Log, Terminal: b.o.Terminal, NoScore: true}
	if _, err := os.Stat(o.Run); err == nil {
		o.Resume = b.o.Resume
	}
	if _, err := t.Adapt(ctx, b.base, finetune.Data[E]{Train: examples}, c, o); err != nil {
		return "", fmt.Errorf("assistant: %s: %w", name, err)
	}
	return dir, nil
}

// isPart says whether an adapter is what training would make: of the same recipe, base and data.
func isPart[C, E any](p *adapter.Passport, base *text.Model, examples []E, c C) (bool, error) {
	recipe, err := json.Marshal(c)
	if err != nil {
		return false, fmt.Errorf("assistant: recipe: %w", err)
	}
	source, err := adapter.ValueSource("train", examples)
	if err != nil {
		return false, err
	}
	var was bytes.Buffer
	if err := json.Compact(&was, p.Recipe); err != nil {
		return false, fmt.Errorf("assistant: recipe: %w", err)
	}
	return bytes.Equal(was.Bytes(), recipe) && p.Base.Fingerprint == base.Fingerprint() && len(p.Data) == 1 && p.Data[0] == source, nil
}

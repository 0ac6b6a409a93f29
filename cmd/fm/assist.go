package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fmkit/fmkit/adapters/assistant"
	"github.com/fmkit/fmkit/adapters/assistant/baseline"
	assisttrain "github.com/fmkit/fmkit/adapters/assistant/train"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/text"
)

// assistFields are the fields of predict's lines for an assistant.
const assistFields = `  assist     {"message", "state"}     {"intent", "out_of_scope", "out_of_scope_score", "slots", "missing", "answer", "escalate", "why", "state"}
`

// isAssistant says whether the folder dir holds an assistant.
func isAssistant(dir string) bool { return assistant.IsAssistant(os.DirFS(dir)) }

// assistBases finds the bases of an assistant's parts: those that the parts name, unless baseName is set.
func assistBases(c *console, baseName string) assistant.Bases {
	return func(ctx context.Context, b adapter.Base) (*text.Model, error) {
		found, err := findBase(ctx, c, cmp.Or(baseName, b.Name))
		if err != nil {
			return nil, err
		}
		return found.load()
	}
}

// predictAssist answers lines of messages.
func predictAssist(ctx context.Context, c *console, dir, baseName string) error {
	a, err := assistant.Load(ctx, dir, assistBases(c, baseName))
	if err != nil {
		return err
	}
	return predictLines(ctx, c, a.PredictJSON)
}

// assist scores an assistant on dialogues, beside the cheap ways: BM25 over its own passages, and, with --train, intents and slots that they learn from there.
func (f *evalFlags) assist(ctx context.Context, c *console) error {
	if f.adapter == "" || f.data == "" || f.predictions != "" || f.baseline != "" {
		return usagef("eval %s: want --adapter and --data, and --train for intents and slots of the cheap ways", assistant.Task)
	}
	if !isAssistant(f.adapter) {
		return usagef("eval: %s is no assistant", f.adapter)
	}
	a, err := assistant.Load(ctx, f.adapter, assistBases(c, f.base))
	if err != nil {
		return err
	}
	dialogues, err := data.Collect(data.ReadDialogues(f.data))
	if err != nil {
		return badData(err)
	}
	var learn []data.Dialogue
	if f.train != "" {
		if learn, err = data.Collect(data.ReadDialogues(f.train)); err != nil {
			return badData(err)
		}
	}
	outcomes, err := a.Run(ctx, dialogues)
	if err != nil {
		return err
	}
	outside := a.Settings().OutOfScope
	s, err := assistant.Score(outcomes, outside)
	if err != nil {
		return err
	}
	cheap, names, err := cheapAssist(ctx, a, learn, dialogues)
	if err != nil {
		return err
	}
	if err := assistant.Compare(&s, outcomes, cheap, names, outside); err != nil {
		return err
	}
	return c.answer(s, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, s)
		return err
	})
}

// cheapAssist answers dialogues by the cheap ways, and says which of them there are.
func cheapAssist(ctx context.Context, a *assistant.Assistant, learn, dialogues []data.Dialogue) ([]assistant.Outcome, map[string]string, error) {
	var passages []data.Passage
	if x := a.Parts().Knowledge; x != nil {
		for i := range x.Len() {
			passages = append(passages, x.Passage(i))
		}
	}
	m, err := baseline.Fit(ctx, learn, passages, 1)
	if err != nil {
		return nil, nil, err
	}
	all, err := m.Run(dialogues)
	return all, m.Names(), err
}

// verifyAssist makes an assistant again and compares digests.
func verifyAssist(ctx context.Context, c *console, dir, baseName string) (adapter.Verification, error) {
	p, err := assistant.ReadPassport(os.DirFS(dir))
	if err != nil {
		return adapter.Verification{}, err
	}
	bases := assistBases(c, baseName)
	base, err := bases(ctx, p.Parts[0].Base)
	if err != nil {
		return adapter.Verification{}, err
	}
	return assisttrain.Verify(ctx, dir, base, bases, finetune.Options{Log: c.log, Terminal: c.terminal()})
}

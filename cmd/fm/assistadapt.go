package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fmkit/fmkit/adapters/assistant"
	assisttrain "github.com/fmkit/fmkit/adapters/assistant/train"
	"github.com/fmkit/fmkit/shared/finetune"
)

// assistFlags are the choices of adapt assist. Those of the recipe count only where they are set.
type assistFlags struct {
	base, out, config              string
	files                          assisttrain.Files
	outside                        string
	fillers, needs, answers        []string
	risk, alarms, answerRisk, held float64
	seed                           uint64
	intents, slots                 string
	steps                          int
	resume                         bool
	set                            *pflag.FlagSet
}

// newAdaptAssist makes an assistant.
func newAdaptAssist(c *console) *cobra.Command {
	f := &assistFlags{}
	cmd := &cobra.Command{
		Use: assistant.Task + " --base MODEL (--dialogues FILE | --intents FILE) --out DIR", Args: none,
		Short: "Answer support messages: intent, slots, out of scope, an answer from a knowledge base, and when a person should take over",
		Long: "Make an assistant: a classifier of intents, a tagger of slots and an index of passages, each from what there is for it, with thresholds set on dialogues that are held back.\n\n" +
			"  --dialogues  lines of {\"id\", \"turns\": [{\"text\", \"intent\", \"slots\": [{\"slot\", \"start\", \"end\"}], \"answers\": [passage ids]}]}, of which only text must be there\n" +
			"  --intents    text and label, each a dialogue of one turn;  --slots  tokens and tags, likewise;  --queries  query and ids of passages, likewise\n" +
			"  --knowledge  lines of {\"id\", \"text\"};  --qa  the folder of a qa adapter that points at the answer in a passage",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "base", "out"); err != nil {
				return err
			}
			return f.run(cmd, c)
		},
	}
	s := cmd.Flags()
	f.set = s
	s.StringVar(&f.base, "base", "", "base model: "+baseUsage)
	s.StringVar(&f.out, "out", "", "folder for the assistant, replaced if it holds one")
	s.StringVar(&f.files.Dialogues, "dialogues", "", "dialogues to learn from")
	s.StringVar(&f.files.Intents, "intents", "", "labelled messages to learn from")
	s.StringVar(&f.files.Slots, "slots", "", "tagged messages to learn from")
	s.StringVar(&f.files.Queries, "queries", "", "queries with the passages that answer them, to set the threshold of answers by")
	s.StringVar(&f.files.Knowledge, "knowledge", "", "passages to answer from")
	s.StringVar(&f.files.QA, "qa", "", "qa adapter to take along")
	s.StringVar(&f.config, "config", "", "recipe in JSON, as assistant.json has it; other flags win")
	s.StringVar(&f.outside, "out-of-scope", "", "label of messages that are nobody's business")
	s.StringSliceVar(&f.fillers, "fillers", nil, "labels of messages that only give values, such as contentonly")
	s.StringArrayVar(&f.needs, "needs", nil, "slots that an intent needs, INTENT=SLOT,SLOT; may be given several times")
	s.StringSliceVar(&f.answers, "answers", nil, "intents that must be answered from the knowledge base, or else a person answers")
	s.Float64Var(&f.risk, "risk", 0, "share of wrong intents among those acted on, default 0.05")
	s.Float64Var(&f.alarms, "false-alarms", 0, "share of messages in scope that may be called out of scope, default 0.02; 0: none is")
	s.Float64Var(&f.answerRisk, "answer-risk", 0, "share of wrong passages among those answered with, default 0.2")
	s.Float64Var(&f.held, "held-back", 0, "fraction of the dialogues held back, half for thresholds and half to score, default 0.2")
	s.Uint64Var(&f.seed, "seed", 1, "seed of everything random")
	s.StringVar(&f.intents, "intents-method", "", "how intents are learnt: a method of adapt classify")
	s.StringVar(&f.slots, "slots-method", "", "how slots are learnt: a method of adapt tag")
	s.IntVar(&f.steps, "steps", 0, "optimizer steps of each part that learns step by step")
	s.BoolVar(&f.resume, "resume", false, "go on with a stopped run")
	return cmd
}

// recipe is the default, then the file's, then the flags'.
func (f *assistFlags) recipe() (assisttrain.Config, error) {
	c := assisttrain.Defaults()
	if f.config != "" {
		raw, err := readBounded(f.config, 1<<20)
		if err != nil {
			return c, err
		}
		if c, err = assisttrain.Parse(raw); err != nil {
			return c, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	needs := map[string][]string{}
	for _, n := range f.needs {
		intent, slots, ok := strings.Cut(n, "=")
		if !ok || intent == "" || slots == "" || needs[intent] != nil {
			return c, usagef("--needs: got %q, want INTENT=SLOT,SLOT, each intent once", n)
		}
		needs[intent] = strings.Split(slots, ",")
	}
	for name, put := range map[string]func(){
		"out-of-scope": func() { c.OutOfScope = f.outside }, "fillers": func() { c.Fillers = f.fillers }, "needs": func() { c.Needs = needs }, "answers": func() { c.Answers = f.answers },
		"risk": func() { c.Risk = f.risk }, "false-alarms": func() { c.FalseAlarms = f.alarms }, "answer-risk": func() { c.AnswerRisk = f.answerRisk },
		"held-back": func() { c.Held = f.held }, "seed": func() { c.Seed = f.seed }, "intents-method": func() { c.Intents.Method = f.intents },
		"slots-method": func() { c.Slots.Method = f.slots }, "steps": func() { c.Intents.Steps, c.Slots.Steps = f.steps, f.steps },
	} {
		if f.set.Changed(name) {
			put()
		}
	}
	return c, c.Validate()
}

func (f *assistFlags) run(cmd *cobra.Command, c *console) error {
	if f.files.Dialogues == "" && f.files.Intents == "" {
		return usagef("adapt %s: want --dialogues or --intents to learn intents from", assistant.Task)
	}
	for _, path := range []string{f.files.Dialogues, f.files.Intents, f.files.Slots, f.files.Queries, f.files.Knowledge, f.files.QA, f.config} {
		if _, err := os.Stat(path); path != "" && err != nil {
			return usageError{err}
		}
	}
	recipe, err := f.recipe()
	if err != nil {
		return err
	}
	b, err := findBase(cmd.Context(), c, f.base)
	if err != nil {
		return err
	}
	m, err := b.load()
	if err != nil {
		return err
	}
	d, err := assisttrain.Read(f.files)
	if err != nil {
		return badData(err)
	}
	began := time.Now()
	p, err := assisttrain.Build(cmd.Context(), m, assistBases(c, ""), d, recipe, finetune.Options{Out: f.out, Resume: f.resume, Log: c.log, Terminal: c.terminal()})
	if err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	answer := map[string]any{
		"adapter": f.out, "task": p.Task, "digest": p.Digest, "seconds": seconds, "parts": p.Parts, "thresholds": p.Settings.Thresholds, "metrics": p.Metrics,
	}
	return c.answer(answer, func(w io.Writer) error {
		t := p.Settings.Thresholds
		_, err := fmt.Fprintf(w, "%s: %d parts, %.1f s, thresholds %.3f (intent), %.3f (out of scope), %.3f (answer)\n%s\n%s\n",
			f.out, len(p.Parts), seconds, t.Intent, t.OutOfScope, t.Answer, p.Metrics, p.Digest)
		return err
	})
}

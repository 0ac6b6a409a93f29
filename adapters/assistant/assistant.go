package assistant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fmkit/fmkit/adapters/classifier"
	"github.com/fmkit/fmkit/adapters/qa"
	"github.com/fmkit/fmkit/adapters/search"
	"github.com/fmkit/fmkit/adapters/tagger"
	"github.com/fmkit/fmkit/text"
)

// Task is what assistant.json says, and the last part of the address that serves it.
const Task = "assist"

// MaxMessage bounds a message, in bytes.
const MaxMessage = 16 << 10

// batch is how many rows are encoded at once.
const batch = 32

// ErrMessage means that a message can't be read; the error says why.
var ErrMessage = errors.New("assistant: message is not valid")

// Parts are what an Assistant is made of. All but Intents may be nil; Points goes with Knowledge.
type Parts struct {
	Intents   *classifier.Predictor
	Slots     *tagger.Predictor
	Knowledge *search.Index
	Points    *qa.Predictor // at the answer in the passage found
}

// An Assistant answers messages. It doesn't change and is safe for concurrent use.
type Assistant struct {
	parts    Parts
	settings Settings
	names    []string // of slots
	passport *Passport
}

// New makes an assistant of its parts. Settings that don't fit them are ErrSettings.
func New(p Parts, s Settings) (*Assistant, error) {
	switch {
	case p.Intents == nil:
		return nil, fmt.Errorf("%w: intents: want a classifier", ErrSettings)
	case p.Points != nil && p.Knowledge == nil:
		return nil, fmt.Errorf("%w: qa: want an index of passages, too", ErrSettings)
	case p.Knowledge != nil && p.Knowledge.Len() == 0:
		return nil, fmt.Errorf("%w: knowledge: the index has no passages", ErrSettings)
	}
	a := &Assistant{parts: p, settings: s}
	if p.Slots != nil {
		for _, l := range p.Slots.Labels() {
			if _, name, ok := strings.Cut(l, "-"); ok && !slices.Contains(a.names, name) {
				a.names = append(a.names, name)
			}
		}
		slices.Sort(a.names)
	}
	return a, s.validate(p.Intents.Labels(), a.names, p.Knowledge != nil)
}

// Settings are those that it was made with.
func (a *Assistant) Settings() Settings { return a.settings }

// Parts are those that it is made of.
func (a *Assistant) Parts() Parts { return a.parts }

// Slots lists the names of the slots, sorted.
func (a *Assistant) Slots() []string { return slices.Clone(a.names) }

// Passport says where the assistant comes from; nil for one that wasn't loaded.
func (a *Assistant) Passport() *Passport { return a.passport }

// Respond answers a message of the dialogue that has come to state, and gives the state after it; the one given stays as it is. The zero State begins a dialogue. Errors are
// ErrMessage, ErrState for a state that isn't one of this assistant's, and those of ctx.
func (a *Assistant) Respond(ctx context.Context, state State, message string) (Reply, State, error) {
	if err := a.Check(state); err != nil {
		return Reply{}, State{}, err
	}
	heard, err := a.Hear(ctx, []string{message})
	if err != nil {
		return Reply{}, State{}, err
	}
	return a.Reply(ctx, state, heard[0])
}

// Check returns ErrState for a state that isn't one of this assistant's.
func (a *Assistant) Check(s State) error {
	if err := s.validate(); err != nil {
		return err
	}
	if s.Intent != "" && (!slices.Contains(a.parts.Intents.Labels(), s.Intent) || s.Intent == a.settings.OutOfScope) {
		return fmt.Errorf("%w: %.80q is no intent of this assistant", ErrState, s.Intent)
	}
	for name := range s.Slots {
		if _, ok := slices.BinarySearch(a.names, name); !ok {
			return fmt.Errorf("%w: %.80q is no slot of this assistant", ErrState, name)
		}
	}
	return nil
}

// A Heard is what the parts make of a message by itself, whatever the dialogue.
type Heard struct {
	Message string
	Judgement
	Slots []Slot
	Best  *search.Hit // the passage nearest to the message; nil without a knowledge base

	vector []float32 // of the message
}

// Hear reads messages, those of many dialogues together. What is made of one doesn't depend on the others.
func (a *Assistant) Hear(ctx context.Context, messages []string) ([]Heard, error) {
	sentences := make([]*tagger.Sentence, len(messages))
	for i, m := range messages {
		if err := checkMessage(m); err != nil {
			return nil, err
		}
		if a.parts.Slots != nil {
			var err error
			if sentences[i], err = tagger.NewSentence(a.parts.Slots.Model(), m); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrMessage, err)
			}
		}
	}
	intents := a.parts.Intents.Begin(messages)
	readers := []text.Reader{intents}
	var slots *tagger.Reading
	if a.parts.Slots != nil {
		slots = a.parts.Slots.Begin(sentences)
		readers = append(readers, slots)
	}
	var vectors *text.Embedding
	if a.parts.Knowledge != nil {
		vectors = a.parts.Knowledge.Begin(messages)
		readers = append(readers, vectors)
	}
	for _, shared := range text.Together(readers) {
		if err := text.Read(ctx, shared, batch); err != nil {
			return nil, fmt.Errorf("assistant: %w", err)
		}
	}
	all := make([]Heard, len(messages))
	for i, m := range messages {
		all[i] = Heard{Message: m, Judgement: Judge(intents.Judged[i].Scores, a.settings.OutOfScope), Slots: []Slot{}}
	}
	if slots != nil {
		for i, found := range slots.Entities() {
			for _, e := range found {
				all[i].Slots = append(all[i].Slots, Slot{e.Group, messages[i][e.StartByte:e.EndByte], e.Score, e.Start, e.End, e.StartByte, e.EndByte})
			}
		}
	}
	if vectors != nil {
		hits, err := a.parts.Knowledge.Nearest(ctx, vectors.Vectors, 1)
		if err != nil {
			return nil, fmt.Errorf("assistant: %w", err)
		}
		for i := range all {
			all[i].Best, all[i].vector = &hits[i][0], vectors.Vectors[i]
		}
	}
	return all, nil
}

func checkMessage(m string) error {
	switch {
	case strings.TrimSpace(m) == "":
		return fmt.Errorf("%w: it is empty", ErrMessage)
	case len(m) > MaxMessage:
		return fmt.Errorf("%w: got %d bytes, want at most %d", ErrMessage, len(m), MaxMessage)
	case !utf8.ValidString(m):
		return fmt.Errorf("%w: it is not UTF-8", ErrMessage)
	}
	return nil
}

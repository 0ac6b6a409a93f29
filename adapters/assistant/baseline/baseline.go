// Package baseline has the cheap ways that an assistant's parts have to beat, none of which knows a pretrained model: TF-IDF with a linear SVM for intents, an averaged perceptron
// for slots, and BM25 for the knowledge base.
package baseline

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/adapters/assistant"
	intents "github.com/fmkit/fmkit/adapters/classifier/baseline"
	knowledge "github.com/fmkit/fmkit/adapters/search/baseline"
	slots "github.com/fmkit/fmkit/adapters/tagger/baseline"
	"github.com/fmkit/fmkit/shared/data"
)

// A Model is what the cheap ways have learnt. Any of its parts may be missing.
type Model struct {
	intents   *intents.Model
	slots     *slots.Model
	knowledge *knowledge.BM25
}

// Fit learns intents and slots from dialogues, as far as they are known and there is anything to tell apart, and indexes passages.
func Fit(ctx context.Context, dialogues []data.Dialogue, passages []data.Passage, seed uint64) (*Model, error) {
	m := &Model{}
	var texts, labels []string
	var tagged []data.Tagged
	kinds := map[string]bool{}
	for _, d := range dialogues {
		for _, t := range d.Turns {
			if t.Intent != "" {
				texts, labels = append(texts, t.Text), append(labels, t.Intent)
				kinds[t.Intent] = true
			}
			if t.Slots != nil {
				if words := t.Tagged(); len(words.Tokens) > 0 {
					tagged = append(tagged, words)
				}
			}
		}
	}
	var err error
	if len(kinds) > 1 {
		if m.intents, err = intents.Fit(texts, labels, intents.Options{Seed: seed}); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
	}
	if len(tagged) > 0 {
		if m.slots, err = slots.Fit(ctx, tagged, slots.Options{Seed: seed}); err != nil {
			return nil, fmt.Errorf("baseline: %w", err)
		}
	}
	if len(passages) > 0 {
		m.knowledge = knowledge.New(passages)
	}
	return m, nil
}

// Names are what assistant.Compare calls the ways that there are, by the scores that they have.
func (m *Model) Names() map[string]string {
	names := map[string]string{}
	if m.intents != nil {
		names["accuracy"] = "tfidf"
	}
	if m.slots != nil {
		names["slot_f1"] = "perceptron"
	}
	if m.knowledge != nil {
		names["recall@1"] = "bm25"
	}
	return names
}

// Run answers dialogues, turn by turn and without escalation.
func (m *Model) Run(dialogues []data.Dialogue) ([]assistant.Outcome, error) {
	var all []assistant.Outcome
	for i, d := range dialogues {
		for _, t := range d.Turns {
			o := assistant.Outcome{Dialogue: i, Known: t}
			if m.intents != nil {
				o.Intent, _ = m.intents.Predict(t.Text)
			}
			if m.slots != nil && t.Slots != nil {
				if words := t.Tagged(); len(words.Tokens) > 0 {
					counts, err := assistant.CountSlots([]data.Tagged{words}, [][]string{m.slots.Tag(words.Tokens)})
					if err != nil {
						return nil, err
					}
					o.Slots = counts[0]
				}
			}
			if m.knowledge != nil {
				if hits := m.knowledge.Search(t.Text, 1); len(hits) > 0 {
					o.Passage = hits[0].ID
				}
			}
			all = append(all, o)
		}
	}
	return all, nil
}

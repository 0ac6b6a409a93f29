package train

import (
	"errors"
	"fmt"

	classifytrain "github.com/fmkit/fmkit/adapters/classifier/train"
	"github.com/fmkit/fmkit/adapters/search"
	tagtrain "github.com/fmkit/fmkit/adapters/tagger/train"
	"github.com/fmkit/fmkit/shared/finetune"
	"github.com/fmkit/fmkit/shared/strictjson"
)

// ErrFewTurns means that too few turns are held back for a rate.
var ErrFewTurns = errors.New("assistant: too few turns held back")

// A Config is the whole recipe of an assistant.
type Config struct {
	Intents   classifytrain.Config `json:"intents"`
	Slots     tagtrain.Config      `json:"slots"`
	Knowledge search.Settings      `json:"knowledge"`

	OutOfScope string              `json:"out_of_scope,omitempty"` // as assistant.Settings has these four
	Fillers    []string            `json:"fillers,omitempty"`
	Needs      map[string][]string `json:"needs,omitempty"`
	Answers    []string            `json:"answers,omitempty"`

	Held        float64 `json:"held"`         // fraction of the dialogues held back: half of them for the thresholds, half to score
	Risk        float64 `json:"risk"`         // share of wrong intents among those acted on
	FalseAlarms float64 `json:"false_alarms"` // share of turns in scope that may be called out of scope; 0: nothing is
	AnswerRisk  float64 `json:"answer_risk"`  // share of wrong passages among those answered with, where turns say which passages answer them
	Seed        uint64  `json:"seed"`
}

// Defaults returns the recipe used where the caller has no other: the parts' own, a fifth held back, one in twenty intents wrong, one in fifty false alarms, and one
// in five answers wrong.
func Defaults() Config {
	return Config{Intents: classifytrain.Defaults(), Slots: tagtrain.Defaults(), Held: 0.2, Risk: 0.05, FalseAlarms: 0.02, AnswerRisk: 0.2, Seed: 1}
}

// Parse reads a recipe over the defaults. Unknown keys are refused.
func Parse(raw []byte) (Config, error) {
	c := Defaults()
	if err := strictjson.Decode(raw, &c, strictjson.Limits{}); err != nil {
		return c, fmt.Errorf("%w: %w", finetune.ErrConfig, err)
	}
	return c, c.Validate()
}

// Validate returns a finetune.ErrConfig that names the first field out of range.
func (c *Config) Validate() error {
	if err := classifytrain.Task().Validate(&c.Intents); err != nil {
		return fmt.Errorf("intents: %w", err)
	}
	if err := tagtrain.Task().Validate(&c.Slots); err != nil {
		return fmt.Errorf("slots: %w", err)
	}
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"held", c.Held, 0.01, 0.9},
		{"risk", c.Risk, 0, 1},
		{"false_alarms", c.FalseAlarms, 0, 1},
		{"answer_risk", c.AnswerRisk, 0, 1},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("%w: %s: got %v, want %v to %v", finetune.ErrConfig, f.name, f.got, f.low, f.high)
		}
	}
	return nil
}

// parts gives the recipes of the parts as they are used: with the assistant's seed, on all that they are given.
func (c *Config) parts() (classifytrain.Config, tagtrain.Config) {
	intents, slots := c.Intents, c.Slots
	intents.Seed, slots.Seed = c.Seed, c.Seed
	intents.Held, slots.Held = 0, 0
	return intents, slots
}

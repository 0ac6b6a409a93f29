package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/adapters/policy"
	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/text"
)

const fanOutLong = `Several adapters, --adapter NAME=DIR each, answer every line with {"id", "answers": {NAME: ...}, "shared": [[NAME, ...], ...]}. An adapter gets those fields of a line that its task
has. Adapters that leave their base's weights as they are (--method head) and read the same tokens share one pass of the encoder: "shared" lists them. Every answer is
the one that the adapter gives alone, to the bit. Inspectors and policies answer alone.`

// fanOutBatch is how many rows are read at once.
const fanOutBatch = 16

// A fanOut is several adapters that answer each line.
type fanOut struct {
	arms []arm // in the order of the flags
}

// An arm is one of them.
type arm struct {
	name string
	task task
	loaded
}

// named says whether adapters are given by names. One that is a folder as it stands isn't.
func named(adapters []string) bool {
	if len(adapters) > 1 {
		return true
	}
	_, err := os.Stat(adapters[0])
	return err != nil && strings.Contains(adapters[0], "=")
}

// newFanOut loads adapters given as NAME=DIR. Bases are loaded once, and frozen.
func newFanOut(ctx context.Context, c *console, adapters []string, baseName string) (*fanOut, error) {
	f := &fanOut{}
	bases := map[string]*base{}
	for _, a := range adapters {
		name, dir, ok := strings.Cut(a, "=")
		if !ok || name == "" || dir == "" {
			return nil, usagef("predict: --adapter: got %q among several, want NAME=DIR", a)
		}
		if slices.ContainsFunc(f.arms, func(a arm) bool { return a.name == name }) {
			return nil, usagef("predict: --adapter: the name %q occurs twice", name)
		}
		p, err := adapter.ReadPassport(dir)
		if err != nil {
			return nil, inputError{err}
		}
		if p.Task == inspector.Task || p.Task == policy.Task {
			return nil, usagef("predict: --adapter %s: an adapter for %s answers alone, as --adapter %s", a, p.Task, dir)
		}
		t, b, err := openAdapter(ctx, c, dir, baseName)
		if err != nil {
			return nil, err
		}
		if bases[b.name] == nil {
			b.frozen, b.keep = true, true
			bases[b.name] = b
		}
		l, err := t.load(dir, bases[b.name])
		if err != nil {
			return nil, fmt.Errorf("predict: --adapter %s: %w", a, err)
		}
		f.arms = append(f.arms, arm{name, t, l})
	}
	return f, nil
}

// A fanOutAnswer is what a line gets.
type fanOutAnswer struct {
	ID      string         `json:"id,omitempty"`
	Answers map[string]any `json:"answers"`
	Shared  [][]string     `json:"shared"` // names of adapters that shared an encoder pass
}

// predict answers one JSON line by every adapter.
func (f *fanOut) predict(ctx context.Context, line []byte) (any, error) {
	var fields map[string]json.RawMessage
	if err := adapter.ParseLine(line, &fields); err != nil {
		return nil, err
	}
	out := fanOutAnswer{Answers: map[string]any{}, Shared: [][]string{}}
	if raw, ok := fields["id"]; ok {
		if err := json.Unmarshal(raw, &out.ID); err != nil {
			return nil, fmt.Errorf("id: %w", err)
		}
		delete(fields, "id")
	}
	for key := range fields {
		if !slices.ContainsFunc(f.arms, func(a arm) bool { return slices.Contains(a.task.fields, key) }) {
			return nil, fmt.Errorf("unknown key %.100q", key)
		}
	}
	var questions []*text.Question
	var asked []string
	for _, a := range f.arms {
		own, err := a.line(fields)
		if err != nil {
			return nil, err
		}
		if a.begin == nil {
			if out.Answers[a.name], err = a.loaded.predict(ctx, own); err != nil {
				return nil, fmt.Errorf("%s: %w", a.name, err)
			}
			continue
		}
		q, err := a.begin(own)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
		questions, asked = append(questions, q), append(asked, a.name)
	}
	answers, shared, err := text.AskTogether(ctx, questions, fanOutBatch)
	if err != nil {
		return nil, err
	}
	for i, answer := range answers {
		out.Answers[asked[i]] = answer
	}
	for _, group := range shared {
		var names []string
		for _, i := range group {
			names = append(names, asked[i])
		}
		out.Shared = append(out.Shared, names)
	}
	return out, nil
}

// line has those of a line's fields that are for this adapter.
func (a *arm) line(fields map[string]json.RawMessage) ([]byte, error) {
	own := map[string]json.RawMessage{}
	for _, key := range a.task.fields {
		if raw, ok := fields[key]; ok {
			own[key] = raw
		}
	}
	return json.Marshal(own)
}

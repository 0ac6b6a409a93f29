package assistant

import (
	"context"
	"encoding/json"

	"github.com/fmkit/fmkit/shared/adapter"
)

// A Line is a message to answer as JSON has it. No state begins a dialogue.
type Line struct {
	ID      string          `json:"id"`
	Message string          `json:"message"`
	State   json.RawMessage `json:"state"`
}

// PredictJSON answers one line {"message", "state", "id"}, state and id optional, with the fields of Reply and "state", that after the message.
func (a *Assistant) PredictJSON(ctx context.Context, line []byte) (any, error) {
	var in Line
	if err := adapter.ParseLine(line, &in); err != nil {
		return nil, err
	}
	return a.Line(ctx, in)
}

// Line is PredictJSON of a line that was read.
func (a *Assistant) Line(ctx context.Context, in Line) (any, error) {
	if in.Message == "" {
		return nil, adapter.Missing("message")
	}
	var state State
	if len(in.State) > 0 && string(in.State) != "null" {
		var err error
		if state, err = ParseState(in.State); err != nil {
			return nil, err
		}
	}
	r, next, err := a.Respond(ctx, state, in.Message)
	if err != nil {
		return nil, err
	}
	return struct {
		ID string `json:"id,omitempty"`
		Reply
		State State `json:"state"`
	}{in.ID, r, next}, nil
}

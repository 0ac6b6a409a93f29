package policy

import "github.com/fmkit/fmkit/shared/nn"

// A Head maps the features of an observation [B, D] to a distribution over actions and to a value: the expected discounted return.
type Head struct {
	Action       *nn.Linear // [A, D]
	LogDeviation *nn.Param  // [A] of vectors; nil for whole numbers
	Value        *nn.Linear // [1, D]
}

// actionScale makes the first policy nearly even.
const actionScale = 0.1

// NewHead returns a head for features of width d, with initial values by seed.
func NewHead(a Actions, d int, seed uint64) *Head {
	h := &Head{Action: nn.NewLinear("action_head", d, a.Outputs()), Value: nn.NewLinear("value_head", d, 1)}
	if !a.Discrete() {
		h.LogDeviation = nn.NewParam("action_head.log_deviation", a.Outputs())
	}
	for _, p := range h.Params() {
		p.Init(seed)
	}
	for i := range h.Action.W.Value {
		h.Action.W.Value[i] *= actionScale
	}
	return h
}

// Params are those of actions, then those of the value.
func (h *Head) Params() []*nn.Param {
	params := h.Action.Params()
	if h.LogDeviation != nil {
		params = append(params, h.LogDeviation)
	}
	return append(params, h.Value.Params()...)
}

// LogDeviations are the values of LogDeviation, nil for whole numbers.
func (h *Head) LogDeviations() []float32 {
	if h.LogDeviation == nil {
		return nil
	}
	return h.LogDeviation.Value
}

// clone copies the values.
func (h *Head) clone() *Head {
	c := &Head{Action: nn.NewLinear("action_head", h.Action.In(), h.Action.Out()), Value: nn.NewLinear("value_head", h.Value.In(), 1)}
	if h.LogDeviation != nil {
		c.LogDeviation = nn.NewParam(h.LogDeviation.Name, h.LogDeviation.Shape...)
	}
	from := h.Params()
	for i, p := range c.Params() {
		copy(p.Value, from[i].Value)
	}
	return c
}

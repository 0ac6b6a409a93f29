package rl

import "github.com/fmkit/fmkit/shared/nn"

// projections are what an environment has of its own in a model: from its numbers to vectors and back.
type projections struct {
	about *Environment

	embedReturn *nn.Linear // [D, 1]
	embedPatch  *nn.Linear // [E, C P P] of pictures, else nil
	embedState  *nn.Linear // [D, O], or [D, N E]
	embedAction *nn.Linear // [D, ActionInputs]

	predictReturn *nn.Linear // [1, D]
	predictState  *nn.Linear // [Targets, D]
	predictAction *nn.Linear // [ActionInputs, D]
}

// patchWidth is E, what a picture's patch becomes before the whole picture becomes one vector.
const patchWidth = 16

// inputs is what the projection of an observation reads: O, or N E of a picture.
func (e *Environment) inputs() int {
	if e.Patch != 0 {
		return e.patches() * patchWidth
	}
	return e.Size()
}

// patchSize is C P P.
func (e *Environment) patchSize() int { return e.Observation[2] * e.Patch * e.Patch }

// environmentPrefix stands before the names of an environment's parameters.
func environmentPrefix(id string) string { return "environments." + id + "." }

func newProjections(e *Environment, d int) *projections {
	prefix := environmentPrefix(e.ID)
	p := &projections{
		about:         e,
		embedReturn:   nn.NewLinear(prefix+"embed_return", 1, d),
		embedState:    nn.NewLinear(prefix+"embed_state", e.inputs(), d),
		embedAction:   nn.NewLinear(prefix+"embed_action", e.ActionInputs(), d),
		predictReturn: nn.NewLinear(prefix+"predict_return", d, 1),
		predictState:  nn.NewLinear(prefix+"predict_state", d, e.Targets()),
		predictAction: nn.NewLinear(prefix+"predict_action", d, e.ActionInputs()),
	}
	if e.Patch != 0 {
		p.embedPatch = nn.NewLinear(prefix+"embed_patch", e.patchSize(), patchWidth)
	}
	return p
}

// embedders are the projections from numbers that a step of these parts needs.
func (p *projections) embedders(parts Parts) []*nn.Linear {
	var all []*nn.Linear
	if parts.Has(Returns) {
		all = append(all, p.embedReturn)
	}
	if parts.Has(Observations) {
		if p.embedPatch != nil {
			all = append(all, p.embedPatch)
		}
		all = append(all, p.embedState)
	}
	if parts.Has(Actions) {
		all = append(all, p.embedAction)
	}
	return all
}

// linears are all of them.
func (p *projections) linears() []*nn.Linear {
	return append(p.embedders(Returns|Observations|Actions), p.predictReturn, p.predictState, p.predictAction)
}

func (p *projections) params() []*nn.Param { return linearParams(p.linears()) }

func linearParams(linears []*nn.Linear) []*nn.Param {
	var all []*nn.Param
	for _, l := range linears {
		all = append(all, l.Params()...)
	}
	return all
}

// clone copies the values, with deltas merged.
func (p *projections) clone(d int) *projections {
	c := newProjections(p.about, d)
	for i, l := range c.linears() {
		w, bias := p.linears()[i].Merged()
		copy(l.W.Value, w)
		copy(l.B.Value, bias)
	}
	return c
}

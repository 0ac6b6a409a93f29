package peft

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Change is what a method has put on an encoder: parameters of its own, or values of its own for some of the encoder's.
type Change struct {
	Config Config // with targets by the names of layers

	encoder   *backbone.Encoder
	params    []*nn.Param
	put, take func() // on the encoder and off it
	ready     func() error
	on        bool
	stored    func() []*nn.Param       // params as files have them; nil: params themselves
	restore   func(stored []*nn.Param) // sets params from those; nil with stored
}

// Attach puts a change by c on e, with initial values by seed that leave the encoder's answers as they are (but for a prefix, which they see), and returns it.
// Its parameters are trained from then on and everything else in e is frozen, other changes too. What c targets must be there, and after
// an error e is as before.
func Attach(e *backbone.Encoder, c Config, seed uint64) (*Change, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	change, err := c.method().plan(e, seed)
	if err != nil {
		return nil, err
	}
	change.encoder = e
	return change, change.Attach()
}

// Attach puts a detached change on its encoder again, above the changes that are there by now.
func (c *Change) Attach() error {
	if c.on {
		return fmt.Errorf("peft: the change is on its encoder already")
	}
	if c.ready != nil {
		if err := c.ready(); err != nil {
			return err
		}
	}
	for _, p := range c.encoder.Params() {
		p.Frozen = true
	}
	c.put()
	for _, p := range c.params {
		p.Frozen = false
	}
	c.on = true
	return nil
}

// Detach takes the change off its encoder, whose weights are then, to the bit, what they were without it. The encoder's own parameters are thawed.
func (c *Change) Detach() {
	if !c.on {
		return
	}
	c.take()
	c.on = false
	thaw(c.encoder)
}

// Params are the parameters that are trained.
func (c *Change) Params() []*nn.Param { return c.params }

// Stored are the parameters as files have them, with the values that Params have now.
func (c *Change) Stored() []*nn.Param {
	if c.stored == nil {
		return c.params
	}
	return c.stored()
}

// Fill has fill set the values of what Stored gives, and takes them over where it succeeds.
func (c *Change) Fill(fill func(stored []*nn.Param) error) error {
	stored := c.Stored()
	if err := fill(stored); err != nil {
		return err
	}
	if c.restore != nil {
		c.restore(stored)
	}
	return nil
}

// thaw makes everything in e trained.
func thaw(e *backbone.Encoder) {
	for _, p := range e.Params() {
		p.Frozen = false
	}
}

// Merge adds every change that can be expressed so into the weights of its layer and takes it off: those of LoRA and IA3. A prefix and a bottleneck stay, and the
// other methods tune weights in place. The parameters are thawed. unmerge undoes it, to the bit.
func Merge(e *backbone.Encoder) (unmerge func()) {
	var undo []func()
	for _, l := range linears(e) {
		if l.Delta == nil && l.Input == nil {
			continue
		}
		was, wasBias, delta, input := l.W.Value, []float32(nil), l.Delta, l.Input
		w, bias := l.Merged()
		was = append([]float32(nil), was...)
		copy(l.W.Value, w)
		if l.B != nil {
			wasBias = append(wasBias, l.B.Value...)
			copy(l.B.Value, bias)
		}
		l.Delta, l.Input = nil, nil
		undo = append(undo, func() {
			copy(l.W.Value, was)
			if l.B != nil {
				copy(l.B.Value, wasBias)
			}
			l.Delta, l.Input = delta, input
		})
	}
	thaw(e)
	return func() {
		for _, f := range undo {
			f()
		}
		undo = nil
	}
}

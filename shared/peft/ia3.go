package peft

import (
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An IA3Config is PEFT's IA3Config, as far as encoders need it: what linear layers give, or what feed-forward ones read, is multiplied by a learnt vector
// (Liu et al., "Few-Shot Parameter-Efficient Fine-Tuning is Better and Cheaper than In-Context Learning", 2022).
type IA3Config struct {
	Targets     []string `json:"target_modules"`      // ends of the names of the layers to change, such as key, or all-linear
	FeedForward []string `json:"feedforward_modules"` // those of Targets whose input is multiplied; the others' output is
}

// validate implements method.
func (c *IA3Config) validate() error {
	if err := targets(c.Targets).validate("target_modules"); err != nil {
		return err
	}
	for _, f := range c.FeedForward {
		if f == "" || f == AllLinear || !slices.Contains(c.Targets, f) && !slices.Contains(c.Targets, AllLinear) {
			return fmt.Errorf("%w: feedforward_modules: got %q, want some of target_modules", ErrConfig, f)
		}
	}
	return nil
}

// plan implements method.
func (c *IA3Config) plan(e *backbone.Encoder, _ uint64) (*Change, error) {
	on, err := targets(c.Targets).layers(e, "target_modules")
	if err != nil {
		return nil, err
	}
	fed := []*nn.Linear(nil)
	if len(c.FeedForward) > 0 {
		if fed, err = targets(c.FeedForward).layers(e, "feedforward_modules"); err != nil {
			return nil, err
		}
	}
	for i := range e.Blocks {
		a := e.Blocks[i].Attention
		for _, l := range []*nn.Linear{a.Query, a.Key, a.Value} {
			if slices.Contains(fed, l) {
				return nil, fmt.Errorf("%w: feedforward_modules: %s reads what its neighbours read, want its output scaled", ErrConfig, moduleName(l))
			}
		}
	}
	change := &Change{Config: Config{IA3: &IA3Config{Targets: targets(c.Targets).modules(e), FeedForward: append([]string{}, c.FeedForward...)}}}
	inputs, outputs := map[*nn.Linear]*nn.Param{}, map[*nn.Linear]*scaling{}
	for _, l := range on {
		name := moduleName(l) + ".ia3_l"
		var p *nn.Param
		if slices.Contains(fed, l) {
			p = nn.NewParam(name, 1, l.In())
			inputs[l] = p
		} else {
			p = nn.NewParam(name, l.Out(), 1)
			outputs[l] = &scaling{l: p}
		}
		for i := range p.Value {
			p.Value[i] = 1
		}
		p.Vector = true
		change.params = append(change.params, p)
	}
	change.ready = func() error {
		for l := range inputs {
			if l.Input != nil {
				return fmt.Errorf("peft: the input of %s is scaled already", moduleName(l))
			}
		}
		return nil
	}
	change.put = func() {
		for l, p := range inputs {
			l.Input = p
		}
		for l, d := range outputs {
			push(l, d)
		}
	}
	change.take = func() {
		for l := range inputs {
			l.Input = nil
		}
		for l, d := range outputs {
			pull(l, d)
		}
	}
	return change, nil
}

// A scaling multiplies the columns of a layer's output: y[n][o] *= l[o]. It implements nn.Delta.
type scaling struct {
	l    *nn.Param // [Out, 1]
	kept []float32 // [N, Out] the output without the change
	by   nn.ColumnScaler
}

// Params implements nn.Delta.
func (s *scaling) Params() []*nn.Param { return []*nn.Param{s.l} }

// Forward implements nn.Delta.
func (s *scaling) Forward(y, _ []float32, n int, _ *nn.Batch) error {
	kept := kernels.Grow(&s.kept, n*len(s.l.Value))
	copy(kept, y)
	s.by.Scale(y, kept, s.l.Value, n)
	return nil
}

// Backward implements nn.Delta. It uses up what Forward kept.
func (s *scaling) Backward(_, dy, _ []float32, n int, _ *nn.Batch) error {
	out := len(s.l.Value)
	if !s.l.Frozen {
		s.l.NeedGrad()
		kept := s.kept[:n*out]
		kernels.Mul(kept, dy, kept)
		kernels.ColumnSum(s.l.Grad, kept, n, out)
	}
	s.by.Scale(dy, dy, s.l.Value, n)
	return nil
}

// Merge implements nn.Delta: rows of w and elements of bias are multiplied.
func (s *scaling) Merge(w, bias []float32) {
	in := len(w) / len(s.l.Value)
	for o, v := range s.l.Value {
		kernels.Scale(w[o*in:(o+1)*in], v)
	}
	if bias != nil {
		kernels.Mul(bias, bias, s.l.Value)
	}
}

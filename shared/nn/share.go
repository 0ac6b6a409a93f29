package nn

// The Share methods give layers that read the weights of another, which must not change any more, and have a place for changes of their own. Their
// parameters are frozen.

func (p *Param) share() *Param {
	if p == nil {
		return nil
	}
	return &Param{Name: p.Name, Shape: p.Shape, Value: p.Value, Frozen: true, Hidden: p.Hidden, init: p.init}
}

// Share returns a layer without a Delta.
func (l *Linear) Share() *Linear { return &Linear{W: l.W.share(), B: l.B.share()} }

// Share returns a norm of the same values.
func (l *LayerNorm) Share() *LayerNorm {
	if l == nil {
		return nil
	}
	return &LayerNorm{Gamma: l.Gamma.share(), Beta: l.Beta.share(), Eps: l.Eps}
}

// Share returns a norm of the same values.
func (l *Norm) Share() *Norm {
	if l == nil {
		return nil
	}
	return &Norm{LayerNorm: l.LayerNorm.Share(), name: l.name}
}

// Share returns a layer whose linear layers have no Delta.
func (a *Attention) Share() *Attention {
	return &Attention{
		Query: a.Query.Share(), Key: a.Key.Share(), Value: a.Value.Share(), Output: a.Output.Share(),
		Heads: a.Heads, Causal: a.Causal, Window: a.Window, Dropout: a.Dropout, Rotary: a.Rotary, External: a.External,
		site: a.site, weights: a.weights, biases: a.biases,
	}
}

// Share returns a layer whose linear layers have no Delta.
func (f *FeedForward) Share() *FeedForward {
	s := &FeedForward{Up: f.Up.Share(), Down: f.Down.Share(), Act: f.Act}
	if f.Gate != nil {
		s.Gate = f.Gate.Share()
	}
	return s
}

// Share returns a sublayer around branch, with scratch of its own.
func (l *Residual) Share(branch Branch) *Residual {
	return &Residual{
		Branch: branch, Norm: l.Norm.Share(), PreNorm: l.PreNorm, Dropout: l.Dropout, Scratch: new(Scratch),
		name: l.name, site: l.site, d: l.d,
	}
}

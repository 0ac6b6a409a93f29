package nn

import "github.com/fmkit/fmkit/shared/random"

// Share returns an embedding over the same tables and norm, of the width d: where the tables have another, it projects with parameters of its
// own, name_project.*. Both add to the gradients of what they share.
func (e *Embedding) Share(name string, d int) *Embedding {
	s := &Embedding{
		Word: e.Word, Position: e.Position, Type: e.Type, Norm: &LayerNorm{Gamma: e.Norm.Gamma, Beta: e.Norm.Beta, Eps: e.Norm.Eps}, Dropout: e.Dropout,
		name: name, site: random.Key(0, name+".dropout"), sinusoid: e.sinusoid, positions: e.positions, offset: e.offset, ramp: e.ramp, none: e.none,
	}
	if d != e.inner() {
		s.Project = NewLinear(name+"_project", e.inner(), d)
		s.spare = newSpare()
	}
	return s
}

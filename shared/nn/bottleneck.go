package nn

import "github.com/fmkit/fmkit/shared/kernels"

// A Bottleneck adds to each row what two linear layers with few values between them make of it (Houlsby et al., "Parameter-Efficient Transfer Learning for
// NLP", 2019):
//
//	y = x + Up(act(Down(x)))
type Bottleneck struct {
	Down, Up *Linear // [R, D], [D, R]
	Act      Activation

	in, made  []float32 // [N, D]
	pre, post []float32 // [N, R]
}

// NewBottleneck returns a bottleneck of rank values over width d, whose parts are name.down and name.up.
func NewBottleneck(name string, d, rank int, act Activation) *Bottleneck {
	return &Bottleneck{Down: NewLinear(name+".down", d, rank), Up: NewLinear(name+".up", rank, d), Act: act}
}

// Init draws Down by seed and sets Up to zeros, so that it begins as no change.
func (l *Bottleneck) Init(seed uint64) {
	for _, p := range l.Down.Params() {
		p.Init(seed)
	}
	for _, p := range l.Up.Params() {
		clear(p.Value)
	}
}

// Params returns the parameters of both layers.
func (l *Bottleneck) Params() []*Param { return append(l.Down.Params(), l.Up.Params()...) }

// Forward changes y [N, D].
func (l *Bottleneck) Forward(y []float32, r *Rows) error {
	d, rank := l.Down.In(), l.Down.Out()
	in, made := kernels.Grow(&l.in, r.N*d), kernels.Grow(&l.made, r.N*d)
	pre, post := kernels.Grow(&l.pre, r.N*rank), kernels.Grow(&l.post, r.N*rank)
	copy(in, y)
	if err := l.Down.Forward(pre, in, r.N, r.Batch); err != nil {
		return err
	}
	l.Act.Forward(post, pre)
	if err := l.Up.Forward(made, post, r.N, r.Batch); err != nil {
		return err
	}
	kernels.Add(y[:r.N*d], made)
	return nil
}

// Backward sets dx [N, D] from dy [N, D], which it leaves alone.
func (l *Bottleneck) Backward(dx, dy []float32, r *Rows, s *Scratch) error {
	d, rank := l.Down.In(), l.Down.Out()
	hidden := s.get(scratchHidden, r.N*rank)
	if err := l.Up.Backward(hidden, dy, l.post, r.N, false, r.Batch, s); err != nil {
		return err
	}
	l.Act.Backward(hidden, hidden, l.pre)
	copy(dx[:r.N*d], dy)
	return l.Down.Backward(dx, hidden, l.in, r.N, true, r.Batch, s)
}

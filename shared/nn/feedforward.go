package nn

// A FeedForward maps each row by two linear layers with an activation between them: the second half of a block.
type FeedForward struct {
	Up, Down *Linear // [F, D], [D, F]
	Act      Activation

	pre, post []float32 // [N, F] before and after the activation
}

// NewFeedForward returns a layer whose parts are named up and down.
func NewFeedForward(up, down string, d, hidden int, act Activation) *FeedForward {
	return &FeedForward{Up: NewLinear(up, d, hidden), Down: NewLinear(down, hidden, d), Act: act}
}

// Params implements Branch.
func (f *FeedForward) Params() []*Param { return append(f.Up.Params(), f.Down.Params()...) }

// Forward implements Branch.
func (f *FeedForward) Forward(y, x []float32, r *Rows, _ *Scratch) error {
	n := r.N * f.Up.Out()
	pre, post := grow(&f.pre, n), grow(&f.post, n)
	if err := f.Up.Forward(pre, x, r.N, r.Batch); err != nil {
		return err
	}
	f.Act.Forward(post, pre)
	return f.Down.Forward(y, post, r.N, r.Batch)
}

// Backward implements Branch.
func (f *FeedForward) Backward(dx, dy, x []float32, r *Rows, acc bool, s *Scratch) error {
	var hidden []float32 // gradient of post, then of pre
	if dx != nil || Trainable(f.Up.Params()) {
		hidden = s.get(scratchHidden, r.N*f.Up.Out())
	}
	if err := f.Down.Backward(hidden, dy, f.post, r.N, false, r.Batch, s); err != nil || hidden == nil {
		return err
	}
	f.Act.Backward(hidden, hidden, f.pre)
	return f.Up.Backward(dx, hidden, x, r.N, acc, r.Batch, s)
}

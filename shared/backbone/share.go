package backbone

// Share returns an encoder that reads the weights of e, which must not change any more, and has a place for changes of its own (nn.Delta). Its own parameters are
// frozen.
func (e *Encoder) Share() *Encoder {
	s := &Encoder{Config: e.Config, Blocks: make([]Block, len(e.Blocks)), Final: e.Final.Share()}
	for i := range e.Blocks {
		from, b := &e.Blocks[i], &s.Blocks[i]
		b.Attention, b.FeedForward = from.Attention.Share(), from.FeedForward.Share()
		b.Attend, b.Feed = from.Attend.Share(b.Attention), from.Feed.Share(b.FeedForward)
	}
	return s
}

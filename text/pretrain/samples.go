package pretrain

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/random"
)

// samples lays out windows of text as batches, of the training part and of the held-back part.
type samples struct {
	source *source
	train  *windows
}

// samples checks that both parts have a window at least.
func (s *source) samples() (*samples, error) {
	m, co, c := s.model, s.tokens, s.config
	for _, f := range []struct {
		name   string
		tokens int64
	}{{"training", co.train.Tokens()}, {"held-back", co.held.Tokens()}} {
		if f.tokens < int64(c.Length) {
			return nil, fmt.Errorf("pretrain: the %s part has %d tokens, want at least a window of %d", f.name, f.tokens, c.Length)
		}
	}
	return &samples{source: s, train: newWindows(co.train, c, m.Cls(), m.Sep())}, nil
}

// ask lays out one window in b with what is to be predicted of it.
type ask func(b *batch, window []int32, key uint64)

// batch makes a micro-batch of training windows.
func (l *samples) batch(at place, ask ask) (*batch, error) {
	size := l.source.config.Batch
	b := newBatch(size, l.train.length)
	first := at.micro * int64(size)
	row := make([]int32, l.train.length)
	for i := range int64(size) {
		n, err := l.train.read(row, first+i)
		if err != nil {
			return nil, err
		}
		ask(b, row[:n], random.Mix(l.source.key, uint64(first+i)))
	}
	return b, nil
}

package pretrain

import "github.com/fmkit/fmkit/shared/random"

// The kinds of pairs that are made of windows.
const cropKind, twinKind = "crop", "twin"

// windowTexts cuts texts out of windows of the token files. Windows of the held-back part are those that no order shuffles.
type windowTexts struct {
	windows *bothWindows
	length  int
}

// bothWindows are the windows of both parts.
type bothWindows struct{ train, held *windows }

func (s *source) windows() *bothWindows {
	m := s.model
	return &bothWindows{newWindows(s.tokens.train, s.config, m.Cls(), m.Sep()), newWindows(s.tokens.held, s.config, m.Cls(), m.Sep())}
}

func (t *windowTexts) size() int64 { return t.windows.train.perEpoch() }
func (t *windowTexts) held() int   { return int(min(t.windows.held.perEpoch(), 1<<20)) }

// read returns window i of a part between its frame.
func (t *windowTexts) read(w *windows, i int64) ([]int32, error) {
	row := make([]int32, w.length)
	n, err := w.read(row, i)
	if err != nil {
		return nil, err
	}
	return row[1 : n-1], nil
}

// frame puts text between [CLS] and [SEP] and cuts it to length.
func (t *windowTexts) frame(text []int32) []int32 {
	w := t.windows.train
	text = text[:min(len(text), t.length-2)]
	return append(append(append(make([]int32, 0, len(text)+2), w.cls), text...), w.sep)
}

// crops are two parts of one window: its halves, each cut at random to at least half of itself.
type crops struct{ windowTexts }

func (c *crops) name() string { return cropKind }

func (c *crops) pair(i int64) (_, _ []int32, err error)   { return c.cut(c.windows.train, i) }
func (c *crops) heldPair(i int) (_, _ []int32, err error) { return c.cut(c.windows.held, int64(i)) }

func (c *crops) cut(w *windows, i int64) (_, _ []int32, err error) {
	text, err := c.read(w, i)
	if err != nil {
		return nil, nil, err
	}
	r := random.New(random.Mix(w.lengths, uint64(i)^1<<63))
	half := len(text) / 2
	a, b := text[:half], text[half:]
	a = a[r.IntN(len(a)/2+1):]
	b = b[:len(b)-r.IntN(len(b)/2+1)]
	return c.frame(a[max(0, len(a)-(c.length-2)):]), c.frame(b), nil
}

// twins are a text and itself: dropout makes two of it (SimCSE's unsupervised form).
type twins struct{ windowTexts }

func (c *twins) name() string { return twinKind }

func (c *twins) pair(i int64) (_, _ []int32, err error)   { return c.twice(c.windows.train, i) }
func (c *twins) heldPair(i int) (_, _ []int32, err error) { return c.twice(c.windows.held, int64(i)) }

func (c *twins) twice(w *windows, i int64) (_, _ []int32, err error) {
	text, err := c.read(w, i)
	if err != nil {
		return nil, nil, err
	}
	row := c.frame(text)
	return row, row, nil
}

package pretrain

import (
	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// heldSeed masks the held-back windows: the same for every run, so that runs compare.
const heldSeed = 20181011

// heldRate is the rate at which held-back windows are masked, whatever the rate of the run.
const heldRate = 0.15

// hold lays out the held-back windows, spread evenly over the part, and scores unigrams on what ask wants of them, which
// may be [SEP] where ends is set.
func (l *samples) hold(ask ask, ends bool) ([]*batch, *unigram, error) {
	c, co, m := l.source.config, l.source.tokens, l.source.model
	w := newWindows(co.held, c, m.Cls(), m.Sep())
	inner := int64(w.length - 2)
	all := co.held.Windows(w.length - 2)
	n := min(all, int64(c.EvalMax))
	key := random.Key(heldSeed, "pretrain.held.masks")
	row := make([]int32, w.length)
	var held []*batch
	for i := range n {
		if err := w.frame(row, i*all/n*inner, w.length); err != nil {
			return nil, nil, err
		}
		if i%int64(c.Batch) == 0 {
			held = append(held, newBatch(c.Batch, w.length))
		}
		ask(held[len(held)-1], row, random.Mix(key, uint64(i)))
	}
	counts, err := count(co.train, m.Tokenizer.VocabSize())
	if err != nil {
		return nil, nil, err
	}
	unit := newUnigram(counts, m.Tokenizer, ends)
	for _, b := range held {
		for _, target := range b.targets {
			unit.add(target)
		}
	}
	unit.finish()
	return held, unit, nil
}

// A unigram model predicts every token by its share of the training part, with one added to every count.
type unigram struct {
	counts         []int64
	total          int64
	best           int32 // the most frequent token
	n, right       int
	loss, accuracy float64 // means after finish
}

func newUnigram(counts []int64, tok *tokenizer.Tokenizer, ends bool) *unigram {
	u := &unigram{counts: counts, best: -1}
	for id := range counts {
		if tok.IsSpecial(int32(id)) && !(ends && int32(id) == tok.Roles().Sep) {
			counts[id] = -1 // never a target: no share
			continue
		}
		u.total += counts[id] + 1
		if u.best < 0 || counts[id] > counts[u.best] {
			u.best = int32(id)
		}
	}
	return u
}

func (u *unigram) add(target int32) {
	u.n++
	u.loss -= nn.Log(float64(u.counts[target]+1) / float64(u.total))
	if target == u.best {
		u.right++
	}
}

func (u *unigram) finish() {
	u.loss /= float64(u.n)
	u.accuracy = float64(u.right) / float64(u.n)
}

// count counts every token of a file.
func count(f *data.TokenFile, vocab int) ([]int64, error) {
	counts := make([]int64, vocab)
	buf := make([]int32, 1<<15)
	for at := int64(0); at < f.Tokens(); at += int64(len(buf)) {
		part := buf[:min(int64(len(buf)), f.Tokens()-at)]
		if err := f.Read(part, at); err != nil {
			return nil, err
		}
		for _, id := range part {
			counts[id]++
		}
	}
	return counts, nil
}

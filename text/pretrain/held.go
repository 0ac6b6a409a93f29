package pretrain

import (
	"math"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// heldSeed masks the held-back windows: the same for every run, so that runs compare.
const heldSeed = 20181011

// prepareHeld lays out the held-back windows, spread evenly over the part, and scores unigrams on them.
func (t *task) prepareHeld(co *corpus, c Config) error {
	w := newWindows(co.held, c, t.model.Cls(), t.model.Sep())
	inner := int64(w.length - 2)
	all := co.held.Windows(w.length - 2)
	n := min(all, int64(c.EvalMax))
	key := random.Key(heldSeed, "pretrain.held.masks")
	row := make([]int32, w.length)
	var b *batch
	for i := range n {
		if err := w.frame(row, i*all/n*inner, w.length); err != nil {
			return err
		}
		if b == nil || b.nn.B == t.size {
			b = t.newBatch(t.size)
			t.held = append(t.held, b)
		}
		b.add(t.mask, row, t.model.Pad(), random.Mix(key, uint64(i)))
	}
	counts, err := count(co.train, t.model.Tokenizer.VocabSize())
	if err != nil {
		return err
	}
	t.unit = newUnigram(counts, t.mask.special)
	for _, b := range t.held {
		for _, target := range b.targets {
			t.unit.add(target)
		}
	}
	t.unit.finish()
	return nil
}

// A unigram model predicts every token by its share of the training part, with one added to every count.
type unigram struct {
	counts         []int64
	total          int64
	best           int32 // the most frequent token
	n, right       int
	loss, accuracy float64 // means after finish
}

func newUnigram(counts []int64, special []bool) unigram {
	u := unigram{counts: counts, best: -1}
	for id := range counts {
		if special[id] {
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
	u.loss -= math.Log(float64(u.counts[target]+1) / float64(u.total))
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

package serve

import (
	"context"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// A turn is what is computed at once.
type turn struct {
	alone *job // work by itself
	parts []piece

	of   []*text.Inference
	rows []text.Row
	jobs []*job // of each row
	at   []int  // number of each row in its job
}

// A piece is the rows of a job that a turn reads.
type piece struct {
	job      *job
	from, to int
}

// padded bounds the places of a batch, tokens and padding: padding costs memory and hardly time.
const padded = 4

// choose takes the next turn's work. It goes to who has waited longest, and to those behind that can be read with it. The caller holds mu.
func (b *batcher) choose(t *turn) {
	t.alone, t.parts = nil, t.parts[:0]
	keep := b.waiting[:0]
	for _, j := range b.waiting { // nobody waits for these any more
		if j.ctx.Err() == nil {
			keep = append(keep, j)
		}
	}
	clear(b.waiting[len(keep):])
	b.waiting = keep
	if len(b.waiting) == 0 {
		return
	}
	if b.waiting[0].work != nil {
		t.alone = b.waiting[0]
		return
	}
	base := b.waiting[0].of.Base()
	tokens, rows, longest := 0, 0, 0
	for _, j := range b.waiting {
		if j.work != nil || j.of.Base() != base {
			continue
		}
		p := piece{j, j.next, j.next}
		for ; p.to < len(j.rows); p.to++ {
			n := len(j.rows[p.to].IDs)
			if rows > 0 && (tokens+n > b.tokens || (rows+1)*max(longest, n) > padded*b.tokens) {
				break
			}
			tokens, rows, longest = tokens+n, rows+1, max(longest, n)
		}
		if p.to > p.from {
			t.parts = append(t.parts, p)
		}
		if tokens >= b.tokens {
			break
		}
	}
}

// compute reads the rows of a turn, and ends the jobs that have no more.
func (b *batcher) compute(t *turn) {
	t.of, t.rows, t.jobs, t.at = t.of[:0], t.rows[:0], t.jobs[:0], t.at[:0]
	seen := map[*text.Inference]bool{}
	for i := range t.parts { // those of one adapter side by side
		of := t.parts[i].job.of
		if seen[of] {
			continue
		}
		seen[of] = true
		for _, p := range t.parts[i:] {
			for k := p.from; p.job.of == of && k < p.to; k++ {
				t.of, t.rows, t.jobs, t.at = append(t.of, of), append(t.rows, p.job.rows[k]), append(t.jobs, p.job), append(t.at, k)
			}
		}
	}
	b.stats.batch(t.rows)
	if err := b.encode(t.of, t.rows, t.jobs, t.at); err != nil {
		// Whoever is to blame, the others don't suffer for it.
		for i, j := range t.jobs {
			if j.err == nil {
				j.err = b.encode(t.of[i:i+1], t.rows[i:i+1], t.jobs[i:i+1], t.at[i:i+1])
			}
		}
	}
	for _, p := range t.parts {
		if p.job.next = p.to; p.job.next == len(p.job.rows) || p.job.err != nil {
			b.finish(p.job)
			continue
		}
		b.mu.Lock() // to the end: others come first
		b.remove(p.job)
		b.waiting = append(b.waiting, p.job)
		b.mu.Unlock()
	}
	clear(t.parts)
	clear(t.of)
	clear(t.rows)
	clear(t.jobs)
}

// encode reads rows and hands what comes out to their jobs. A job that fails on it has its own error.
func (b *batcher) encode(of []*text.Inference, rows []text.Row, jobs []*job, at []int) error {
	return b.guard(func() error {
		return text.EncodeMixed(context.Background(), of, rows, func(i int, x []float32, l *nn.Batch) {
			if j := jobs[i]; j.err == nil {
				j.err = b.guard(func() error { return j.reader.Take(at[i], x, l) })
			}
		})
	})
}

package text

import (
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// A sampler chooses the tokens of one text. All its sums have a fixed order and its exponentials are those of package kernels, so a
// choice is the same on every machine.
type sampler struct {
	Sampling
	key    uint64  // of chance
	banned []int32 // tokens that never come

	seen   []int32   // the tokens of the text, each once, with a penalty only
	known  []bool    // [V] they are in seen
	scores []float32 // [V]
	heap   tokenHeap
	ids    []int32   // what may come
	probs  []float32 // beside ids
}

// reset makes s ready for a text over a vocabulary of v.
func (s *sampler) reset(c Sampling, banned []int32, v int) {
	s.Sampling, s.banned, s.key = c, banned, random.Key(c.Seed, "text.generate")
	s.seen = s.seen[:0]
	clear(kernels.Grow(&s.known, v))
}

// see notes tokens of the text.
func (s *sampler) see(ids ...int32) {
	for _, id := range ids {
		if s.penalises() && id >= 0 && int(id) < len(s.known) && !s.known[id] {
			s.known[id] = true
			s.seen = append(s.seen, id)
		}
	}
}

func (s *sampler) penalises() bool { return s.Penalty != 0 && s.Penalty != 1 }

// choose gives the n-th token of a text by the logits [V]; false where none can come.
func (s *sampler) choose(logits []float32, n int) (int32, bool) {
	s.score(logits)
	if s.Temperature == 0 {
		return s.best()
	}
	s.filter()
	return s.draw(float64(random.Mix(s.key, uint64(n))>>11) * 0x1p-53)
}

// score sets scores [V] to the logits after penalty, ban and temperature.
func (s *sampler) score(logits []float32) {
	z := kernels.Grow(&s.scores, len(logits))
	copy(z, logits)
	for _, id := range s.seen {
		if z[id] < 0 {
			z[id] *= s.Penalty
		} else {
			z[id] /= s.Penalty
		}
	}
	for _, id := range s.banned {
		z[id] = float32(math.Inf(-1))
	}
	if s.Temperature != 0 && s.Temperature != 1 {
		for i := range z {
			z[i] /= s.Temperature
		}
	}
}

// best gives the first token of the highest score.
func (s *sampler) best() (int32, bool) {
	at, most := -1, float32(math.Inf(-1))
	for id, z := range s.scores {
		if z > most {
			at, most = id, z
		}
	}
	return int32(at), at >= 0
}

// filter sets ids and probs to what TopK and TopP leave of the scores; the probabilities need not sum to 1.
func (s *sampler) filter() {
	v := len(s.scores)
	s.ids = s.ids[:0]
	all := s.TopP == 0 || s.TopP == 1
	switch {
	case s.TopK > 0 && s.TopK < v:
		s.heap.build(s.scores)
		for s.heap.len() > 0 && (len(s.ids) < s.TopK || s.scores[s.heap.top()] == s.scores[s.ids[len(s.ids)-1]]) {
			s.ids = append(s.ids, s.heap.pop())
		}
		s.weigh()
		if !all {
			s.cut()
		}
	case all:
		for id, z := range s.scores {
			if z > float32(math.Inf(-1)) {
				s.ids = append(s.ids, int32(id))
			}
		}
		s.weigh()
	default:
		p := kernels.Grow(&s.probs, v)
		kernels.Softmax(p, s.scores, 1, v)
		s.heap.build(s.scores)
		for sum := 0.0; s.heap.len() > 0 && sum < float64(s.TopP); {
			id := s.heap.pop()
			s.ids = append(s.ids, id)
			sum += float64(p[id])
		}
		s.weigh()
	}
}

// weigh sets probs to the softmax of the scores of ids.
func (s *sampler) weigh() {
	p := kernels.Grow(&s.probs, len(s.ids))
	for i, id := range s.ids {
		p[i] = s.scores[id]
	}
	kernels.Softmax(p, p, 1, len(p))
}

// cut drops the ids, best first, behind those that reach TopP together.
func (s *sampler) cut() {
	sum := 0.0
	for i, p := range s.probs {
		if sum >= float64(s.TopP) {
			s.ids, s.probs = s.ids[:i], s.probs[:i]
			return
		}
		sum += float64(p)
	}
}

// draw gives the token at u, in [0, 1), of the cumulative distribution.
func (s *sampler) draw(u float64) (int32, bool) {
	total := 0.0
	for _, p := range s.probs {
		total += float64(p)
	}
	at, sum := float64(u*total), 0.0
	for i, p := range s.probs {
		if sum += float64(p); at < sum {
			return s.ids[i], true
		}
	}
	for i := len(s.ids) - 1; i >= 0; i-- { // at was rounded up to the total
		if s.probs[i] > 0 {
			return s.ids[i], true
		}
	}
	return -1, false
}

package kernels

// queryGroup is the number of queries that are computed together: eight tiles, whose scores fit the first-level cache.
// It is part of the definition of Attention.
const queryGroup = 48

// attention is a call of Attention or AttentionBackward: a Task with a part for each sample and head.
type attention struct {
	AttentionShape
	backward          bool
	o, probs, q, k, v []float32 // o is do in backward
	dq, dk, dv        []float32
}

var attentions freeList[attention]

func (a *attention) share() {
	parts := a.B * a.H
	if parts*a.Tq*a.Tk*max(a.K, 1) < shareFlops {
		for i := range parts {
			a.Run(i)
		}
		return
	}
	Parallel(parts, a)
}

// badStride is a stride, or a divisor of one, whose rows fall into few sets of the first-level cache.
const badStride = 512

// Run computes one head of one sample.
func (a *attention) Run(part int) {
	if part >= a.B*a.H || a.Tq+a.Tk == 0 {
		return
	}
	h := head{attention: a, b: part / a.H, h: part % a.H}
	h.tq, h.tk = a.lengths(h.b)
	h.ld = roundUp(h.tk, tileCols)
	if h.ld%badStride == 0 {
		h.ld += tileCols
	}
	if a.backward {
		h.runBackward()
	} else {
		h.runForward()
	}
}

// head is one head of one sample.
type head struct {
	*attention
	b, h   int
	tq, tk int // valid queries and keys
	ld     int // tk rounded up to whole panels: row stride of a group's scores
}

// of returns x from the first element of this head on: x [B, T, H, K] of row stride ld.
func (h *head) of(x []float32, t, ld int) []float32 {
	return x[min(h.b*t*ld+h.h*h.K, len(x)):]
}

// probsOf returns the row of query i in probs [B, H, Tq, Tk].
func (h *head) probsOf(i int) []float32 {
	return h.probs[((h.b*h.H+h.h)*h.Tq+i)*h.Tk:][:h.Tk]
}

// span returns the keys that the group of queries from i0 on can see, from a multiple of 16.
func (h *head) span(i0 int) (lo, hi int) {
	lo, _ = h.visible(i0, h.tk)
	_, hi = h.visible(i0+queryGroup-1, h.tk)
	if lo >= hi { // none: their window lies past the last key
		return 0, 0
	}
	return lo &^ (tileCols - 1), hi
}

// clearRows zeroes rows from...to of this head in x.
func (h *head) clearRows(x []float32, ld, from, to int) {
	for i := from; i < to; i++ {
		clear(x[i*ld:][:h.K])
	}
}

// transposedPanels packs the rows of x [tk, K] as columns: the right operand of a product over K. straightPanels packs
// rows from...to of x [., K] as rows: the right operand of a product over those rows.
func (h *head) transposedPanels(dst, x []float32, ld int) {
	for j := 0; j < h.tk; j += tileCols {
		packTransposed(dst[j*h.K:], x[j*ld:], ld, h.K, min(tileCols, h.tk-j))
	}
}

func (h *head) straightPanels(dst, x []float32, ld, from, to int) {
	if to > from {
		packStraight(dst, (to-from)*tileCols, x[from*ld:], ld, to-from, h.K)
	}
}

// scores sets columns lo...hi (up to a whole panel) of s [rows, ld] to x [rows, K] times transposed panels.
func (h *head) scores(s, x []float32, ldx, rows, lo, hi int, panels []float32) {
	_, tilePanels := tileShape()
	t := tile{m: rows, k: h.K, a: x, rowStep: ldx, depthStep: 1, panelStep: tileCols * h.K, ldc: h.ld}
	hi = roundUp(hi, tileCols)
	for j := lo; j < hi; j += t.n {
		t.n, t.b, t.c = min(tilePanels*tileCols, hi-j), panels[j*h.K:], s[j:]
		t.run()
	}
}

// weigh sets y [rows, K] to columns lo...hi of s [rows, ld] times straight panels of depth rows each.
func (h *head) weigh(y []float32, ldy int, s []float32, rows, lo, hi int, panels []float32, depth int) {
	_, tilePanels := tileShape()
	t := tile{m: rows, k: hi - lo, a: s[lo:], rowStep: h.ld, depthStep: 1, panelStep: tileCols * depth, ldc: ldy}
	for d := 0; d < h.K; d += t.n {
		t.n, t.b, t.c = min(tilePanels*tileCols, h.K-d), panels[d*depth+lo*tileCols:], y[d:]
		t.run()
	}
}

// weighTransposed adds to y [lo...hi, K] the transpose of s [rows, lo...hi] times straight panels of depth rows.
func (h *head) weighTransposed(y []float32, ldy int, s []float32, rows, lo, hi int, panels []float32) {
	_, tilePanels := tileShape()
	t := tile{m: hi - lo, k: rows, a: s[lo:], rowStep: 1, depthStep: h.ld, panelStep: tileCols * rows, ldc: ldy, ldi: ldy}
	for d := 0; d < h.K; d += t.n {
		t.n, t.b, t.c = min(tilePanels*tileCols, h.K-d), panels[d*rows:], y[lo*ldy+d:]
		t.init = t.c
		t.run()
	}
}

func (h *head) runForward() {
	o, q := h.of(h.o, h.Tq, h.LdO), h.of(h.q, h.Tq, h.LdQ)
	k, v := h.of(h.k, h.Tk, h.LdKV), h.of(h.v, h.Tk, h.LdKV)
	width := roundUp(h.K, tileCols)
	scratch := floats.get(h.ld*h.K + h.ld*width + queryGroup*h.ld)
	keys := scratch.data[:h.ld*h.K]
	values := scratch.data[h.ld*h.K:][:h.ld*width]
	s := scratch.data[h.ld*(h.K+width):]
	h.transposedPanels(keys, k, h.LdKV)
	h.straightPanels(values, v, h.LdKV, 0, h.tk)
	for i0 := 0; i0 < h.tq; i0 += queryGroup {
		rows := min(queryGroup, h.tq-i0)
		lo, hi := h.span(i0)
		h.scores(s, q[i0*h.LdQ:], h.LdQ, rows, lo, hi, keys)
		for r := range rows {
			h.probabilities(s[r*h.ld:][:h.ld], i0+r, lo, hi)
		}
		h.weigh(o[i0*h.LdO:], h.LdO, s, rows, lo, hi, values, h.tk)
	}
	h.clearRows(o, h.LdO, h.tq, h.Tq)
	if h.probs != nil {
		for i := h.tq; i < h.Tq; i++ {
			clear(h.probsOf(i))
		}
	}
	floats.put(scratch)
}

// probabilities turns the scores of query i, columns lo...hi of row, into probabilities, saves and drops them.
func (h *head) probabilities(row []float32, i, lo, hi int) {
	from, to := h.visible(i, h.tk)
	from = max(from, lo)
	to = min(max(to, from), hi)
	softmaxRow(row[lo:roundUp(hi, tileCols)], from-lo, to-lo, h.Scale)
	if h.probs != nil {
		p := h.probsOf(i)
		clear(p[:lo])
		copy(p[lo:hi], row[lo:])
		clear(p[hi:])
	}
	if h.Dropout > 0 {
		h.drop(row, i, lo, hi)
	}
}

func (h *head) runBackward() {
	do, q := h.of(h.o, h.Tq, h.LdO), h.of(h.q, h.Tq, h.LdQ)
	k, v := h.of(h.k, h.Tk, h.LdKV), h.of(h.v, h.Tk, h.LdKV)
	dq, dk, dv := h.of(h.dq, h.Tq, h.LdQ), h.of(h.dk, h.Tk, h.LdKV), h.of(h.dv, h.Tk, h.LdKV)
	h.clearRows(dk, h.LdKV, 0, h.Tk)
	h.clearRows(dv, h.LdKV, 0, h.Tk)
	h.clearRows(dq, h.LdQ, h.tq, h.Tq)

	width := roundUp(h.K, tileCols)
	scratch := floats.get(h.ld*h.K + h.ld*width + 2*queryGroup*h.ld + 2*queryGroup*width)
	rest := scratch.data
	cut := func(n int) []float32 {
		x := rest[:n]
		rest = rest[n:]
		return x
	}
	values, keys := cut(h.ld*h.K), cut(h.ld*width)
	p, ds := cut(queryGroup*h.ld), cut(queryGroup*h.ld)
	outs, queries := cut(queryGroup*width), cut(queryGroup*width)

	h.transposedPanels(values, v, h.LdKV)
	h.straightPanels(keys, k, h.LdKV, 0, h.tk)
	for i0 := 0; i0 < h.tq; i0 += queryGroup {
		rows := min(queryGroup, h.tq-i0)
		lo, hi := h.span(i0)
		h.straightPanels(outs, do, h.LdO, i0, i0+rows)
		h.straightPanels(queries, q, h.LdQ, i0, i0+rows)
		h.scores(ds, do[i0*h.LdO:], h.LdO, rows, lo, hi, values)
		for r := range rows {
			h.scoreGradients(ds[r*h.ld:][:h.ld], p[r*h.ld:][:h.ld], i0+r, lo, hi)
		}
		h.weighTransposed(dv, h.LdKV, p, rows, lo, hi, outs)
		h.weigh(dq[i0*h.LdQ:], h.LdQ, ds, rows, lo, hi, keys, h.tk)
		h.weighTransposed(dk, h.LdKV, ds, rows, lo, hi, queries)
	}
	floats.put(scratch)
}

// scoreGradients turns columns lo...hi of dp, the gradients of the probabilities of query i after dropout, into those of
// its scores, and sets p to the probabilities after dropout.
func (h *head) scoreGradients(dp, p []float32, i, lo, hi int) {
	end := roundUp(hi, tileCols)
	copy(p[lo:hi], h.probsOf(i)[lo:hi])
	clear(p[hi:end])
	clear(dp[hi:end])
	if h.Dropout > 0 {
		h.drop(dp, i, lo, hi)
	}
	softmaxRowBackward(dp[lo:end], p[lo:end], h.Scale)
	if h.Dropout > 0 {
		h.drop(p, i, lo, hi)
	}
}

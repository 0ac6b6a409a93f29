package rl

import (
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// embedWork is what one run of an embedding needs.
type embedWork struct {
	kinds    []int32      // [B T] rows of the table
	rows     [3][]int32   // [M] of each part, rows of [B T] whose numbers are read
	in       [3][]float32 // [M, inputs] those numbers, standardised; of pictures [M N, C P P]
	pre, act []float32    // [M N, E] of pictures
	out      []float32    // [M, D]
	total    []float32    // [B T, D] before the norm
	pixels   []float32    // [H W C] and [C H W] of one picture
}

func (w *embedWork) linear(p *projections, part int) *nn.Linear {
	return [...]*nn.Linear{p.embedReturn, p.embedState, p.embedAction}[part]
}

// sum sets total to the sums of a window's vectors. What lies past a stretch's length is that of a hidden token.
func (w *embedWork) sum(s *sharedEmbedding, p *projections, win *Window, b *nn.Batch, context int) error {
	if err := win.check(b, p.about, context); err != nil {
		return err
	}
	d := s.kinds.Shape[1]
	w.place(win, b)
	total := kernels.Grow(&w.total, b.B*b.T*d)
	kernels.Gather(total, s.kinds.Value, w.kinds, d)
	for i, part := range parts {
		m := len(w.rows[i])
		if !win.Parts.Has(part) || m == 0 {
			continue
		}
		w.read(p.about, win, i)
		out := kernels.Grow(&w.out, m*d)
		x := w.in[i]
		if part == Observations && p.embedPatch != nil {
			n := m * p.about.patches()
			pre, act := kernels.Grow(&w.pre, n*patchWidth), kernels.Grow(&w.act, n*patchWidth)
			if err := p.embedPatch.Forward(pre, x, n, b); err != nil {
				return err
			}
			nn.GELU.Forward(act, pre)
			x = act
		}
		if err := w.linear(p, i).Forward(out, x, m, b); err != nil {
			return err
		}
		kernels.ScatterAdd(total, out, w.rows[i], d)
	}
	return nil
}

// place lists the kind of every token, and those whose numbers are read.
func (w *embedWork) place(win *Window, b *nn.Batch) {
	n, each := b.B*b.T, win.Parts.Len()
	kinds := kernels.Grow(&w.kinds, n)
	for i, part := range parts {
		rows := w.rows[i][:0]
		if win.Parts.Has(part) {
			for at := win.Parts.Place(part); at < n; at += each {
				kinds[at] = int32(i)
				if at%b.T >= b.Length(at/b.T) || win.Hidden != nil && win.Hidden[at] {
					kinds[at] += int32(len(parts))
					continue
				}
				rows = append(rows, int32(at))
			}
		}
		w.rows[i] = rows
	}
}

// read sets in of a part to the standardised numbers of its rows.
func (w *embedWork) read(e *Environment, win *Window, part int) {
	from, each, size := win.values(part), e.numbers(part), 1
	switch parts[part] {
	case Observations:
		size = each
	case Actions:
		size = e.ActionInputs()
	}
	x := kernels.Grow(&w.in[part], len(w.rows[part])*size)
	for i, row := range w.rows[part] {
		step := int(row) / win.Parts.Len()
		v, to := from[step*each:(step+1)*each], x[i*size:(i+1)*size]
		switch parts[part] {
		case Returns:
			to[0] = e.PutReturn(v[0])
		case Actions:
			e.PutAction(to, v)
		case Observations:
			if e.Patch == 0 {
				e.PutObservation(to, v)
				continue
			}
			w.cut(e, to, v)
		}
	}
}

// cut sets x [N, C P P] to the patches of a picture [H W C].
func (w *embedWork) cut(e *Environment, x, picture []float32) {
	n, c := len(picture), e.Observation[2]
	buf := kernels.Grow(&w.pixels, 2*n)
	scaled, planes := buf[:n], buf[n:]
	e.PutObservation(scaled, picture)
	for channel := range c {
		for i := range n / c {
			planes[channel*(n/c)+i] = scaled[i*c+channel]
		}
	}
	nn.Patchify(x, planes, c, e.Observation[0], e.Observation[1], e.Patch)
}

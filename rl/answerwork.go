package rl

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// answerWork is what one answer needs.
type answerWork struct {
	embed   embedWork
	window  Window
	batch   nn.Batch
	about   *Environment
	rows    []int32   // of [B T] where the answers are read
	y       []float32 // [B, T, D]
	read    []float32 // [M, D]
	out     []float32 // [M, outputs]
	targets []float32
}

// answer runs f in pooled memory.
func (s *Inference) answer(environment int, f func(w *answerWork, p *projections) error) error {
	if environment < 0 || environment >= len(s.own) {
		return fmt.Errorf("rl: %w: got environment %d, want 0 to %d", ErrUnknown, environment, len(s.own)-1)
	}
	w := s.answers.Get().(*answerWork)
	err := f(w, s.own[environment])
	s.answers.Put(w)
	if err != nil {
		return fmt.Errorf("rl: %w", err)
	}
	return nil
}

// begin makes room for b windows of at most k steps, of which nothing is hidden yet.
func (w *answerWork) begin(e *Environment, p Parts, k, b int) {
	w.about, w.rows = e, w.rows[:0]
	w.window.Parts, w.window.K = p, k
	w.batch.B, w.batch.T = b, w.window.Tokens()
	clear(kernels.Grow(&w.window.Returns, b*k))
	kernels.Grow(&w.window.Observations, b*k*e.Size())
	kernels.Grow(&w.window.Actions, b*k*e.ActionSize())
	clear(kernels.Grow(&w.window.Hidden, b*w.batch.T))
	kernels.Grow(&w.batch.Lengths, b)
}

// put fills a window with n steps; actions may end before.
func (w *answerWork) put(i, n int, observations, actions []float32) {
	o, a := w.about.Size(), w.about.ActionSize()
	copy(w.window.Observations[i*w.window.K*o:][:n*o], observations)
	copy(w.window.Actions[i*w.window.K*a:][:n*a], actions)
	w.batch.Lengths[i] = int32(n * w.window.Parts.Len())
}

// hide hides a part of steps, which the window may not have.
func (w *answerWork) hide(i int, part Parts, from, to int) {
	for step := from; step < to && w.window.Parts.Has(part); step++ {
		w.window.Hidden[w.row(i, part, step)] = true
	}
}

func (w *answerWork) row(i int, part Parts, step int) int {
	return i*w.batch.T + step*w.window.Parts.Len() + w.window.Parts.Place(part)
}

// ask hides a token and reads the answer there.
func (w *answerWork) ask(i int, part Parts, step int) {
	w.hide(i, part, step, step+1)
	w.rows = append(w.rows, int32(w.row(i, part, step)))
}

// expect asks for the observation after n steps.
func (w *answerWork) expect(i, n int, observations, actions []float32) {
	w.put(i, n, observations, actions)
	w.batch.Lengths[i] = int32((n + 1) * w.window.Parts.Len())
	w.hide(i, Returns, 0, n+1)
	w.hide(i, Actions, n, n+1)
	w.ask(i, Observations, n)
}

// run sets out to what a head reads at the rows that were asked for.
func (w *answerWork) run(s *Inference, p *projections, head *nn.Linear) error {
	d, m := s.config.Hidden, len(w.rows)
	y := kernels.Grow(&w.y, w.batch.B*w.batch.T*d)
	if err := s.encodeWindow(y, p, &w.window, &w.batch, &w.embed); err != nil {
		return err
	}
	read := kernels.Grow(&w.read, m*d)
	kernels.Gather(read, y, w.rows, d)
	return head.Forward(kernels.Grow(&w.out, m*head.Out()), read, m, nil)
}

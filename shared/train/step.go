package train

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// step does one optimizer step over c.Accumulate micro-batches, or skips it if something is not finite. Between micro-batches it gives up when
// ctx has ended, so that a long step does not keep a signal waiting; a resumed run does it over.
func (r *run[B]) step(ctx context.Context, batches *prefetcher[B]) error {
	nn.ZeroGrad(r.params)
	var loss float64
	fault := ""
	for micro := range r.c.Accumulate {
		if micro > 0 && ctx.Err() != nil {
			return fmt.Errorf("%w in step %d", ErrStopped, r.st.Step+1)
		}
		b, err := batches.next()
		if err != nil {
			return fmt.Errorf("train: step %d: batch: %w", r.st.Step+1, err)
		}
		if fault != "" {
			continue
		}
		l, err := r.task.Step(b)
		if err != nil {
			return fmt.Errorf("train: step %d: %w", r.st.Step+1, err)
		}
		if !finite(l) {
			fault = fmt.Sprintf("loss is %v", l)
		}
		loss += l
	}
	micro := float64(r.c.Accumulate)
	loss /= micro
	scale, norm := graph.ClipScale(r.params, float32(1/micro), r.c.ClipNorm)
	if fault == "" && !(norm <= largestNorm || r.c.ClipNorm > 0 && finite(norm) && r.c.ClipNorm <= largestNorm) {
		fault = fmt.Sprintf("gradient norm is %v", norm)
	}
	rate := r.c.Rate(r.st.Step)
	if fault != "" {
		return r.skip(fault)
	}
	if err := r.opt.Update(float32(rate), scale); err != nil {
		return fmt.Errorf("train: step %d: %w", r.st.Step+1, err)
	}
	r.st.Step++
	r.st.Updates++
	r.st.InARow = 0
	r.average.update(r.st.Updates)
	if r.st.LossSteps >= 20 && loss > spike*r.st.Loss {
		r.progress.event("train: step %d: loss %.4g is %.0f times the average", r.st.Step, loss, loss/r.st.Loss)
	}
	r.st.LossSteps++
	r.st.Loss += float64((loss - r.st.Loss) * max(1/float64(r.st.LossSteps), lossMemory))
	r.record(line{Step: r.st.Step, Loss: &loss, Rate: rate, Norm: &norm})
	r.progress.step(r.st.Step, r.c.Steps, r.st.Loss, rate, r.st.Step == r.c.Steps)
	return nil
}

// skip counts a step that changed nothing.
func (r *run[B]) skip(fault string) error {
	if r.st.InARow == 0 {
		r.good = r.st
	}
	r.st.Step++
	r.st.Skipped++
	r.st.InARow++
	r.record(line{Step: r.st.Step, Skipped: fault})
	r.progress.event("train: step %d: %s: skipped, weights are unchanged", r.st.Step, fault)
	if r.st.InARow < maxInARow {
		return nil
	}
	return fmt.Errorf("%w: %d steps in a row up to step %d: %s", ErrNonFinite, maxInARow, r.st.Step, fault)
}

// record writes a line of metrics.
func (r *run[B]) record(l line) {
	if r.metrics == nil {
		return
	}
	if err := r.metrics.write(l); err != nil {
		r.progress.event("train: step %d: metrics: %v", l.Step, err)
	}
}

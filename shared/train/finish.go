package train

import (
	"errors"
	"fmt"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// save writes a checkpoint unless the newest is of this step. A failure is reported and remembered. The metrics up to here are
// durable before the checkpoint is.
func (r *run[B]) save() {
	if r.folder == nil || r.saved == r.st.Step && r.evaluated == r.st.Evaluated {
		return
	}
	if r.metrics != nil {
		if err := r.metrics.sync(); err != nil {
			r.progress.event("train: step %d: metrics: %v", r.st.Step, err)
		}
	}
	r.st.Seconds = r.seconds()
	r.saveErr = r.folder.save(&r.st, r.files())
	if r.saveErr != nil {
		r.failed++
		r.progress.event("train: step %d: saving failed: %v", r.st.Step, r.saveErr)
		return
	}
	r.saved, r.evaluated = r.st.Step, r.st.Evaluated
	if r.st.BestStep == r.st.Step {
		r.bestSaved = r.st.Step
	}
}

// files are the tensors of a checkpoint by file.
func (r *run[B]) files() map[string][]checkpoint.Tensor {
	files := map[string][]checkpoint.Tensor{modelFile: weights(r.params), optimizerFile: moments(r.opt)}
	if r.average != nil {
		files[averageFile] = r.average.tensors()
	}
	if best := r.unsavedBest(); best != nil {
		files[bestFile] = best
	}
	return files
}

// seconds returns the time that the run took, over all resumes.
func (r *run[B]) seconds() float64 {
	return r.began + max(0, r.progress.now().Sub(r.progress.began).Seconds())
}

// finish saves what the end of the loop left unsaved and makes the result.
func (r *run[B]) finish(err error) (Result, error) {
	defer r.close()
	skipped := r.st.Skipped
	if errors.Is(err, ErrNonFinite) {
		if r.st.BestStep > r.good.Step { // found since, with the same weights
			r.good.Best, r.good.BestStep, r.good.BestEval, r.good.Since = r.st.Best, r.good.Step, r.st.BestEval, 0
		}
		r.st = r.good // what the checkpoint holds; the weights are still those
	}
	if errors.Is(err, ErrStopped) || errors.Is(err, ErrNonFinite) {
		r.save()
	}
	res := Result{
		Steps: r.st.Step, Loss: r.st.Loss, Eval: r.st.Eval, BestStep: r.st.BestStep, EarlyStop: r.exhausted(),
		Seconds: r.seconds(), PerSecond: r.progress.rate(r.st.Step), Skipped: skipped, FailedSaves: r.failed,
	}
	switch {
	case err != nil:
	case r.c.Patience > 0 && r.st.BestStep > 0:
		res.Eval = r.st.BestEval
		err = r.restoreBest()
	default:
		r.average.put()
	}
	if r.saveErr != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w", ErrSave, r.saveErr))
	}
	res.Digest = checkpoint.Digest(weights(r.params))
	if r.o.Dir != "" {
		if e := r.report(res); e != nil {
			r.progress.event("train: report: %v", e)
		}
	}
	return res, err
}

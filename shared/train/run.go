package train

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

const (
	maxInARow  = 10   // non-finite steps that end a run
	lossMemory = 0.02 // weight of one loss in the average
	spike      = 10   // times the average that a loss must exceed to be logged

	// largestNorm is the largest norm of what goes into the moments: the square of an element must be a float32.
	largestNorm = 1e18
)

// A run is a training run in progress.
type run[B any] struct {
	c      Config
	task   Task[B]
	o      Options
	params []*nn.Param
	opt    graph.Optimizer
	st     state
	good   state // st before the non-finite steps in a row began

	average   *average // of the weights, nil: none
	folder    *folder  // nil: nothing is saved
	metrics   *metricsFile
	lock      *checkpoint.Lock
	progress  progress
	saved     int         // step of the newest checkpoint, -1: none
	evaluated int         // step of the last evaluation that the newest checkpoint knows of
	saveErr   error       // of the last attempt
	failed    int         // attempts that failed
	began     float64     // seconds before this process
	improved  bool        // the last evaluation was the best
	best      [][]float32 // weights of the best evaluation, where patience wants them back
	bestSaved int         // step of the newest best evaluation that this process has saved, 0: none
}

// Run trains t by c. The result depends on c, the task and the weights it starts from only, however often the run was
// stopped and resumed. With Options.Dir set, the folder holds everything at the end.
//
// With Patience, the weights of the best evaluation are needed at the end. Where its own checkpoint could not be written they go with those that follow, so
// that the run ends the same even if the process dies meanwhile. Where a disk has lost them, the resumed run goes on
// from a checkpoint before the best, and finds it again; where there is none, it goes on from the newest with the best forgotten, which the log says: the evaluation at
// that step, or else the next one, is the best so far, patience begins anew, and the result may be another.
//
// It returns ErrStopped when ctx ended, with the state saved; ErrNonFinite, ErrRecipe, ErrRunExists, ErrNoCheckpoint,
// checkpoint.ErrLocked, ErrSave, or what the task returned.
func Run[B any](ctx context.Context, c Config, t Task[B], o Options) (Result, error) {
	if err := c.Validate(); err != nil {
		return Result{}, err
	}
	r, err := start(c, t, o)
	if err != nil {
		return Result{}, err
	}
	err = r.loop(ctx)
	return r.finish(err)
}

// loop evaluates, saves and steps until the run is complete. A panic of the task is an error, so that the run folder is left
// in order.
func (r *run[B]) loop(ctx context.Context) (err error) {
	batches := prefetch(r.task, r.st.Step, r.c)
	defer batches.stop()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("train: after step %d: panic: %v", r.st.Step, v)
		}
	}()
	for {
		if err := r.evaluate(ctx); err != nil {
			return err
		}
		complete := r.complete()
		if complete || r.improved || r.c.SaveEvery > 0 && r.st.Step > 0 && r.st.Step%r.c.SaveEvery == 0 {
			r.save()
		}
		if complete {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w at step %d", ErrStopped, r.st.Step)
		}
		if err := r.step(ctx, batches); err != nil {
			return err
		}
	}
}

// complete reports whether all steps are done or patience has run out.
func (r *run[B]) complete() bool {
	return r.st.Step >= r.c.Steps || r.exhausted()
}

func (r *run[B]) exhausted() bool { return r.c.Patience > 0 && r.st.Since >= r.c.Patience }

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

// evaluate scores the weights if it is time to, and compares with the best so far.
func (r *run[B]) evaluate(ctx context.Context) error {
	r.improved = false
	step := r.st.Step
	due := step == r.c.Steps || r.c.EvalEvery > 0 && step > 0 && step%r.c.EvalEvery == 0
	if !due || r.st.Evaluated == step {
		return nil
	}
	eval, err := r.score(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("%w in the evaluation at step %d", ErrStopped, step)
		}
		return fmt.Errorf("train: step %d: evaluation: %w", step, err)
	}
	r.st.Evaluated = step
	if len(eval) == 0 {
		if r.c.Patience > 0 {
			return fmt.Errorf("%w: patience: the task has no evaluation", ErrConfig)
		}
		return nil
	}
	eval = maps.Clone(eval)
	for k, v := range eval {
		if !finite(v) {
			r.progress.event("train: step %d: evaluation: %s is %v: left out", step, k, v)
			delete(eval, k)
		}
	}
	r.st.Eval = eval
	r.record(line{Step: step, Eval: eval})
	r.progress.event("step %d/%d  %s", step, r.c.Steps, evalText(eval))
	value, ok := eval[r.c.Monitor]
	if !ok && r.c.Patience > 0 {
		return fmt.Errorf("%w: monitor: the evaluation has no finite %q", ErrConfig, r.c.Monitor)
	}
	r.st.Since++
	if ok && (r.st.BestStep == 0 || better(r.c.Monitor, value, r.st.Best)) {
		r.st.Best, r.st.BestStep, r.st.BestEval, r.st.Since = value, step, eval, 0
		r.improved = true
		r.keepBest()
	}
	return nil
}

// evalText lists an evaluation in the order of its keys.
func evalText(eval map[string]float64) string {
	var parts []string
	for _, k := range sortedKeys(eval) {
		parts = append(parts, fmt.Sprintf("%s %.4f", k, eval[k]))
	}
	return strings.Join(parts, "  ")
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

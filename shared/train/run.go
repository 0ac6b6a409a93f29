package train

import (
	"context"
	"fmt"

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

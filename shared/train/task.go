package train

import (
	"context"
	"io"
	"time"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/nn"
)

// A Task is something to train with batches of type B.
type Task[B any] interface {
	// Params returns all parameters, always in the same order. Those that are not frozen are trained.
	Params() []*nn.Param

	// Batch makes micro-batch micro of step. It is a pure function of its arguments. It runs in a
	// goroutine of its own while Step or Evaluate is at work, and the loop holds two batches at most.
	Batch(step, micro int) (B, error)

	// Step runs forward and backward over b, adds to the gradients, and returns the mean loss. Every
	// call is followed by others until the step is complete; the loop scales the sum of gradients.
	Step(b B) (loss float64, err error)

	// Evaluate scores held-back data. It returns a nil map when there is none. It changes no parameter.
	Evaluate(ctx context.Context) (map[string]float64, error)
}

// Options say where a run lives and whom it tells. The zero value trains in memory, silently.
type Options struct {
	Dir      string           // run folder, made if missing; empty: nothing is saved
	Resume   bool             // go on from the newest good checkpoint in Dir, or start if there is none
	Force    bool             // resume even though the recipe has changed
	Recipe   any              // what else decides the result (data hashes, model config); any JSON value
	Title    string           // heading of report.html
	Log      io.Writer        // events and progress; nil: nobody
	Terminal bool             // Log is a terminal: progress rewrites one line
	Now      func() time.Time // clock for rates; nil: time.Now
	FS       checkpoint.FS    // where checkpoints are written; nil: checkpoint.OS
}

// A Result is what a run came to.
type Result struct {
	Steps       int                // steps done, over all resumes
	Loss        float64            // exponential average of the training loss over about the last 50 steps
	Eval        map[string]float64 // the last evaluation, or the best one if Patience is set; nil if there was none
	BestStep    int                // step of the best evaluation, 0 if there was none
	EarlyStop   bool               // patience ran out before Steps
	Seconds     float64            // wall-clock seconds, over all resumes
	PerSecond   float64            // steps a second in this process
	Skipped     int                // steps whose loss or gradient was not finite
	FailedSaves int                // checkpoints that could not be written in this process
	Digest      string             // checkpoint.Digest of the final weights
}

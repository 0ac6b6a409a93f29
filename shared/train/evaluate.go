package train

import (
	"context"
	"fmt"
	"maps"
	"strings"
)

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

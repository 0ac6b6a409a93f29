package train

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fmkit/fmkit/shared/checkpoint"
)

// better compares two values of a metric.
func better(metric string, v, than float64) bool {
	if strings.HasSuffix(metric, "loss") || strings.HasSuffix(metric, "perplexity") {
		return v < than
	}
	return v > than
}

// keepBest copies the weights that were scored if patience will want them back.
func (r *run[B]) keepBest() {
	if r.c.Patience == 0 {
		return
	}
	if r.best == nil {
		r.best = make([][]float32, len(r.params))
	}
	for i, t := range r.scored() {
		r.best[i] = append(r.best[i][:0], t.Data...)
	}
}

// forgetBest makes the evaluation at this step the best so far, or none if there was none here.
func (r *run[B]) forgetBest() {
	r.st.Best, r.st.BestStep, r.st.BestEval, r.st.Since = 0, 0, nil, 0
	if value, ok := r.st.Eval[r.c.Monitor]; ok && r.st.Evaluated == r.st.Step {
		r.st.Best, r.st.BestStep, r.st.BestEval = value, r.st.Step, r.st.Eval
	}
}

// findBest returns an error if the weights of the best evaluation that st speaks of will be wanted and are nowhere.
func (r *run[B]) findBest(st *state) error {
	if r.c.Patience == 0 || st.BestStep == 0 || st.BestStep == st.Step || st.Files[bestFile] != "" {
		return nil
	}
	_, err := r.folder.verify(st.BestStep)
	if err != nil {
		r.folder.bad[st.BestStep] = true
	}
	return err
}

// unsavedBest returns the weights of the best evaluation if patience will want them back and this process has them, but has not saved the checkpoint
// of that step.
func (r *run[B]) unsavedBest() []checkpoint.Tensor {
	if r.best == nil || r.st.BestStep == r.st.Step || r.st.BestStep == r.bestSaved {
		return nil
	}
	return r.bestTensors()
}

// bestTensors returns the kept weights of the best evaluation as tensors that share their values.
func (r *run[B]) bestTensors() []checkpoint.Tensor {
	tensors := weights(r.params)
	for i := range tensors {
		tensors[i].Data = r.best[i]
	}
	return tensors
}

// restoreBest puts the weights of the best evaluation back.
func (r *run[B]) restoreBest() error {
	if r.best != nil {
		for i, p := range r.params {
			copy(p.Value, r.best[i])
		}
		return nil
	}
	if r.folder == nil || r.st.BestStep == r.st.Step {
		r.average.put()
		return nil
	}
	st, err := r.folder.verify(r.st.BestStep)
	if err == nil {
		name := modelFile
		if r.average != nil && st.Files[averageFile] != "" {
			name = averageFile
		}
		err = r.folder.readTensors(filepath.Join(r.folder.path(st.Step), name), weights(r.params))
	}
	if err != nil {
		return fmt.Errorf("train: best checkpoint, step %d: %w", r.st.BestStep, err)
	}
	return nil
}

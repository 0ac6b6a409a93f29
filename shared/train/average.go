package train

import (
	"context"

	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// An average is the exponential moving average of the weights (Polyak and Juditsky, 1992; Izmailov et al., 2018), which forgets the noise of single
// steps. Evaluations score it, and it is what remains at the end. A nil average is of no run: its methods do nothing.
type average struct {
	decay  float64
	params []*nn.Param
	values [][]float32 // by parameter
}

// averageFile holds the averaged weights of a checkpoint, whose model.safetensors holds those that are trained.
const averageFile = "average.safetensors"

// newAverage begins at the weights as they are; nil for no decay.
func newAverage(params []*nn.Param, decay float64) *average {
	if decay == 0 {
		return nil
	}
	a := &average{decay: decay, params: params, values: make([][]float32, len(params))}
	for i, p := range params {
		a.values[i] = append(kernels.Make[float32](len(p.Value))[:0], p.Value...)
	}
	return a
}

// update takes the weights after the t-th update in. The decay rises to its value, (1+t)/(10+t) before, so that the weights at the start don't weigh on
// the average for long.
func (a *average) update(t int) {
	if a == nil {
		return
	}
	decay := min(a.decay, float64(1+t)/float64(10+t))
	for i, p := range a.params {
		kernels.Scale(a.values[i], float32(decay))
		kernels.AddScaled(a.values[i], p.Value, float32(1-decay))
	}
}

// swap exchanges the weights for their averages.
func (a *average) swap() {
	if a == nil {
		return
	}
	for i, p := range a.params {
		for j, v := range p.Value {
			p.Value[j], a.values[i][j] = a.values[i][j], v
		}
	}
}

// put replaces the weights by their averages.
func (a *average) put() {
	if a == nil {
		return
	}
	for i, p := range a.params {
		copy(p.Value, a.values[i])
	}
}

// tensors returns the averages under the parameters' names, sharing their values.
func (a *average) tensors() []checkpoint.Tensor {
	tensors := weights(a.params)
	for i := range tensors {
		tensors[i].Data = a.values[i]
	}
	return tensors
}

// scored returns the weights that evaluations score.
func (r *run[B]) scored() []checkpoint.Tensor {
	if r.average == nil {
		return weights(r.params)
	}
	return r.average.tensors()
}

// score evaluates the averaged weights, where there are any, and puts those that are trained back.
func (r *run[B]) score(ctx context.Context) (map[string]float64, error) {
	r.average.swap()
	defer r.average.swap()
	return r.task.Evaluate(ctx)
}

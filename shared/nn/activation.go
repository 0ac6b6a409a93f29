package nn

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/kernels"
)

// An Activation is the nonlinearity of a feed-forward layer, by its Hugging Face name.
type Activation string

// The activations.
const (
	GELU     Activation = "gelu"     // x Phi(x) by the error function (Hendrycks and Gimpel, 2016)
	GELUTanh Activation = "gelu_new" // its tanh approximation
	ReLU     Activation = "relu"
	SiLU     Activation = "silu" // x sigmoid(x)
)

// ParseActivation returns the activation of a Hugging Face name; gelu_pytorch_tanh is another name of gelu_new, swish of silu.
func ParseActivation(name string) (Activation, error) {
	switch name {
	case "gelu_pytorch_tanh":
		return GELUTanh, nil
	case "swish":
		return SiLU, nil
	case string(GELU), string(GELUTanh), string(ReLU), string(SiLU):
		return Activation(name), nil
	}
	return "", fmt.Errorf("nn: activation: got %q, want gelu, gelu_new, relu or silu", name)
}

// Forward sets y[i] to the activation of x[i]; y may be x.
func (a Activation) Forward(y, x []float32) {
	switch a {
	case GELUTanh:
		kernels.GELUTanh(y, x)
	case ReLU:
		kernels.ReLU(y, x)
	case SiLU:
		kernels.SiLU(y, x)
	default:
		kernels.GELU(y, x)
	}
}

// Backward sets dx[i] to dy[i] times the derivative at x[i]; dx may be dy.
func (a Activation) Backward(dx, dy, x []float32) {
	switch a {
	case GELUTanh:
		kernels.GELUTanhBackward(dx, dy, x)
	case ReLU:
		kernels.ReLUBackward(dx, dy, x)
	case SiLU:
		kernels.SiLUBackward(dx, dy, x)
	default:
		kernels.GELUBackward(dx, dy, x)
	}
}

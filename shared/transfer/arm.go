package transfer

import (
	"context"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/checkpoint"
	"github.com/fmkit/fmkit/shared/metrics"
)

// Names of arms. Any other name than the first two is that of an arm that starts from the base.
const (
	Baseline = "baseline"      // a cheap learner without the model
	Scratch  = adapter.Scratch // the base's model from random weights
	Head     = adapter.Head    // the base's vectors as they are, and a head
	LoRA     = adapter.LoRA    // low-rank changes of the base, and a head
	Full     = adapter.Full    // the whole base tuned, and a head
)

// Names lists the arms of a report, in its order.
func Names() []string { return []string{Baseline, Scratch, Head, LoRA, Full} }

// pretrained says whether an arm of this name starts from the base.
func pretrained(name string) bool { return name != Baseline && name != Scratch }

// About says what the arm of a method of tuning is.
func About(method string) string {
	switch method {
	case Scratch:
		return "the same model from random weights, all of it tuned"
	case Head:
		return "the base as it is, a head learnt"
	case LoRA:
		return "low-rank changes of the base, and a head"
	case Full:
		return "the base, all of it tuned"
	}
	return "the base, tuned by " + method
}

// An Arm learns from examples of type E.
type Arm[E any] struct {
	Name    string
	About   string   // what it is, in a few words
	Choices []string // its settings, at least one
	// Most is how many examples a choice is still tried on; nil: any number. Some choice must do for every number.
	Most func(choice int) int
	// Fit learns from examples by one of the choices. It is a pure function of its arguments.
	Fit func(ctx context.Context, train []E, choice int, seed uint64) (*Model[E], error)
}

// A Model is what an arm has learnt.
type Model[E any] struct {
	// Answer answers the examples' inputs; what it returns compares the answers with the examples', an item's share each. An item's answer does not
	// depend on those beside it.
	Answer func(ctx context.Context, examples []E) (score func() ([]metrics.Ratio, error), err error)
	Alone  func() error // gives one answer, which is timed; nil: Answer of one example is
	Params int          // numbers that were learnt, 0: not counted
	Bytes  int64        // of the file that keeps them, 0: it has none
}

// Weigh sets Params and Bytes to what a file of the tensors that were learnt has.
func (m *Model[E]) Weigh(tensors []checkpoint.Tensor) error {
	m.Params = 0
	for i := range tensors {
		m.Params += len(tensors[i].Data)
	}
	var size counter
	err := checkpoint.Write(&size, tensors, map[string]string{"format": "pt"})
	m.Bytes = int64(size)
	return err
}

// A counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

package pretrain

import (
	"context"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
)

// headName is the name of the language-model head in transformers.
const headName = "cls.predictions"

// A languageModel is the head that predicts tokens, over windows of text. The masked and the causal objective share it.
type languageModel struct {
	*samples
	head  *nn.LMHead
	graph *graph.Graph
}

// languageModel returns the one of the source, made at first use.
func (s *source) languageModel() (*languageModel, error) {
	if s.lm != nil {
		return s.lm, nil
	}
	w, err := s.samples()
	if err != nil {
		return nil, err
	}
	m := s.model
	l := &languageModel{samples: w, head: nn.NewLMHead(headName, m.Embedding.Word, m.Config.Hidden, m.Config.Eps)}
	l.graph = graph.New(append(s.sublayers(), l.head)...)
	s.lm = l
	return l, nil
}

func (l *languageModel) set(b *batch) {
	l.source.model.Embedding.IDs, l.source.model.Embedding.TypeIDs = b.ids, nil
	l.head.Positions, l.head.Targets = b.positions, b.targets
}

func (l *languageModel) step(b *batch) (float64, error) {
	l.set(b)
	loss, err := l.graph.Step(&b.nn)
	return float64(loss), err
}

// evaluate gives loss and accuracy on held-back windows, beside those of unigrams.
func (l *languageModel) evaluate(ctx context.Context, held []*batch, unit *unigram) (map[string]float64, error) {
	var loss float64
	correct, n := 0, 0
	for _, b := range held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l.set(b)
		mean, err := l.graph.Loss(&b.nn)
		if err != nil {
			return nil, err
		}
		loss += float64(mean) * float64(len(b.targets))
		correct += l.head.Correct
		n += len(b.targets)
	}
	return map[string]float64{
		"loss": loss / float64(n), "accuracy": float64(correct) / float64(n),
		"unigram_loss": unit.loss, "unigram_accuracy": unit.accuracy,
	}, nil
}

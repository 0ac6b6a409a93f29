package pretrain

import (
	"context"
	"fmt"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
)

// headName is the name of the language-model head in transformers.
const headName = "cls.predictions"

// A languageModel is the head that predicts tokens, over windows of text. The masked and the causal objective share it.
type languageModel struct {
	source *source
	head   *nn.LMHead
	graph  *graph.Graph
	train  *windows
}

// languageModel returns the one of the source, made at first use.
func (s *source) languageModel() (*languageModel, error) {
	if s.lm != nil {
		return s.lm, nil
	}
	m, co, c := s.model, s.corpus, s.config
	for _, f := range []struct {
		name   string
		tokens int64
	}{{"training", co.train.Tokens()}, {"held-back", co.held.Tokens()}} {
		if f.tokens < int64(c.Length) {
			return nil, fmt.Errorf("pretrain: the %s part has %d tokens, want at least a window of %d", f.name, f.tokens, c.Length)
		}
	}
	l := &languageModel{source: s, train: newWindows(co.train, c, m.Cls(), m.Sep())}
	l.head = nn.NewLMHead(headName, m.Embedding.Word, m.Config.Hidden, m.Config.Eps)
	l.graph = graph.New(append(s.sublayers(), l.head)...)
	s.lm = l
	return l, nil
}

// ask lays out one window in b with what is to be predicted of it.
type ask func(b *batch, window []int32, key uint64)

// batch makes a micro-batch of training windows.
func (l *languageModel) batch(at place, ask ask) (*batch, error) {
	size := l.source.config.Batch
	b := newBatch(size, l.train.length)
	first := at.micro * int64(size)
	row := make([]int32, l.train.length)
	for i := range int64(size) {
		n, err := l.train.read(row, first+i)
		if err != nil {
			return nil, err
		}
		ask(b, row[:n], random.Mix(l.source.key, uint64(first+i)))
	}
	return b, nil
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

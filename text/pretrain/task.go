package pretrain

import (
	"context"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/tokenizer"
)

// headName is the name of the masked-language-model head in transformers.
const headName = "cls.predictions"

// A task is masked-language modelling of a corpus. It implements train.Task.
type task struct {
	model *text.Model
	head  *nn.LMHead
	graph *graph.Graph
	mask  *masker
	train *windows
	held  []*batch // the evaluation, always the same
	unit  unigram  // what counts alone reach there

	size       int // windows of a micro-batch
	accumulate int
	key        uint64 // of masks and dropout
}

// A batch is one micro-batch, masked.
type batch struct {
	nn        nn.Batch
	ids       []int32 // [B, T]
	positions []int32 // [P] what to predict: b*T + t
	targets   []int32 // [P]
}

func newTask(m *text.Model, co *corpus, c Config) (*task, error) {
	mask, err := newMasker(m.Tokenizer, c.Mask)
	if err != nil {
		return nil, err
	}
	t := &task{
		model: m, mask: mask, train: newWindows(co.train, c, m.Cls(), m.Sep()),
		size: c.Batch, accumulate: c.Train.Accumulate, key: random.Key(c.Train.Seed, "pretrain.samples"),
	}
	t.head = nn.NewLMHead(headName, m.Embedding.Word, m.Config.Hidden, m.Config.Eps)
	for _, p := range t.head.Params() {
		p.Init(c.Train.Seed)
	}
	chain := append([]nn.Sublayer{m.Embedding}, m.Encoder.Sublayers()...)
	t.graph = graph.New(append(chain, t.head)...)
	for _, f := range []struct {
		name   string
		tokens int64
	}{{"training", co.train.Tokens()}, {"held-back", co.held.Tokens()}} {
		if f.tokens < int64(c.Length) {
			return nil, fmt.Errorf("pretrain: the %s part has %d tokens, want at least a window of %d", f.name, f.tokens, c.Length)
		}
	}
	if err := t.prepareHeld(co, c); err != nil {
		return nil, err
	}
	return t, nil
}

// newMasker knows which tokens of a vocabulary begin words: in WordPiece those without ##, in byte-level BPE those that
// start with a space or that don't start with a letter.
func newMasker(tok *tokenizer.Tokenizer, rate float64) (*masker, error) {
	r := tok.Roles()
	if r.Mask < 0 {
		return nil, fmt.Errorf("pretrain: the tokenizer has no [MASK] token")
	}
	n := tok.VocabSize()
	m := &masker{rate: rate, mask: r.Mask, begins: make([]bool, n), special: make([]bool, n)}
	bytelevel := false
	for id := range int32(n) {
		bytelevel = bytelevel || strings.HasPrefix(tok.Token(id), "Ġ")
	}
	for id := range int32(n) {
		token := tok.Token(id)
		m.special[id] = tok.IsSpecial(id)
		if bytelevel {
			letter := token != "" && (token[0] >= 'a' && token[0] <= 'z' || token[0] >= 'A' && token[0] <= 'Z' || token[0] >= 0x80)
			m.begins[id] = strings.HasPrefix(token, "Ġ") || strings.HasPrefix(token, "Ċ") || !letter
		} else {
			m.begins[id] = !strings.HasPrefix(token, "##")
		}
		if !m.special[id] {
			m.ordinary = append(m.ordinary, id)
		}
	}
	if len(m.ordinary) == 0 {
		return nil, fmt.Errorf("pretrain: the tokenizer has special tokens only")
	}
	return m, nil
}

// Params implements train.Task.
func (t *task) Params() []*nn.Param { return append(t.model.Params(), t.head.Params()...) }

// Batch implements train.Task.
func (t *task) Batch(step, micro int) (*batch, error) {
	b := t.newBatch(t.size)
	b.nn.Train = true
	first := int64(step*t.accumulate+micro) * int64(t.size)
	row := make([]int32, t.train.length)
	for i := range t.size {
		n, err := t.train.read(row, first+int64(i))
		if err != nil {
			return nil, err
		}
		b.add(t.mask, row[:n], t.model.Pad(), random.Mix(t.key, uint64(first)+uint64(i)))
	}
	return b, nil
}

func (t *task) newBatch(size int) *batch {
	n := size * t.train.length
	return &batch{nn: nn.Batch{T: t.train.length}, ids: make([]int32, 0, n), positions: make([]int32, 0, n/5), targets: make([]int32, 0, n/5)}
}

// add appends one window, masked by key.
func (b *batch) add(m *masker, window []int32, pad int32, key uint64) {
	at := len(b.ids)
	targets := make([]int32, len(window))
	b.ids = append(b.ids, window...)
	m.apply(b.ids[at:], targets, window, key)
	for i, target := range targets {
		if target != ignored {
			b.positions = append(b.positions, int32(at+i))
			b.targets = append(b.targets, target)
		}
	}
	for range b.nn.T - len(window) {
		b.ids = append(b.ids, pad)
	}
	b.nn.B++
	b.nn.Lengths = append(b.nn.Lengths, int32(len(window)))
	b.nn.Keys = append(b.nn.Keys, key)
}

func (t *task) set(b *batch) {
	t.model.Embedding.IDs, t.model.Embedding.TypeIDs = b.ids, nil
	t.head.Positions, t.head.Targets = b.positions, b.targets
}

// Step implements train.Task.
func (t *task) Step(b *batch) (float64, error) {
	t.set(b)
	loss, err := t.graph.Step(&b.nn)
	return float64(loss), err
}

// Evaluate implements train.Task: loss and accuracy on the held-back windows, beside those of unigrams.
func (t *task) Evaluate(ctx context.Context) (map[string]float64, error) {
	var loss float64
	correct, n := 0, 0
	for _, b := range t.held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.set(b)
		l, err := t.graph.Loss(&b.nn)
		if err != nil {
			return nil, err
		}
		loss += float64(l) * float64(len(b.targets))
		correct += t.head.Correct
		n += len(b.targets)
	}
	return map[string]float64{
		"loss": loss / float64(n), "accuracy": float64(correct) / float64(n),
		"unigram_loss": t.unit.loss, "unigram_accuracy": t.unit.accuracy,
	}, nil
}

package pretrain

import (
	"context"
	"fmt"
	"strings"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/graph"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/shared/random"
	"github.com/fmkit/fmkit/text"
)

// Distilled draws the mean vectors of texts towards those that a teacher gives them (Reimers and Gurevych, 2020). A model made so is
// no longer trained on text alone: its card says whose pupil it is.
type Distilled struct {
	Share   float64 `json:"share"`   // of the micro-batches
	Batch   int     `json:"batch"`   // texts of a micro-batch
	Length  int     `json:"length"`  // most tokens of a text
	Teacher string  `json:"teacher"` // folder of a text encoder
	Words   float64 `json:"words"`   // > 0: word embeddings start from the teacher's vectors of single tokens, at this standard deviation
}

func (c *Distilled) validate() error {
	switch {
	case c.Batch < 1:
		return fmt.Errorf("distilled.batch: got %d, want 1 or more", c.Batch)
	case c.Length < 8:
		return fmt.Errorf("distilled.length: got %d, want 8 or more", c.Length)
	case !(c.Words >= 0 && c.Words <= 10):
		return fmt.Errorf("distilled.words: got %g, want 0 to 10", c.Words)
	case c.Teacher == "":
		return fmt.Errorf("distilled.teacher: got none, want the folder of an encoder")
	}
	return nil
}

type distilled struct {
	Distilled
	source  *source
	teacher *text.Embedder
	texts   []string    // of the training part
	known   [][]float32 // what the teacher said of them in an earlier epoch: memory for time
	seed    uint64
	loss    *nn.CosineLoss
	graph   *graph.Graph
	held    []*batch
}

func newDistilled(s *source) (objective, float64, error) {
	c := s.config.Distilled
	if c == nil {
		return nil, 0, nil
	}
	o := &distilled{Distilled: *c, source: s, seed: random.Key(s.config.Train.Seed, "pretrain.distilled")}
	o.Length = min(o.Length, s.model.Config.MaxPositions)
	var err error
	if o.teacher, err = text.NewEmbedder(s.teacher, text.EmbedConfig{Normalize: true, MaxLength: c.Length}); err != nil {
		return nil, 0, fmt.Errorf("pretrain: teacher: %w", err)
	}
	d := s.model.Config.Hidden
	o.loss = nn.NewCosineLoss("cls.teacher", d, o.teacher.Width())
	o.graph = graph.New(append(s.sublayers(), &nn.Pool{Pooling: nn.PoolMean, D: d}, o.loss)...)
	if err := o.start(); err != nil {
		return nil, 0, err
	}
	return o, c.Share, o.read()
}

// start sets the word embeddings to the principal components of the teacher's vectors of the tokens, each read as a text by itself, the way of
// Model2Vec (Tulkens and van Dongen, 2024).
func (o *distilled) start() error {
	if o.Words == 0 {
		return nil
	}
	m, e := o.source.model, o.teacher.Width()
	d := m.Embedding.Word.Shape[1]
	if d > e {
		return fmt.Errorf("%w: distilled.words: got a teacher of width %d, want at least the %d of the word embeddings", ErrConfig, e, d)
	}
	tokens := make([]string, m.Tokenizer.VocabSize())
	for id := range tokens {
		tokens[id] = strings.TrimPrefix(m.Tokenizer.Token(int32(id)), "##")
	}
	all, err := o.teacher.Embed(context.Background(), tokens)
	if err != nil {
		return fmt.Errorf("pretrain: teacher: %w", err)
	}
	vectors, mean := make([]float32, 0, len(tokens)*e), make([]float32, e)
	for _, v := range all {
		kernels.AddScaled(mean, v, -1/float32(len(all)))
	}
	for _, v := range all {
		kernels.Add(v, mean)
		vectors = append(vectors, v...)
	}
	startWords(m, truncated(vectors, len(tokens), e, d, 1, o.seed), o.Words)
	return nil
}

func (o *distilled) name() string        { return "distilled" }
func (o *distilled) params() []*nn.Param { return o.loss.Params() }

// read takes the lines of the text, and holds some back.
func (o *distilled) read() error {
	var held []string
	for line, err := range o.source.texts.lines() {
		if err != nil {
			return err
		}
		if random.Key(heldSeed, line)%heldLines == 0 {
			held = append(held, line)
		} else {
			o.texts = append(o.texts, line)
		}
	}
	if len(o.texts) == 0 {
		return fmt.Errorf("pretrain: distilled: %w", data.ErrEmpty)
	}
	o.known = make([][]float32, len(o.texts))
	for i := 0; i < len(held) && i < o.source.config.EvalMax; i += o.Batch {
		texts := held[i:min(i+o.Batch, len(held))]
		vectors, err := o.teacher.Embed(context.Background(), texts)
		if err != nil {
			return fmt.Errorf("pretrain: teacher: %w", err)
		}
		o.held = append(o.held, o.lay(texts, vectors, uint64(i)))
	}
	return nil
}

// heldLines is one of how many lines is held back, drawn by what they say: the same line twice lies on one side.
const heldLines = 200

func (o *distilled) batch(at place) (*batch, error) {
	n := int64(len(o.texts))
	first := at.micro * int64(o.Batch)
	texts, vectors := make([]string, o.Batch), make([][]float32, o.Batch)
	var unknown []string
	var where []int
	chosen := make([]int64, o.Batch)
	for i := range o.Batch {
		number := first + int64(i)
		order := data.NewOrder(n, o.seed, number/n)
		chosen[i] = order.At(number % n)
		texts[i], vectors[i] = o.texts[chosen[i]], o.known[chosen[i]]
		if vectors[i] == nil {
			unknown, where = append(unknown, texts[i]), append(where, i)
		}
	}
	news, err := o.teacher.Embed(context.Background(), unknown)
	if err != nil {
		return nil, fmt.Errorf("pretrain: teacher: %w", err)
	}
	for i, v := range news {
		vectors[where[i]], o.known[chosen[where[i]]] = v, v
	}
	return o.lay(texts, vectors, uint64(first)), nil
}

// forget makes the teacher read everything anew.
func (o *distilled) forget() { clear(o.known) }

// lay puts texts and the teacher's vectors of them into a batch whose keys are numbered from number on.
func (o *distilled) lay(texts []string, vectors [][]float32, number uint64) *batch {
	rows := make([][]int32, len(texts))
	for i, t := range texts {
		rows[i] = o.source.model.Row(t, o.Length).IDs
	}
	b := newBatch(len(texts), longest(rows, o.source.model.Config.MaxPositions))
	for i, row := range rows {
		b.add(row, o.source.model.Pad(), random.Mix(o.source.key, number+uint64(i)))
		b.vectors = append(b.vectors, vectors[i]...)
	}
	return b
}

func (o *distilled) set(b *batch) {
	o.source.model.Embedding.IDs, o.source.model.Embedding.TypeIDs = b.ids, nil
	o.loss.Targets = b.vectors
}

func (o *distilled) step(b *batch) (float64, error) {
	o.set(b)
	loss, err := o.graph.Step(&b.nn)
	return float64(loss), err
}

// evaluate gives the mean of 1 minus the cosine to the teacher's vector over held-back lines.
func (o *distilled) evaluate(ctx context.Context) (map[string]float64, error) {
	var loss float64
	n := 0
	for _, b := range o.held {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		o.set(b)
		mean, err := o.graph.Loss(&b.nn)
		if err != nil {
			return nil, err
		}
		loss += float64(mean) * float64(b.nn.B)
		n += b.nn.B
	}
	return map[string]float64{"loss": loss / float64(max(n, 1))}, nil
}

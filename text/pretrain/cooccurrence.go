package pretrain

import (
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
)

// CoOccurrence starts the word embeddings from what stands near what: the truncated singular value decomposition of positive pointwise mutual
// information, with the contexts' counts smoothed (Levy, Goldberg and Dagan, 2015). It takes seconds, and spares the encoder hours of learning it.
type CoOccurrence struct {
	Window  int     `json:"window"`            // tokens on each side that count, nearer ones more: by 1/distance
	Smooth  float64 `json:"smooth"`            // power of the contexts' counts; 0.75 in the paper
	Power   float64 `json:"power"`             // of the singular values; 0.5 in the paper
	Std     float64 `json:"std"`               // standard deviation of the embeddings' values afterwards
	Letters float64 `json:"letters,omitempty"` // > 0: what two tokens' spellings share adds to the vectors, with this weight beside what stands near them
	Whiten  float64 `json:"whiten,omitempty"`  // > 0: directions are scaled by the variance of short passages' means to the power -whiten; 0.5 whitens; the trained model's mean vectors are centred then
	Rare    float64 `json:"rare"`              // > 0: vectors have one length, times rare/(rare+p) for a token of probability p (Arora, Liang and Ma, 2017): behind the norm, frequent tokens are then hardly told apart, and a mean is about the rare ones
}

func (c *CoOccurrence) validate() error {
	for _, f := range []struct {
		name           string
		got, low, high float64
	}{
		{"window", float64(c.Window), 1, 64}, {"smooth", c.Smooth, 0.1, 1}, {"power", c.Power, 0, 1}, {"std", c.Std, 1e-4, 10}, {"rare", c.Rare, 0, 1}, {"letters", c.Letters, 0, 10}, {"whiten", c.Whiten, 0, 1},
	} {
		if !(f.got >= f.low && f.got <= f.high) {
			return fmt.Errorf("cooccurrence.%s: got %v, want %v to %v", f.name, f.got, f.low, f.high)
		}
	}
	return nil
}

// mostCounted is the largest vocabulary whose table of counts is made: a gigabyte.
const mostCounted = 16384

// start sets the word embeddings of m, but for special tokens, from the training part.
func (c *CoOccurrence) start(m *text.Model, f *data.TokenFile, seed uint64) error {
	v, d := m.Tokenizer.VocabSize(), m.Embedding.Word.Shape[1]
	if v > mostCounted {
		return fmt.Errorf("%w: cooccurrence: got a vocabulary of %d, want at most %d", ErrConfig, v, mostCounted)
	}
	if d+oversample > v {
		return fmt.Errorf("%w: cooccurrence: got a vocabulary of %d, want at least %d for vectors of width %d", ErrConfig, v, d+oversample, d)
	}
	special := make([]bool, v)
	for i := range special {
		special[i] = m.Tokenizer.IsSpecial(int32(i))
	}
	table, err := c.count(f, special)
	if err != nil {
		return err
	}
	c.information(table, v)
	vectors := truncated(table, v, v, d, c.Power, seed)
	if c.Letters > 0 {
		unit(vectors, d)
		vectors = truncated(beside(vectors, spelled(m.Tokenizer), v, float32(c.Letters)), v, d+buckets, d, 1, seed)
	}
	if c.Rare > 0 {
		counts, err := count(f, v)
		if err != nil {
			return err
		}
		c.weigh(vectors, counts, d)
	}
	if c.Whiten > 0 {
		if c.Rare == 0 {
			unit(vectors, d)
		}
		if err := whiten(vectors, d, f, special, c.Whiten); err != nil {
			return err
		}
	}
	if c.Rare > 0 || c.Whiten > 0 {
		c.settle(m)
	}
	startWords(m, vectors, c.Std)
	return nil
}

// weigh gives the vectors [V, D] of tokens lengths by their counts [V].
func (c *CoOccurrence) weigh(vectors []float32, counts []int64, d int) {
	var total int64
	for _, n := range counts {
		total += n
	}
	for id, n := range counts {
		lengthen(vectors[id*d:(id+1)*d], c.Rare/(c.Rare+float64(n)/float64(total)))
	}
}

// unit scales the vectors [N, D] to length 1.
func unit(vectors []float32, d int) {
	for i := 0; i < len(vectors); i += d {
		lengthen(vectors[i:i+d], 1)
	}
}

// settle makes what the norm leaves of a frequent token the same everywhere: small vectors of positions, and one of the token type that is larger than
// these and smaller than those of rare words. A model without token types has no such vector.
func (c *CoOccurrence) settle(m *text.Model) {
	if m.Embedding.Type == nil || m.Embedding.Position == nil {
		return
	}
	common := 0.6
	if c.Whiten > 0 {
		common = 2 // the norm should change lengths little, for the means to stay white
	}
	for _, f := range []struct {
		values []float32
		share  float64
	}{{m.Embedding.Position.Value, 0.01}, {m.Embedding.Type.Value, common}} {
		std := math.Sqrt(kernels.SumSquares(f.values) / float64(len(f.values)))
		kernels.Scale(f.values, float32(c.Std*f.share/std))
	}
}

// startWords sets the word embeddings, but for special tokens, to vectors [V, D] at a standard deviation of std. A token whose vector is zero, because it never
// occurs, keeps its random one.
func startWords(m *text.Model, vectors []float32, std float64) {
	d := m.Embedding.Word.Shape[1]
	kernels.Scale(vectors, float32(std/math.Sqrt(kernels.SumSquares(vectors)/float64(len(vectors)))))
	for id := range m.Tokenizer.VocabSize() {
		row := vectors[id*d : (id+1)*d]
		if !m.Tokenizer.IsSpecial(int32(id)) && kernels.SumSquares(row) > 0 {
			copy(m.Embedding.Word.Value[id*d:], row)
		}
	}
}

// count returns the weighted counts [V, V] of tokens near each other. Special tokens end a context.
func (c *CoOccurrence) count(f *data.TokenFile, special []bool) ([]float32, error) {
	v := len(special)
	table := kernels.Make[float32](v * v)
	weights := make([]float32, c.Window+1)
	for i := 1; i <= c.Window; i++ {
		weights[i] = 1 / float32(i)
	}
	buf := make([]int32, 1<<15)
	var near []int32 // the tokens before, the nearest last
	for at := int64(0); at < f.Tokens(); at += int64(len(buf)) {
		part := buf[:min(int64(len(buf)), f.Tokens()-at)]
		if err := f.Read(part, at); err != nil {
			return nil, fmt.Errorf("pretrain: cooccurrence: %w", err)
		}
		for _, id := range part {
			if special[id] {
				near = near[:0]
				continue
			}
			row := table[int(id)*v : (int(id)+1)*v]
			for i, other := range near {
				w := weights[len(near)-i]
				row[other] += w
				table[int(other)*v+int(id)] += w
			}
			if len(near) == c.Window {
				copy(near, near[1:])
				near = near[:c.Window-1]
			}
			near = append(near, id)
		}
	}
	return table, nil
}

// information turns counts [V, V] into positive pointwise mutual information, in place.
func (c *CoOccurrence) information(table []float32, v int) {
	rows, contexts := make([]float64, v), make([]float64, v)
	var smoothed float64
	for i := range v {
		rows[i] = kernels.Sum(table[i*v : (i+1)*v])
		contexts[i] = nn.Pow(rows[i], c.Smooth)
		smoothed += contexts[i]
	}
	for i := range v {
		if rows[i] == 0 {
			continue
		}
		row := table[i*v : (i+1)*v]
		for j, n := range row {
			if n > 0 {
				row[j] = max(0, kernels.Log(float32(float64(n)/rows[i]*smoothed/contexts[j])))
			}
		}
	}
}

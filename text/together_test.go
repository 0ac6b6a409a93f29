package text_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// A counter hands a reader on and keeps what it has taken.
type counter struct {
	text.Reader
	seen []*float32 // where the vectors of each row lay
	took []int
}

func (c *counter) Take(i int, x []float32, b *nn.Batch) error {
	c.seen, c.took = append(c.seen, &x[0]), append(c.took, i)
	return c.Reader.Take(i, x, b)
}

// TestReadTogether: readers get what they get alone, and a row that two of them want is read once.
func TestReadTogether(t *testing.T) {
	var made []*text.Embedder
	for seed := range uint64(2) {
		m, err := texttest.Model(seed, "cat", "dog", "sleeps")
		if err != nil {
			t.Fatal(err)
		}
		m.Freeze()
		for _, pooling := range []string{"mean", "cls"} {
			e, err := text.NewEmbedder(m, text.EmbedConfig{Pooling: pooling})
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, e)
		}
	}
	in := [][]string{{"cat sleeps", "dog"}, {"dog", "the dog sleeps a lot"}, {"cat sleeps"}, {"dog", "dog", "cat"}}
	for _, size := range []int{1, 2, 50} {
		var all []text.Reader
		var counters []*counter
		var got []*text.Embedding
		for i, e := range made {
			r := e.Begin(in[i])
			got = append(got, r)
			counters = append(counters, &counter{Reader: r})
			all = append(all, counters[i])
		}
		if err := text.ReadTogether(t.Context(), size, all...); err != nil {
			t.Fatal(err)
		}
		for i, e := range made {
			want, err := e.Embed(t.Context(), in[i])
			if err != nil || !reflect.DeepEqual(got[i].Vectors, want) {
				t.Errorf("size %d, reader %d: got other vectors than alone, %v", size, i, err)
			}
			if len(counters[i].took) != len(in[i]) {
				t.Errorf("size %d, reader %d: took rows %v, want each of %d once", size, i, counters[i].took, len(in[i]))
			}
		}
		if size == 50 && (!slices.Contains(counters[0].seen, counters[1].seen[0]) || counters[3].seen[0] != counters[3].seen[1]) {
			t.Error("a row that several want of one model was read more than once")
		}
	}
	if err := text.ReadTogether(t.Context(), 0); err == nil {
		t.Error("size 0 is accepted")
	}
}

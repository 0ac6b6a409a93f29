package text_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/nn"
	"github.com/fmkit/fmkit/text"
	"github.com/fmkit/fmkit/text/texttest"
)

// keeper is a reader that keeps what it takes.
type keeper struct {
	infer *text.Inference
	rows  []text.Row
	got   [][]float32 // of every row, the vectors of its tokens
	fail  error
}

func keep(infer *text.Inference, rows ...text.Row) *keeper {
	return &keeper{infer: infer, rows: rows, got: make([][]float32, len(rows))}
}

func (k *keeper) Inference() *text.Inference { return k.infer }

func (k *keeper) Rows() []text.Row { return k.rows }

func (k *keeper) Take(i int, x []float32, b *nn.Batch) error {
	if k.got[i] != nil {
		return fmt.Errorf("row %d came twice", i)
	}
	k.got[i] = slices.Clone(x[:b.Length(0)*k.infer.Width()])
	return k.fail
}

// TestTogether holds that readers get together what they get alone, to the bit, that a row of many is read once, and that only readers with equal rows are said to share.
func TestTogether(t *testing.T) {
	a, err := texttest.Model(1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := texttest.Model(2)
	if err != nil {
		t.Fatal(err)
	}
	a.Freeze()
	b.Freeze()
	row := func(m *text.Model, s string) text.Row { return m.Row(s, 64) }
	first := row(a, "the cat sleeps in the rain")
	typed := text.Row{IDs: first.IDs, Types: make([]int32, len(first.IDs))}
	other := text.Row{IDs: first.IDs, Types: slices.Repeat([]int32{1}, len(first.IDs))}
	sets := [][]text.Row{
		{first},
		{row(b, "the cat sleeps in the rain")},
		{row(a, "no other text"), typed},
		{other},
		{row(a, "and one of its own"), row(a, "and one of its own")},
		{},
		{row(a, "no other text")},
		{row(b, "of the second base")},
	}
	of := []*text.Model{a, b, a, a, a, a, a, b}
	alone, readers := make([]*keeper, len(sets)), make([]text.Reader, len(sets))
	for i, rows := range sets {
		alone[i] = keep(of[i].Snapshot(), rows...)
		if err := text.Read(t.Context(), alone[i], 4); err != nil {
			t.Fatal(err)
		}
		readers[i] = keep(of[i].Snapshot(), rows...)
	}
	all := text.Together(readers)
	if len(all) != 2 || !reflect.DeepEqual(all[0].Of, []int{0, 2, 3, 4, 5, 6}) || !reflect.DeepEqual(all[1].Of, []int{1, 7}) {
		t.Fatalf("got %d groups, of %v", len(all), all[0].Of)
	}
	if n := len(all[0].Rows()); n != 4 {
		t.Errorf("the first base reads %d rows, want 4", n)
	}
	if got := all[0].Groups(); !reflect.DeepEqual(got, [][]int{{0, 2, 6}}) {
		t.Errorf("got groups %v, want those of 0, 2 and 6", got)
	}
	if got := all[1].Groups(); got != nil {
		t.Errorf("got groups %v of the second base, want none", got)
	}
	for _, s := range all {
		if err := text.Read(t.Context(), s, 3); err != nil {
			t.Fatal(err)
		}
	}
	for i := range sets {
		if got := readers[i].(*keeper).got; !reflect.DeepEqual(got, alone[i].got) {
			t.Errorf("reader %d gets other vectors than alone", i)
		}
	}
	if reflect.DeepEqual(alone[0].got, alone[3].got) {
		t.Error("segments change nothing: the test proves nothing")
	}
}

// TestTogetherFails holds that the error of one reader comes out.
func TestTogetherFails(t *testing.T) {
	m, err := texttest.Model(1)
	if err != nil {
		t.Fatal(err)
	}
	m.Freeze()
	bad := keep(m.Snapshot(), m.Row("a", 64))
	bad.fail = errors.New("it fails")
	all := text.Together([]text.Reader{keep(m.Snapshot(), m.Row("a", 64)), bad})
	if err := text.Read(t.Context(), all[0], 4); !errors.Is(err, bad.fail) {
		t.Errorf("got %v, want %v", err, bad.fail)
	}
	if all := text.Together(nil); len(all) != 0 {
		t.Errorf("got %d of no readers", len(all))
	}
}

// Two questions about one text are read in one pass over it.
func ExampleAskTogether() {
	m, err := texttest.Model(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	m.Freeze() // so that all snapshots are one
	e, err := text.NewEmbedder(m, text.EmbedConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var questions []*text.Question // as the predictors' BeginJSON gives them
	for _, s := range []string{"the same text", "the same text", "another"} {
		r := e.Begin([]string{s})
		questions = append(questions, &text.Question{Reader: r, Answer: func() (any, error) { return len(r.Vectors[0]), nil }})
	}
	fmt.Println(text.AskTogether(context.Background(), questions, 8))
	// Output:
	// [32 32 32] [[0 1]] <nil>
}

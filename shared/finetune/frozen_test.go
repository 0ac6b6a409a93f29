package finetune

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/fmkit/fmkit/shared/adapter"
	"github.com/fmkit/fmkit/shared/backbone"
	"github.com/fmkit/fmkit/shared/nn"
)

// toy is a base whose vectors, of width 2, say which row and token they are of.
type toy struct{ seed uint64 }

func (t *toy) Fingerprint() string             { return "sha256:toy" }
func (t *toy) Clone() (*toy, error)            { return &toy{t.seed}, nil }
func (t *toy) Params() []*nn.Param             { return nil }
func (t *toy) Fresh(seed uint64) (*toy, error) { return &toy{seed}, nil }
func (t *toy) Identity() adapter.Base          { return adapter.Base{Name: "toy"} }
func (t *toy) Width() int                      { return 2 }
func (t *toy) Backbone() *backbone.Encoder     { return nil }
func (t *toy) Freeze()                         {}
func (t *toy) Frozen() bool                    { return false }
func (t *toy) Share() *toy                     { return nil }

// toyRows are rows of so many tokens.
type toyRows struct {
	lengths []int32
	encoded int // batches
	varied  int // rows laid out for training
}

func (r *toyRows) Lengths() []int32 { return r.lengths }

func (r *toyRows) Varied() bool { return false }

func (r *toyRows) Lay(l *nn.Batch, rows []int32) ([]int32, error) {
	for _, i := range rows {
		l.T = max(l.T, int(r.lengths[i]))
		l.Lengths = append(l.Lengths, r.lengths[i])
	}
	if l.Train {
		r.varied += len(rows)
	}
	return rows, nil
}

func (r *toyRows) Chain(*toy) ([]nn.Sublayer, func([]int32)) { return nil, func([]int32) {} }

func (r *toyRows) Encoder(*toy) func(y []float32, rows []int32, l *nn.Batch) error {
	return func(y []float32, rows []int32, l *nn.Batch) error {
		if l.Train {
			return errors.New("encoded with dropout")
		}
		r.encoded++
		clear(y)
		for i, row := range rows {
			for t := range l.Length(i) {
				y[2*(i*l.T+t)], y[2*(i*l.T+t)+1] = float32(row), float32(t)
			}
		}
		return nil
	}
}

// TestFrozenKeeps holds that kept vectors are the bits of encoded ones, in other batches and paddings too.
func TestFrozenKeeps(t *testing.T) {
	rows := &toyRows{lengths: []int32{3, 7, 4}}
	encode := func(f *frozen[[]int32], chosen ...int32) []float32 {
		b := &batch[[]int32]{rows: chosen, nn: nn.Batch{B: len(chosen), Train: true}}
		if err := f.lay(b); err != nil {
			t.Fatal(err)
		}
		f.batch = b
		y := make([]float32, b.nn.B*b.nn.T*2)
		for i := range y {
			y[i] = -1
		}
		if err := f.Forward(y, nil, &b.nn); err != nil {
			t.Fatal(err)
		}
		return y
	}
	keeps, small := newFrozen(&toy{}, rows), newFrozen(&toy{}, rows)
	small.room = 0
	encode(keeps, 0, 1, 2)
	was := rows.encoded
	for _, chosen := range [][]int32{{2, 1}, {0}, {2, 0}} {
		got := encode(keeps, chosen...)
		if rows.encoded != was {
			t.Errorf("rows %v: encoded again", chosen)
		}
		if !slices.Equal(got, encode(small, chosen...)) {
			t.Errorf("rows %v: kept vectors differ", chosen)
		}
		was = rows.encoded
	}
	if len(keeps.kept) != 3 || len(small.kept) != 0 {
		t.Errorf("kept %d rows, and %d without room, want 3 and 0", len(keeps.kept), len(small.kept))
	}
}

// TestVectors holds that a row's vector lies in the row's place, and that rows are encoded as they are.
func TestVectors(t *testing.T) {
	rows := &toyRows{}
	for i := range 23 {
		rows.lengths = append(rows.lengths, int32(1+7*i%20))
	}
	x, err := vectors(context.Background(), &toy{}, nn.PoolMax, rows, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range rows.lengths {
		if x[2*i] != float32(i) || x[2*i+1] != float32(n-1) {
			t.Errorf("row %d of %d tokens: got %v", i, n, x[2*i:2*i+2])
		}
	}
	if rows.varied != 0 || rows.encoded != 6 {
		t.Errorf("%d rows were varied, %d batches encoded, want 0 and 6", rows.varied, rows.encoded)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := vectors(ctx, &toy{}, nn.PoolMax, rows, 4, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got %v", err)
	}
}

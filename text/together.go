package text

import (
	"context"
	"fmt"
	"slices"

	"github.com/fmkit/fmkit/shared/nn"
)

// ReadTogether reads the rows of several readers, at most size at once: rows by inferences of one Base side by side, and a row that several readers want of one inference once.
// What a reader gets is what Read alone gives it, to the bit.
func ReadTogether(ctx context.Context, size int, readers ...Reader) error {
	if size < 1 {
		return fmt.Errorf("text: read together: size: got %d, want at least 1", size)
	}
	var all []*sharedRow
	for _, r := range readers {
		of := r.Inference()
		for i, row := range r.Rows() {
			to := taker{r, i}
			same := slices.IndexFunc(all, func(s *sharedRow) bool { return s.of == of && s.row.equal(row) })
			if same < 0 {
				all = append(all, &sharedRow{of: of, row: row, takers: []taker{to}})
				continue
			}
			all[same].takers = append(all[same].takers, to)
		}
	}
	for len(all) > 0 {
		base := all[0].of.Base()
		var now, later []*sharedRow
		for _, s := range all {
			if s.of.Base() == base && len(now) < size {
				now = append(now, s)
			} else {
				later = append(later, s)
			}
		}
		if err := readShared(ctx, now); err != nil {
			return err
		}
		all = later
	}
	return nil
}

// A sharedRow is a row with those who want it.
type sharedRow struct {
	of     *Inference
	row    Row
	takers []taker
}

type taker struct {
	reader Reader
	at     int // number of the row there
}

// equal says whether two rows are the same to a model.
func (r Row) equal(o Row) bool {
	zero := func(types []int32) bool { return !slices.ContainsFunc(types, func(t int32) bool { return t != 0 }) }
	return slices.Equal(r.IDs, o.IDs) && (slices.Equal(r.Types, o.Types) || zero(r.Types) && zero(o.Types))
}

// readShared encodes rows of one base and hands out what comes of them.
func readShared(ctx context.Context, all []*sharedRow) error {
	of, rows := make([]*Inference, len(all)), make([]Row, len(all))
	for i, s := range all {
		of[i], rows[i] = s.of, s.row
	}
	var failed error
	err := EncodeMixed(ctx, of, rows, func(i int, x []float32, b *nn.Batch) {
		for _, t := range all[i].takers {
			if failed == nil {
				failed = t.reader.Take(t.at, x, b)
			}
		}
	})
	if err != nil {
		return err
	}
	return failed
}

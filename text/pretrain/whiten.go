package pretrain

import (
	"fmt"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/nn"
)

// Passages are short runs of text, some of which stand for all: how many tokens at most, and how many passages.
const passageTokens, passages = 16, 1 << 16

// floor is the share of the largest variance that is added to all before whitening, so that directions without any aren't blown up.
const floor = 1e-6

// alike is the variance of passages, beside the square of their mean, that is rounding alone.
const alike = 1e-12

// whiten turns token vectors [V, D] so that the means of short passages of f vary in uncorrelated directions, and scales each by its variance to the power
// -power: at 0.5 all vary alike (Su et al., 2021). What is in every passage no longer hides what tells them apart. Zero vectors stay zero.
func whiten(vectors []float32, d int, f *data.TokenFile, special []bool, power float64) error {
	means, n, err := passageMeans(vectors, d, f, special)
	if err != nil {
		return err
	}
	if n < 2 {
		return fmt.Errorf("%w: cooccurrence.whiten: the text has %d passages, want at least 2", ErrConfig, n)
	}
	centre := make([]float32, d)
	kernels.ColumnSum(centre, means, n, d)
	kernels.Scale(centre, -1/float32(n))
	shift(means, centre)
	values, directions := gram(means, n, d)
	if !(values[0] > alike*float64(n)*kernels.SumSquares(centre)) {
		return fmt.Errorf("%w: cooccurrence.whiten: the passages of the text are all alike", ErrConfig)
	}
	turn := make([]float32, d*d)
	for j := range d {
		scale := nn.Pow(max(values[j], 0)/values[0]+floor, -power)
		for i := range d {
			turn[i*d+j] = float32(directions[i*d+j] * scale)
		}
	}
	shift(vectors, centre)
	was := append(kernels.Make[float32](len(vectors))[:0], vectors...)
	kernels.MatMul(vectors, was, turn, len(vectors)/d, d, d, false)
	return nil
}

// shift adds by [D] to the rows of x [N, D] that aren't zero.
func shift(x, by []float32) {
	d := len(by)
	for i := 0; i < len(x); i += d {
		if row := x[i : i+d]; kernels.SumSquares(row) > 0 {
			kernels.AddScaled(row, by, 1)
		}
	}
}

// passageMeans returns the mean vectors [N, D] of passages spread evenly over f. Special tokens end a passage.
func passageMeans(vectors []float32, d int, f *data.TokenFile, special []bool) (means []float32, n int, err error) {
	every := max(1, f.Tokens()/(passageTokens*passages))
	means = kernels.Make[float32](passages * d)
	buf, passage := make([]int32, 1<<15), make([]int32, 0, passageTokens)
	var seen int64
	end := func() {
		if len(passage) > 0 && n < passages {
			if seen%every == 0 {
				row := means[n*d : (n+1)*d]
				for _, id := range passage {
					kernels.AddScaled(row, vectors[int(id)*d:(int(id)+1)*d], 1/float32(len(passage)))
				}
				n++
			}
			seen++
		}
		passage = passage[:0]
	}
	for at := int64(0); at < f.Tokens(); at += int64(len(buf)) {
		part := buf[:min(int64(len(buf)), f.Tokens()-at)]
		if err := f.Read(part, at); err != nil {
			return nil, 0, fmt.Errorf("pretrain: cooccurrence: %w", err)
		}
		for _, id := range part {
			if special[id] {
				end()
				continue
			}
			if passage = append(passage, id); len(passage) == passageTokens {
				end()
			}
		}
	}
	end()
	return means[:n*d], n, nil
}

package inspector

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/shared/random"
)

// maxBank bounds the values of a bank, [N, D].
const maxBank = 1 << 28

// Fit makes an inspector from good pictures. The thresholds come from the good pictures' own scores: they are cut into folds, and a picture is scored
// by a bank of the other folds only, for a bank knows what it holds. The bank of all pictures that answers in the end is a little fuller than those,
// so the rate of false alarms errs to the low side.
//
// With fewer pictures than PicturesNeeded(FalseAlarms) the error wraps ErrFewPictures, or where Settings.Few is set the inspector abstains.
func Fit(ctx context.Context, f Features, pictures Pictures, s Settings) (*Inspector, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	rows, cols := f.Grid()
	n, d := pictures.Len(), f.Width()
	if rows < 1 || cols < 1 || d < 1 {
		return nil, fmt.Errorf("inspector: features: got a grid of %dx%d of width %d, want at least 1", rows, cols, d)
	}
	few := n < PicturesNeeded(s.FalseAlarms)
	switch {
	case n < 1:
		return nil, fmt.Errorf("inspector: fit: %w: got 0, want at least 1", ErrFewPictures)
	case few && !s.Few:
		_, err := Conformal(make([]float32, n), s.FalseAlarms)
		return nil, fmt.Errorf("inspector: fit: %w", err)
	case int64(n)*int64(rows*cols)*int64(d) > maxBank:
		return nil, fmt.Errorf("inspector: fit: got %d pictures of %d vectors of width %d, want at most %d values", n, rows*cols, d, maxBank)
	}
	all, err := vectors(ctx, f, pictures, &s)
	if err != nil {
		return nil, err
	}
	p := newInspector(f, s)
	if few {
		inf := float32(math.Inf(1))
		p.thresholds = Thresholds{inf, inf, inf}
	} else if p.thresholds, err = p.heldOut(ctx, all, n, d); err != nil {
		return nil, err
	}
	p.bank, err = p.remember(ctx, all, d, random.Key(s.Seed, "inspector.bank"))
	return p, err
}

// remember makes a bank of the coreset of vectors [n*R*C, D].
func (p *Inspector) remember(ctx context.Context, all []float32, d int, key uint64) (*Bank, error) {
	n := len(all) / d
	k := max(1, int(math.Ceil(float64(n)*p.settings.Coreset-1e-9)))
	if k >= n {
		return NewBank(append([]float32(nil), all...), d), nil
	}
	picked, err := coreset(ctx, all, n, d, k, p.settings.Projection, key)
	if err != nil {
		return nil, err
	}
	vectors := make([]float32, len(picked)*d)
	kernels.Gather(vectors, all, picked, d)
	return NewBank(vectors, d), nil
}

// heldOut scores every picture by a bank that has not seen it, and sets the thresholds by them.
func (p *Inspector) heldOut(ctx context.Context, all []float32, n, d int) (Thresholds, error) {
	per := p.rows * p.cols * d
	folds := min(p.settings.Folds, n)
	if folds < 2 {
		return Thresholds{}, errors.New("inspector: fit: got 1 picture, want at least 2 to hold one out")
	}
	key := random.Key(p.settings.Seed, "inspector.folds")
	order := random.Perm(key, n)
	scores, peaks := make([]float32, n), make([]float32, n)
	values := make([]float32, p.settings.Height*p.settings.Width)
	others := make([]float32, 0, len(all))
	held := newInspector(p.features, p.settings)
	for fold := range folds {
		others = others[:0]
		for k, i := range order {
			if k%folds != fold {
				others = append(others, all[int(i)*per:int(i+1)*per]...)
			}
		}
		var err error
		if held.bank, err = held.remember(ctx, others, d, random.Mix(key, uint64(fold))); err != nil {
			return Thresholds{}, err
		}
		var s scratch
		for k := fold; k < n; k += folds {
			i := int(order[k])
			scores[i] = held.score(values, all[i*per:(i+1)*per], &s)
			peaks[i] = highest(values)
		}
	}
	return calibrate(scores, peaks, &p.settings)
}

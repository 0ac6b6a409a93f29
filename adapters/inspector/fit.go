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
	inf := float32(math.Inf(1))
	p.thresholds = Thresholds{inf, inf, inf}
	if !few || s.Whole && n > 1 {
		held, err := p.heldOut(ctx, all, n, d)
		if err != nil {
			return nil, err
		}
		if s.Whole {
			p.standards = newStandards(held.evidence)
		}
		if !few {
			if p.thresholds, err = calibrate(held.scores(p.standards), held.peaks, &s); err != nil {
				return nil, err
			}
		}
	}
	if err := p.learn(ctx, all, d, random.Key(s.Seed, "inspector.bank")); err != nil {
		return nil, err
	}
	return p, nil
}

// learn makes p know the vectors [n, R*C, D] of good pictures.
func (p *Inspector) learn(ctx context.Context, all []float32, d int, key uint64) (err error) {
	rows := len(all) / d
	if p.settings.Whiten > 0 {
		if p.whitening, err = fitWhitening(all, rows, d, p.settings.Whiten); err != nil {
			return err
		}
		white := kernels.Make[float32](len(all))
		for from := 0; from < rows; from += whitenRows {
			b := min(whitenRows, rows-from)
			p.whitening.apply(white[from*d:(from+b)*d], append([]float32(nil), all[from*d:(from+b)*d]...), b)
		}
		all = white
	}
	if p.settings.Whole {
		p.whole = fitWhole(all, rows/(p.rows*p.cols), p.rows*p.cols, d)
	}
	p.bank, err = p.remember(ctx, all, d, key)
	return err
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

// held is what speaks against good pictures that were held out, and the highest values of their maps.
type held struct {
	evidence []evidence
	peaks    []float32
}

func (h *held) scores(s standards) []float32 {
	all := make([]float32, len(h.evidence))
	for i, e := range h.evidence {
		all[i] = s.judge(e)
	}
	return all
}

// heldOut judges every picture by an inspector that has not seen it.
func (p *Inspector) heldOut(ctx context.Context, all []float32, n, d int) (*held, error) {
	per := p.rows * p.cols * d
	folds := min(p.settings.Folds, n)
	if folds < 2 {
		return nil, errors.New("inspector: fit: got 1 picture, want at least 2 to hold one out")
	}
	key := random.Key(p.settings.Seed, "inspector.folds")
	order := random.Perm(key, n)
	h := &held{evidence: make([]evidence, n), peaks: make([]float32, n)}
	values, x := make([]float32, p.settings.Height*p.settings.Width), make([]float32, per)
	others := make([]float32, 0, len(all))
	for fold := range folds {
		others = others[:0]
		for k, i := range order {
			if k%folds != fold {
				others = append(others, all[int(i)*per:int(i+1)*per]...)
			}
		}
		q := newInspector(p.features, p.settings)
		if err := q.learn(ctx, others, d, random.Mix(key, uint64(fold))); err != nil {
			return nil, err
		}
		var s scratch
		for k := fold; k < n; k += folds {
			i := int(order[k])
			copy(x, all[i*per:(i+1)*per])
			h.evidence[i] = q.score(values, x, &s)
			h.peaks[i] = highest(values)
		}
	}
	return h, nil
}

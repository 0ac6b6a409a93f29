package baseline

import (
	"fmt"
	"image"
	"math"

	"github.com/fmkit/fmkit/adapters/inspector"
	"github.com/fmkit/fmkit/shared/kernels"
)

// Options of principal components. Zero fields have the defaults in brackets.
type Options struct {
	Patch      int // side of a patch, pixels [16]
	Stride     int // from one patch to the next, pixels [4]
	Components int // kept [11]
}

func (o Options) filled() Options {
	if o.Patch == 0 {
		o.Patch = 16
	}
	if o.Stride == 0 {
		o.Stride = 4
	}
	if o.Components == 0 {
		o.Components = 11
	}
	return o
}

// Validate reports what is out of range.
func (o Options) Validate() error {
	o = o.filled()
	switch {
	case o.Patch < 1 || o.Patch > 32:
		return fmt.Errorf("baseline: patch: got %d, want 1 to 32", o.Patch)
	case o.Stride < 1:
		return fmt.Errorf("baseline: stride: got %d, want at least 1", o.Stride)
	case o.Components < 1 || o.Components > o.Patch*o.Patch:
		return fmt.Errorf("baseline: components: got %d, want 1 to %d", o.Components, o.Patch*o.Patch)
	}
	return nil
}

// A PCA knows what patches of good pictures look like: their mean and what they vary by most. A patch is as bad as what these can't express of it. Pictures
// are standardized first.
// It doesn't change, and is safe for concurrent use.
type PCA struct {
	options Options
	mean    []float32 // [P]
	basis   []float32 // [K, P]
}

// FitPCA learns from good pictures, all of one size or not.
func FitPCA(pictures []*image.Gray, o Options) (*PCA, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o = o.filled()
	if len(pictures) == 0 {
		return nil, fmt.Errorf("baseline: pca: got no pictures, want at least 1")
	}
	n := o.Patch * o.Patch
	p := &PCA{options: o, mean: make([]float32, n)}
	sum, count := make([]float64, n), 0
	var x []float32
	for i, m := range pictures {
		rows, cols, err := p.grid(m)
		if err != nil {
			return nil, fmt.Errorf("baseline: pca: picture %d: %w", i, err)
		}
		x = p.patches(x, m, rows, cols)
		for k, v := range x {
			sum[k%n] += float64(v)
		}
		count += rows * cols
	}
	for k, s := range sum {
		p.mean[k] = float32(s / float64(count))
	}
	scatter, one := make([]float64, n*n), make([]float32, n*n)
	for _, m := range pictures {
		rows, cols, _ := p.grid(m)
		x = p.patches(x, m, rows, cols)
		kernels.MatMulTN(one, x, x, n, n, rows*cols, false)
		for k, v := range one {
			scatter[k] += float64(v)
		}
	}
	_, vectors, err := symmetricEigen(scatter, n)
	if err != nil {
		return nil, err
	}
	p.basis = make([]float32, o.Components*n)
	for k := range p.basis {
		p.basis[k] = float32(vectors[k])
	}
	return p, nil
}

// Options gives the options of the fit, defaults filled in.
func (p *PCA) Options() Options { return p.options }

// Basis gives the components [K, Patch*Patch], which are of length 1 and orthogonal, and the mean [Patch*Patch], of patches of pictures brought to mean 0 and
// standard deviation 1.
func (p *PCA) Basis() (components, mean []float32) { return p.basis, p.mean }

func (p *PCA) grid(m *image.Gray) (rows, cols int, err error) {
	b := m.Bounds()
	if side := min(b.Dx(), b.Dy()); side < p.options.Patch {
		return 0, 0, fmt.Errorf("got a picture of %v, want sides of at least %d", b.Size(), p.options.Patch)
	}
	return (b.Dy()-p.options.Patch)/p.options.Stride + 1, (b.Dx()-p.options.Patch)/p.options.Stride + 1, nil
}

// standardize gives what the 256 values become when the picture's mean is brought to 0 and its standard deviation to 1, so that exposure and contrast don't
// count: without it global defects of textiles hide in how bright pictures are (image_AUROC 0.94 instead of 0.999).
func standardize(m *image.Gray) (values [256]float32) {
	b := m.Bounds()
	var sum, squares uint64 // whole numbers
	for y := range b.Dy() {
		for _, v := range m.Pix[y*m.Stride:][:b.Dx()] {
			sum += uint64(v)
			squares += uint64(v) * uint64(v)
		}
	}
	n := float64(b.Dx() * b.Dy())
	mean := float64(sum) / n
	sd := math.Sqrt(max(0, float64(squares)/n-float64(mean*mean)))
	if sd == 0 {
		sd = 1
	}
	for i := range values {
		values[i] = float32((float64(i) - mean) / sd)
	}
	return values
}

// patches gives all patches less the mean, [R*C, P], in x where it is long enough.
func (p *PCA) patches(x []float32, m *image.Gray, rows, cols int) []float32 {
	side, n := p.options.Patch, p.options.Patch*p.options.Patch
	x = kernels.Grow(&x, rows*cols*n)
	values := standardize(m)
	for r := range rows {
		for c := range cols {
			to := x[(r*cols+c)*n:]
			for i := range side {
				from := m.Pix[(r*p.options.Stride+i)*m.Stride+c*p.options.Stride:]
				for j := range side {
					to[i*side+j] = values[from[j]] - p.mean[i*side+j]
				}
			}
		}
	}
	return x
}

// Score gives a picture's score, that of its worst patch, and the scores of all patches [R, C]: the mean square of what the components leave of a patch.
func (p *PCA) Score(m *image.Gray) (float64, *inspector.Map, error) {
	rows, cols, err := p.grid(m)
	if err != nil {
		return 0, nil, fmt.Errorf("baseline: pca: %w", err)
	}
	n, k := p.options.Patch*p.options.Patch, p.options.Components
	x := p.patches(nil, m, rows, cols)
	y := make([]float32, rows*cols*k)
	kernels.MatMulNT(y, x, p.basis, rows*cols, k, n, false)
	values := &inspector.Map{Width: cols, Height: rows, Values: make([]float32, rows*cols)}
	worst := 0.0
	for i := range values.Values {
		left := (kernels.SumSquares(x[i*n:(i+1)*n]) - kernels.SumSquares(y[i*k:(i+1)*k])) / float64(n)
		values.Values[i] = float32(left)
		worst = max(worst, left)
	}
	return worst, values, nil
}

package baseline

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/metrics"
)

// HOGOptions are those of a classifier of pictures: HOG and a linear SVM. A kernel of radial basis functions would do better still, by about two points on
// Fashion-MNIST, at a cost that grows with the square of the pictures; there is none here.
type HOGOptions struct {
	HOG HOG     `json:"hog"`
	SVM Options `json:"svm"` // Kind and Features don't count
}

// String names the options for a report.
func (o HOGOptions) String() string { return fmt.Sprintf("%v, svm, C %g", o.HOG, o.SVM.filled().C) }

// HOGGrid is the set of options to choose from, for pictures of side pixels: seven and four cells a side, each with three values of C.
func HOGGrid(side, channels int) []HOGOptions {
	var all []HOGOptions
	for _, cells := range []int{7, 4} {
		for _, c := range []float64{0.01, 0.1, 1} {
			all = append(all, HOGOptions{HOG: HOG{Side: side, Channels: channels, Cell: max(side/cells, 1)}, SVM: Options{C: c}})
		}
	}
	return all
}

// A HOGModel classifies pictures. It doesn't change, and is safe for concurrent use.
type HOGModel struct {
	options HOGOptions
	labels  []string  // [C], sorted
	weights []float64 // [V+1, C], intercepts last
}

// maxDense bounds the values of all pictures' features: 4 GiB.
const maxDense = 1 << 30

// FitHOG trains a model on the levels [C, S, S] of n pictures, which read gives by number and which may be the same memory each time, and their labels, at
// least two different ones.
func FitHOG(labels []string, read func(i int) ([]byte, error), o HOGOptions) (*HOGModel, error) {
	o.SVM.Kind = SVM
	o.SVM = o.SVM.filled()
	if err := errors.Join(o.HOG.Validate(), o.SVM.Validate()); err != nil {
		return nil, err
	}
	m := &HOGModel{options: o, labels: slices.Compact(slices.Sorted(slices.Values(labels)))}
	if len(m.labels) < 2 {
		return nil, fmt.Errorf("baseline: hog: got the labels %q, want at least two", m.labels)
	}
	if n := o.HOG.Size(); len(labels) > maxDense/n {
		return nil, fmt.Errorf("baseline: hog: got %d pictures of %d values, want at most %d values", len(labels), n, maxDense)
	}
	x := &dense{width: o.HOG.Size(), values: make([]float32, len(labels)*o.HOG.Size())}
	if err := o.HOG.all(len(labels), read, func(i int, v []float64) {
		for j, f := range v {
			x.row(i)[j] = float32(f)
		}
	}); err != nil {
		return nil, err
	}
	y := make([]int, len(labels))
	for i, l := range labels {
		y[i], _ = slices.BinarySearch(m.labels, l)
	}
	m.weights = fitSVM(x, y, len(m.labels), o.SVM)
	return m, nil
}

// all describes n pictures.
func (h HOG) all(n int, read func(i int) ([]byte, error), give func(i int, v []float64)) error {
	const together = 256
	buffers := make([][]byte, together)
	for first := 0; first < n; first += together {
		b := min(together, n-first)
		for i := range b {
			levels, err := read(first + i)
			if err != nil {
				return fmt.Errorf("baseline: hog: picture %d: %w", first+i, err)
			}
			buffers[i] = append(buffers[i][:0], levels...)
		}
		workers := min(runtime.GOMAXPROCS(0), b)
		errs := make([]error, workers)
		each(workers, func(w int) {
			v := make([]float64, h.Size())
			for i := w; i < b && errs[w] == nil; i += workers {
				if errs[w] = h.Describe(v, buffers[i]); errs[w] == nil {
					give(first+i, v)
				}
			}
		})
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
	return nil
}

// Labels lists the classes, sorted.
func (m *HOGModel) Labels() []string { return slices.Clone(m.labels) }

// PredictAll gives the best class of n pictures' levels.
func (m *HOGModel) PredictAll(n int, read func(i int) ([]byte, error)) ([]string, error) {
	out, c := make([]string, n), len(m.labels)
	err := m.options.HOG.all(n, read, func(i int, v []float64) {
		d := slices.Clone(m.weights[len(m.weights)-c:])
		for j, f := range v {
			addScaled(d, m.weights[j*c:], float64(float32(f)))
		}
		out[i] = m.labels[argmax(d)]
	})
	return out, err
}

// FitBestHOG holds back a seeded fifth of every class, chooses from the grid by accuracy on it, and fits the choice on all pictures.
func FitBestHOG(labels []string, read func(i int) ([]byte, error), grid []HOGOptions, seed uint64) (*HOGModel, HOGOptions, error) {
	if len(grid) == 0 {
		return nil, HOGOptions{}, fmt.Errorf("baseline: hog: the grid is empty")
	}
	train, held := data.SplitStratified(labels, 0.2, seed)
	of := func(at []int) func(i int) ([]byte, error) {
		return func(i int) ([]byte, error) { return read(at[i]) }
	}
	best, top := 0, -1.0
	for i, o := range grid {
		m, err := FitHOG(data.Pick(labels, train), of(train), o)
		if err != nil {
			return nil, o, err
		}
		got, err := m.PredictAll(len(held), of(held))
		if err != nil {
			return nil, o, err
		}
		accuracy, err := metrics.Accuracy(data.Pick(labels, held), got)
		if err != nil {
			return nil, o, err
		}
		if accuracy > top {
			best, top = i, accuracy
		}
	}
	m, err := FitHOG(labels, read, grid[best])
	return m, grid[best], err
}

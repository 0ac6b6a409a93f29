package inspector

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"sync"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision"
	"github.com/fmkit/fmkit/vision/picture"
)

// Windows are the features of a vision transformer that looks at pictures of its own size or larger through windows of its own size. A patch's vector holds
// the hidden states of the view's layers side by side, without the class token. From a hidden state that of an empty window is subtracted, so that
// vectors tell what is there and hardly where in the window it is; no other normalisation is done here. The grid has as many cells as whole ones fit, which share the picture equally; a cell's vector is the mean over the patches of all windows
// whose centres lie in it.
// It doesn't change, and is safe for concurrent use.
type Windows struct {
	settings   Settings
	processor  picture.Processor
	model      *vision.Inference
	empty      [][]float32 // of each layer, [T, D]
	patch      int         // pixels
	side       int         // of a window, pixels
	tops, left []int       // of the rows and columns of windows, pixels
	rows, cols int         // of cells
	weights    []float32   // of a patch in each cell
	pool       sync.Pool   // of *looking
}

// maxWindows is how many windows go through the model at once.
const maxWindows = 32

// looking is the memory of one call of Patches.
type looking struct {
	windows     []float32
	memory      []float32   // of the states
	states      [][]float32 // of each layer, [b, T, D]
	mean, scale []float32   // of each window's picture
}

// NewWindows prepares base for pictures as s has them.
func NewWindows(base *vision.Model, s Settings) (*Windows, error) {
	c := &base.Config
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if err := s.View.check(c, &s); err != nil {
		return nil, err
	}
	w := &Windows{
		settings: s, processor: base.Processor, patch: c.PatchSize, side: c.ImageSize,
		tops: starts(s.Height, c.ImageSize, s.View.Step), left: starts(s.Width, c.ImageSize, s.View.Step),
		rows: s.Height / c.PatchSize / s.View.Cell, cols: s.Width / c.PatchSize / s.View.Cell,
	}
	w.processor.Resize, w.processor.Width, w.processor.Height, w.processor.ShortestEdge = true, s.Width, s.Height, 0
	w.processor.CenterCrop = false
	w.pool.New = func() any { return new(looking) }
	across := w.seen(w.left, w.cols, s.Width)
	for _, i := range w.seen(w.tops, w.rows, s.Height) {
		for _, j := range across {
			w.weights = append(w.weights, 1/float32(i*j))
		}
	}
	w.model = base.Snapshot()
	size := w.model.Tokens() * w.model.Width()
	for range s.View.Layers {
		w.empty = append(w.empty, make([]float32, size))
	}
	if err := w.model.States(w.empty, s.View.Layers, make([]float32, c.Channels*w.side*w.side), 1); err != nil {
		return nil, fmt.Errorf("inspector: view: %w", err)
	}
	return w, nil
}

// starts are where windows of a side begin on a line of n pixels: every step, and the last one at the end.
func starts(n, side, step int) []int {
	var all []int
	for at := 0; at < n-side; at += step {
		all = append(all, at)
	}
	return append(all, n-side)
}

// cell is that in which the centre of a patch lies that begins at a pixel of a line of n.
func (w *Windows) cell(at, cells, n int) int { return (2*at + w.patch) * cells / (2 * n) }

// seen counts the patches of all windows in each cell of a line of n pixels.
func (w *Windows) seen(starts []int, cells, n int) []int {
	count := make([]int, cells)
	for _, start := range starts {
		for at := start; at < start+w.side; at += w.patch {
			count[w.cell(at, cells, n)]++
		}
	}
	return count
}

// Grid gives the rows and columns of cells.
func (w *Windows) Grid() (rows, cols int) { return w.rows, w.cols }

// Width is that of the layers' vectors together.
func (w *Windows) Width() int { return len(w.empty) * w.model.Width() }

// Process makes the input [C, H, W] of a picture: what the base's processor does, but to the settings' size and without a crop.
func (w *Windows) Process(pixels []float32, m *image.NRGBA) error {
	if err := w.processor.Process(pixels, m); err != nil {
		return fmt.Errorf("inspector: %w", err)
	}
	return nil
}

// Patches gives y [n, R*C, D] of pixels [n, C, H, W]. A picture's vectors don't depend on the pictures beside it. It makes no garbage in steady state.
func (w *Windows) Patches(y, pixels []float32, n int) error {
	size, per := w.settings.pixels(), w.rows*w.cols*w.Width()
	if n < 1 || len(pixels) != n*size || len(y) != n*per {
		return fmt.Errorf("inspector: windows: got %d pixels and %d outputs for %d pictures, want %d and %d", len(pixels), len(y), n, n*size, n*per)
	}
	clear(y)
	l := w.pool.Get().(*looking)
	defer w.pool.Put(l)
	count := len(w.tops) * len(w.left)
	input, out := w.settings.Channels*w.side*w.side, len(w.empty[0])
	kernels.Grow(&l.mean, n)
	kernels.Grow(&l.scale, n)
	for i := range n {
		w.standards(l, pixels[i*size:(i+1)*size], i)
	}
	for from := 0; from < n*count; from += maxWindows {
		b := min(maxWindows, n*count-from)
		kernels.Grow(&l.windows, b*input)
		for k := range b {
			i := (from + k) / count
			w.cut(l.windows[k*input:(k+1)*input], pixels[i*size:(i+1)*size], (from+k)%count, l.mean[i], l.scale[i])
		}
		memory := kernels.Grow(&l.memory, len(w.empty)*b*out)
		l.states = l.states[:0]
		for at := range w.empty {
			l.states = append(l.states, memory[at*b*out:(at+1)*b*out])
		}
		if err := w.model.States(l.states, w.settings.View.Layers, l.windows, b); err != nil {
			return fmt.Errorf("inspector: windows: %w", err)
		}
		for at, states := range l.states {
			for k := range b {
				i := (from + k) / count
				w.gather(y[i*per:(i+1)*per], states[k*out:(k+1)*out], (from+k)%count, at)
			}
		}
	}
	return nil
}

// standards sets what picture i is shifted and scaled by.
func (w *Windows) standards(l *looking, x []float32, i int) {
	l.mean[i], l.scale[i] = 0, 1
	if !w.settings.View.Standardize {
		return
	}
	mean, sd := deviation(x)
	l.mean[i] = float32(mean)
	if sd > 1e-6 {
		l.scale[i] = float32(cmp.Or(w.settings.View.Contrast, 1) / sd)
	}
}

// deviation gives the mean and the standard deviation of x.
func deviation(x []float32) (mean, sd float64) {
	n := float64(len(x))
	mean = kernels.Sum(x) / n
	return mean, math.Sqrt(max(0, kernels.SumSquares(x)/n-float64(mean*mean)))
}

// cut copies a window of the picture x [C, H, W].
func (w *Windows) cut(to, x []float32, window int, mean, scale float32) {
	top, left := w.tops[window/len(w.left)], w.left[window%len(w.left)]
	for c := range w.settings.Channels {
		for i := range w.side {
			from := x[(c*w.settings.Height+top+i)*w.settings.Width+left:][:w.side]
			row := to[(c*w.side+i)*w.side:][:w.side]
			for j, v := range from {
				row[j] = float32(v-mean) * scale
			}
		}
	}
}

// gather adds what the at-th layer says of a window's patches, [T, D], to the cells y [R*C, layers*D].
func (w *Windows) gather(y, states []float32, window, at int) {
	d, grid := w.model.Width(), w.side/w.patch
	top, left := w.tops[window/len(w.left)], w.left[window%len(w.left)]
	for i := range grid {
		r := w.cell(top+i*w.patch, w.rows, w.settings.Height)
		for j := range grid {
			c := r*w.cols + w.cell(left+j*w.patch, w.cols, w.settings.Width)
			to, token := y[c*w.Width()+at*d:][:d], (1+i*grid+j)*d
			kernels.AddScaled(to, states[token:token+d], w.weights[c])
			kernels.AddScaled(to, w.empty[at][token:token+d], -w.weights[c])
		}
	}
}

package kerneltest

import (
	"fmt"
	"testing"
)

// Attention is the attention of one implementation, for one head of one sample with every key visible: q, o [Tq, K] and
// k, v [Tk, K] dense, probs [Tq, Tk], no dropout.
type Attention struct {
	Exp      func(x float32) float32
	Forward  func(o, probs, q, k, v []float32, tq, tk, size int, scale float32)
	Backward func(dq, dk, dv, do, q, k, v, probs []float32, tq, tk, size int, scale float32)
}

// CheckAttention holds attention to its definition in every bit: scores, probabilities, outputs and gradients.
func CheckAttention(t *testing.T, f Attention) {
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 4}, {7, 17, 9}, {17, 16, 16}, {5, 33, 3}, {50, 3, 2}} { // Tq, Tk, K
		tq, tk, size := s[0], s[1], s[2]
		const scale = 0.7
		q, k, v, do := normals(1, tq*size), normals(2, tk*size), normals(3, tk*size), normals(4, tq*size)
		p := chains(q, transposed(k, tk, size), make([]float32, tq*tk), tq, tk, size)
		for i := range tq {
			row := p[i*tk : (i+1)*tk]
			for j := range row {
				row[j] *= scale
			}
			top := row[0]
			for _, x := range row {
				top = max(top, x)
			}
			for j := range row {
				row[j] = f.Exp(row[j] - top)
			}
			inverse := 1 / lanes16(tk, func(j int, lane float32) float32 { return lane + row[j] })
			for j := range row {
				row[j] *= inverse
			}
		}
		o := chains(p, v, make([]float32, tq*size), tq, size, tk)
		gotO, gotP := make([]float32, tq*size), make([]float32, tq*tk)
		f.Forward(gotO, gotP, q, k, v, tq, tk, size, scale)
		equal(t, fmt.Sprint("probs ", s), gotP, p)
		equal(t, fmt.Sprint("o ", s), gotO, o)

		ds := chains(do, transposed(v, tk, size), make([]float32, tq*tk), tq, tk, size)
		for i := range tq {
			row, d := p[i*tk:(i+1)*tk], ds[i*tk:(i+1)*tk]
			dot := lanes16(tk, func(j int, lane float32) float32 { return fma(row[j], d[j], lane) })
			for j := range d {
				d[j] -= dot
				d[j] *= row[j]
				d[j] *= scale
			}
		}
		dq, dk, dv := make([]float32, tq*size), make([]float32, tk*size), make([]float32, tk*size)
		f.Backward(dq, dk, dv, do, q, k, v, p, tq, tk, size, scale)
		equal(t, fmt.Sprint("dq ", s), dq, chains(ds, k, make([]float32, tq*size), tq, size, tk))
		equal(t, fmt.Sprint("dk ", s), dk, chains(transposed(ds, tq, tk), q, make([]float32, tk*size), tk, size, tq))
		equal(t, fmt.Sprint("dv ", s), dv, chains(transposed(p, tq, tk), do, make([]float32, tk*size), tk, size, tq))
	}
}

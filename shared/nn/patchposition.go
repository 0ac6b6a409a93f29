package nn

import (
	"fmt"
	"math"
)

// Sinusoid2D returns the fixed table [1+rows cols, D] of positions in a grid: zeros for the class token, then for each patch the sines and the cosines of its
// column in the first half of D and those of its row in the second, at D/4 frequencies each (MAE, He et al., 2022). D is a multiple of 4.
func Sinusoid2D(rows, cols, d int) []float32 {
	quarter := d / 4
	table := make([]float32, (1+rows*cols)*d)
	for j := range quarter {
		f := inverseFrequency(j, quarter, 10000)
		for r := range rows {
			rs, rc := sincos(float64(float64(r) * f))
			for c := range cols {
				cs, cc := sincos(float64(float64(c) * f))
				at := table[(1+r*cols+c)*d+j:]
				at[0], at[quarter], at[2*quarter], at[3*quarter] = float32(cs), float32(cc), float32(rs), float32(rc)
			}
		}
	}
	return table
}

// Interpolate returns the table of positions [1+rows cols, D] for another grid: the patches' by bicubic interpolation, as transformers' ViT does for pictures of
// another size, the class token's as it is.
func (e *PatchEmbed) Interpolate(rows, cols int) ([]float32, error) {
	const most = 1 << 12
	if rows < 1 || cols < 1 || rows > most || cols > most {
		return nil, fmt.Errorf("nn: %s: grid: got %d x %d, want 1 to %d each", e.name, rows, cols, most)
	}
	d := e.Projection.Out()
	table, patches := make([]float32, (1+rows*cols)*d), e.Position.Value[d:]
	copy(table, e.Position.Value[:d])
	down, across := cubicTaps(e.rows, rows), cubicTaps(e.cols, cols)
	for r := range rows {
		for c := range cols {
			to := table[(1+r*cols+c)*d:][:d]
			for j := range to {
				var sum float64
				for i, row := range down[r].at {
					var line float64
					for k, col := range across[c].at {
						line += float64(across[c].weight[k] * float64(patches[(row*e.cols+col)*d+j]))
					}
					sum += float64(down[r].weight[i] * line)
				}
				to[j] = float32(sum)
			}
		}
	}
	return table, nil
}

// cubicTap is the four places that a new one is made of, and their shares.
type cubicTap struct {
	at     [4]int
	weight [4]float64
}

// cubicTaps gives for each of to new places along an axis of from old ones its neighbours by cubic convolution (Keys, 1981) with a = -3/4. Places are the
// centres of equal cells; beyond the rim the outermost value goes on.
func cubicTaps(from, to int) []cubicTap {
	taps := make([]cubicTap, to)
	scale := float64(from) / float64(to)
	for i := range taps {
		x := float64(scale*(float64(i)+0.5)) - 0.5
		floor := math.Floor(x)
		t := x - floor
		for k := range 4 {
			taps[i].at[k] = min(max(int(floor)-1+k, 0), from-1)
		}
		taps[i].weight = [4]float64{cubicFar(t + 1), cubicNear(t), cubicNear(1 - t), cubicFar(2 - t)}
	}
	return taps
}

const cubicA = -0.75

// cubicNear is the kernel at a distance of at most 1.
func cubicNear(x float64) float64 {
	return float64(float64(float64(float64((cubicA+2)*x)-(cubicA+3))*x)*x) + 1
}

// cubicFar is the kernel at a distance from 1 to 2.
func cubicFar(x float64) float64 {
	return float64((float64((float64(cubicA*x)-5*cubicA)*x)+8*cubicA)*x) - 4*cubicA
}

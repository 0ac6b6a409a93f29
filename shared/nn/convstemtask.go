package nn

// A stemTask moves values of pictures, one to a part.
type stemTask struct {
	what     stemMove
	picture  []float32 // [B, H, W, C]: channels last
	columns  []float32 // of spread and collect: [B h w, C 3 3], what the kernel lies on at every place
	h, w     int       // of the picture, pixels
	channels int

	patches     []float32 // of unpatch: [B, N, C P P]
	keep        []int32   // [B, K]; nil: all
	kept, patch int       // K, and a patch's side
}

type stemMove uint8

const (
	unpatch stemMove = iota // picture = the kept ones of the patches, and zeros
	spread                  // columns = what lies under the kernel, zeros beyond the edges
	collect                 // picture = the transpose of spread: what columns give back, added up
)

// Run implements kernels.Task.
func (t *stemTask) Run(i int) {
	size := t.h * t.w * t.channels
	picture := t.picture[i*size : (i+1)*size]
	if t.what == unpatch {
		t.unpatch(picture, i)
		return
	}
	n := size / 4 * kernelArea
	t.slide(picture, t.columns[i*n:(i+1)*n])
}

func (t *stemTask) unpatch(picture []float32, i int) {
	c, p, cols := t.channels, t.patch, t.w/t.patch
	n, size := t.h/p*cols, c*p*p
	clear(picture)
	for k := range t.kept {
		at := k
		if t.keep != nil {
			at = int(t.keep[i*t.kept+k])
		}
		x := t.patches[(i*n+at)*size:][:size]
		corner := at/cols*p*t.w + at%cols*p
		for channel := range c {
			for row := range p {
				for col := range p {
					picture[(corner+row*t.w+col)*c+channel] = x[(channel*p+row)*p+col]
				}
			}
		}
	}
}

// slide moves the kernel over the picture and at every place copies what is under it, or adds what comes back to it.
func (t *stemTask) slide(picture, columns []float32) {
	c := t.channels
	if t.what == spread {
		clear(columns)
	} else {
		clear(picture)
	}
	for r := range t.h / 2 {
		for q := range t.w / 2 {
			place := columns[(r*(t.w/2)+q)*c*kernelArea:][:c*kernelArea]
			for at := range kernelArea {
				row, col := 2*r+at/kernelSide-1, 2*q+at%kernelSide-1 // the first may lie before the edge, and none after it
				if row < 0 || col < 0 {
					continue
				}
				pixel := picture[(row*t.w+col)*c:][:c]
				if t.what == spread {
					for j, v := range pixel {
						place[j*kernelArea+at] = v
					}
				} else {
					for j := range pixel {
						pixel[j] += place[j*kernelArea+at]
					}
				}
			}
		}
	}
}

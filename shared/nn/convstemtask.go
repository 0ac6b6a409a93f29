package nn

// A stemTask moves values of pictures, one to a part. Pictures lie with their channels last, [H, W, C].
type stemTask struct {
	what stemMove
	y, x []float32

	h, w, channels int // of spread's input and collect's output

	stem *ConvStem // of unpatch, as the rest
	keep []int32
	kept int // of each picture
	size int // of a patch
}

type stemMove uint8

const (
	unpatch stemMove = iota // y [B, H, W, C] = the kept ones of the patches x [B, N, C P P]
	spread                  // y [B h w, C 3 3] = what the kernel lies on at every place of x [B, H, W, C]
	collect                 // y [B, H, W, C] = what spread's y gives back, added up: its transpose
)

// Run implements kernels.Task.
func (t *stemTask) Run(i int) {
	switch t.what {
	case unpatch:
		t.unpatch(i)
	case spread:
		t.spread(i)
	default:
		t.collect(i)
	}
}

func (t *stemTask) unpatch(i int) {
	s, c := t.stem, t.channels
	p, wide := s.patch, s.cols*s.patch
	n := s.rows * s.cols
	y := t.y[i*n*t.size : (i+1)*n*t.size]
	clear(y)
	for k := range t.kept {
		at := k
		if t.keep != nil {
			at = int(t.keep[i*t.kept+k])
		}
		x := t.x[(i*n+at)*t.size:][:t.size]
		corner := at/s.cols*p*wide + at%s.cols*p
		for channel := range c {
			for row := range p {
				for col := range p {
					y[(corner+row*wide+col)*c+channel] = x[(channel*p+row)*p+col]
				}
			}
		}
	}
}

func (t *stemTask) spread(i int) {
	c, out := t.channels, t.h*t.w/4*t.channels*kernelArea
	x, y := t.x[i*t.h*t.w*c:(i+1)*t.h*t.w*c], t.y[i*out:(i+1)*out]
	clear(y)
	for r := range t.h / 2 {
		for q := range t.w / 2 {
			place := y[(r*(t.w/2)+q)*c*kernelArea:][:c*kernelArea]
			for ky := range kernelSide {
				for kx := range kernelSide {
					row, col := 2*r+ky-1, 2*q+kx-1 // the first may lie before the edge, and none after it
					if row < 0 || col < 0 {
						continue
					}
					at := ky*kernelSide + kx
					for j, v := range x[(row*t.w+col)*c:][:c] {
						place[j*kernelArea+at] = v
					}
				}
			}
		}
	}
}

func (t *stemTask) collect(i int) {
	c, in := t.channels, t.h*t.w/4*t.channels*kernelArea
	x, y := t.x[i*in:(i+1)*in], t.y[i*t.h*t.w*c:(i+1)*t.h*t.w*c]
	clear(y)
	for r := range t.h / 2 {
		for q := range t.w / 2 {
			place := x[(r*(t.w/2)+q)*c*kernelArea:][:c*kernelArea]
			for ky := range kernelSide {
				for kx := range kernelSide {
					row, col := 2*r+ky-1, 2*q+kx-1
					if row < 0 || col < 0 {
						continue
					}
					at := ky*kernelSide + kx
					for j := range y[(row*t.w+col)*c:][:c] {
						y[(row*t.w+col)*c+j] += place[j*kernelArea+at]
					}
				}
			}
		}
	}
}

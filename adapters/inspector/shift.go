package inspector

import (
	"fmt"
	"image"
	"math"

	"github.com/fmkit/fmkit/shared/kernels"
	"github.com/fmkit/fmkit/vision/picture"
)

// Gray gives the luma of a picture.
func Gray(m *image.NRGBA) *image.Gray {
	b := m.Bounds()
	g := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		row := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range b.Dx() {
			p := row[4*x : 4*x+3]
			g.Pix[y*g.Stride+x] = picture.Luma(p[0], p[1], p[2])
		}
	}
	return g
}

// samePicture refuses pictures that can't be compared.
func samePicture(test, template *image.Gray, margin int) error {
	a, b := test.Bounds(), template.Bounds()
	if a.Size() != b.Size() {
		return fmt.Errorf("inspector: template: got a picture of %v, want %v", a.Size(), b.Size())
	}
	if side := min(a.Dx(), a.Dy()); side <= 2*margin {
		return fmt.Errorf("inspector: template: got a picture of %v, want sides above %d", a.Size(), 2*margin)
	}
	return nil
}

// Shift finds by how much test is moved against template: the (x, y) within limit pixels each way for which the sum of absolute differences between
// test(p) and template(p + (x, y)) is least, over the pixels of test that have a counterpart under every shift. No shift wins ties. Sizes must
// be equal.
//
// The sums over every second pixel of every second row rank the shifts; the whole sums then decide among the best of them, their neighbours, and no shift.
func Shift(test, template *image.Gray, limit int) (image.Point, error) {
	if limit < 0 {
		return image.Point{}, fmt.Errorf("inspector: template: shift: got %d, want at least 0", limit)
	}
	if err := samePicture(test, template, limit); err != nil {
		return image.Point{}, err
	}
	s := &shifts{test: test, template: template, limit: limit, step: 2}
	side := 2*limit + 1
	for y := -limit; y <= limit; y++ {
		for x := -limit; x <= limit; x++ {
			s.at = append(s.at, image.Pt(x, y))
		}
	}
	s.sums = make([]int64, len(s.at))
	kernels.Parallel(len(s.at), s)
	near := make([]bool, len(s.at))
	near[len(near)/2] = true // no shift
	for range 3 {            // the best of the rough sums
		best := -1
		for i, v := range s.sums {
			if v >= 0 && (best < 0 || v < s.sums[best]) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		s.sums[best] = -1
		for y := max(0, best/side-1); y <= min(side-1, best/side+1); y++ {
			for x := max(0, best%side-1); x <= min(side-1, best%side+1); x++ {
				near[y*side+x] = true
			}
		}
	}
	whole := &shifts{test: test, template: template, limit: limit, step: 1}
	for i, p := range s.at {
		if near[i] {
			whole.at = append(whole.at, p)
		}
	}
	whole.sums = make([]int64, len(whole.at))
	kernels.Parallel(len(whole.at), whole)
	best, least := image.Point{}, int64(math.MaxInt64)
	for i, v := range whole.sums {
		p := whole.at[i]
		if v < least || v == least && p.X*p.X+p.Y*p.Y < best.X*best.X+best.Y*best.Y {
			best, least = p, v
		}
	}
	return best, nil
}

// shifts is the sum of absolute differences under several shifts.
type shifts struct {
	test, template *image.Gray
	limit, step    int
	at             []image.Point
	sums           []int64
}

// Run sums under one shift.
func (s *shifts) Run(part int) {
	w, h := s.test.Bounds().Dx(), s.test.Bounds().Dy()
	var sum int64
	for y := s.limit; y < h-s.limit; y += s.step {
		a := s.test.Pix[y*s.test.Stride+s.limit : y*s.test.Stride+w-s.limit]
		from := (y+s.at[part].Y)*s.template.Stride + s.limit + s.at[part].X
		b := s.template.Pix[from : from+len(a)]
		row := int32(0)
		for x := 0; x < len(a); x += s.step {
			d := int32(a[x]) - int32(b[x])
			row += (d ^ d>>31) - d>>31
		}
		sum += int64(row)
	}
	s.sums[part] = sum
}

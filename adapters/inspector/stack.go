package inspector

import "image"

// Stack lays a picture, its template and their difference over one another, as red, green and blue. The template is moved, and stretched as far as it may be, to where the picture is;
// past its edge its last pixels go on. The difference is the greater of the two that Difference gives, and the mean of it at three tolerances, the template's and
// the next two: so it says how far a defect goes beyond what is forgiven.
func (t Template) Stack(test, template *image.NRGBA) (*image.NRGBA, error) {
	a, b := Gray(test), Gray(template)
	found, err := align(a, b, t.Shift, t.Stretch)
	if err != nil {
		return nil, err
	}
	over := found.lay(b)
	w, h := a.Bounds().Dx(), a.Bounds().Dy()
	depth := make([]int, w*h)
	for i := range depths {
		extra, missing := over.difference(a, t.Tolerance+i)
		for j, v := range extra {
			depth[j] += int(max(v, missing[j]))
		}
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p := m.Pix[y*m.Stride+4*x:][:4]
			p[0], p[1], p[2], p[3] = a.Pix[y*a.Stride+x], over.pix[y*w+x], uint8(depth[y*w+x]/depths), 255
		}
	}
	return m, nil
}

// depths is how many tolerances the difference of a stack is the mean of.
const depths = 3

// Propose gives the boxes of the regions of the difference in what Stack made of picture and template, as Inspect does.
func (t Template) Propose(stack *image.NRGBA) []Box {
	w, h := stack.Rect.Dx(), stack.Rect.Dy()
	m := &Map{Width: w, Height: h, Values: make([]float32, w*h)}
	for i := range m.Values {
		m.Values[i] = float32(stack.Pix[i/w*stack.Stride+i%w*4+2]) / 255
	}
	return t.boxes(m)
}

// Middle is where a window round a box has its middle.
func (b *Box) Middle() image.Point {
	return image.Pt(int(b.Box.XMin+b.Box.XMax)/2, int(b.Box.YMin+b.Box.YMax)/2)
}

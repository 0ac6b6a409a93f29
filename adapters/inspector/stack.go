package inspector

import (
	"image"
)

// Stack lays a picture, its template and their difference over one another, as red, green and blue. The template is moved to where the picture is, by Shift;
// past its edge its last pixels go on. The difference is the greater of the two that Difference gives.
func Stack(test, template *image.NRGBA, shift, tolerance int) (*image.NRGBA, error) {
	a, b := Gray(test), Gray(template)
	by, err := Shift(a, b, shift)
	if err != nil {
		return nil, err
	}
	extra, missing, err := Difference(a, b, by, tolerance)
	if err != nil {
		return nil, err
	}
	w, h := a.Bounds().Dx(), a.Bounds().Dy()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		from := b.Pix[min(max(y+by.Y, 0), h-1)*b.Stride:]
		for x := range w {
			p := m.Pix[y*m.Stride+4*x:][:4]
			p[0], p[1], p[2], p[3] = a.Pix[y*a.Stride+x], from[min(max(x+by.X, 0), w-1)], max(extra[y*w+x], missing[y*w+x]), 255
		}
	}
	return m, nil
}

package picture

import (
	"image"

	"github.com/disintegration/imaging"
)

// Crop gives the pixels of m that lie in r, which is relative to the top left of m; those outside m are left out. Where none remain the picture is empty, as it is for a
// picture without pixels in all functions here.
func Crop(m *image.NRGBA, r image.Rectangle) *image.NRGBA {
	if _, ok := viewOf(m); !ok {
		return &image.NRGBA{}
	}
	return imaging.Crop(m, r.Add(m.Rect.Min))
}

// CenterCrop gives the w by h pixels in the middle of m, or fewer where m is smaller. An odd pixel is cut at the bottom and on the right;
// Processor crops as transformers does, which pads.
func CenterCrop(m *image.NRGBA, w, h int) *image.NRGBA {
	v, ok := viewOf(m)
	if !ok || w <= 0 || h <= 0 {
		return &image.NRGBA{}
	}
	left, top := max(v.w-w, 0)/2, max(v.h-h, 0)/2
	return Crop(m, image.Rect(left, top, left+min(w, v.w), top+min(h, v.h)))
}

// FlipH gives m mirrored from left to right.
func FlipH(m *image.NRGBA) *image.NRGBA { return guarded(m, imaging.FlipH) }

// FlipV gives m mirrored from top to bottom.
func FlipV(m *image.NRGBA) *image.NRGBA { return guarded(m, imaging.FlipV) }

// QuarterTurns gives m turned n times by 90 degrees, counter-clockwise; n may be negative.
func QuarterTurns(m *image.NRGBA, n int) *image.NRGBA {
	turn := [4]func(image.Image) *image.NRGBA{imaging.Clone, imaging.Rotate90, imaging.Rotate180, imaging.Rotate270}
	return guarded(m, turn[n&3])
}

// guarded keeps pictures without pixels from imaging, whose goroutines would take the program down.
func guarded(m *image.NRGBA, f func(image.Image) *image.NRGBA) *image.NRGBA {
	if _, ok := viewOf(m); !ok {
		return &image.NRGBA{}
	}
	return f(m)
}

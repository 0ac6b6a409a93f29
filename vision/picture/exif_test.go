package picture_test

import (
	"encoding/binary"
	"image"
	"testing"

	"github.com/fmkit/fmkit/vision/picture"
)

// exif gives an APP1 segment whose first directory has entries of the given tags and one more with the orientation.
func exif(order binary.AppendByteOrder, orientation uint16, tags ...uint16) []byte {
	b := []byte("Exif\x00\x00II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("Exif\x00\x00MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, uint16(len(tags)+1))
	for _, tag := range append(tags, 0x112) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, orientation)
		b = order.AppendUint16(b, 0)
	}
	b = order.AppendUint32(b, 8) // the next directory is this one
	return segment(0xe1, b)
}

func withExif(jpeg, exif []byte) []byte {
	return append(append(append([]byte{}, jpeg[:2]...), exif...), jpeg[2:]...)
}

// TestOrientation says for each orientation where the top left and the top right of the stored picture must end up (Exif 2.3, 4.6.4 A).
func TestOrientation(t *testing.T) {
	const w, h = 40, 24
	photo := encodeJPEG(t, smooth(w, h))
	plain, err := picture.Decode(photo, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(x, y int) func(image.Rectangle) image.Point {
		return func(r image.Rectangle) image.Point { return image.Pt(x*(r.Dx()-1), y*(r.Dy()-1)) }
	}
	for _, c := range []struct {
		orientation  uint16
		size         image.Point
		origin, east func(image.Rectangle) image.Point
	}{
		{0, image.Pt(w, h), at(0, 0), at(1, 0)},
		{1, image.Pt(w, h), at(0, 0), at(1, 0)},
		{2, image.Pt(w, h), at(1, 0), at(0, 0)},
		{3, image.Pt(w, h), at(1, 1), at(0, 1)},
		{4, image.Pt(w, h), at(0, 1), at(1, 1)},
		{5, image.Pt(h, w), at(0, 0), at(0, 1)},
		{6, image.Pt(h, w), at(1, 0), at(1, 1)},
		{7, image.Pt(h, w), at(1, 1), at(1, 0)},
		{8, image.Pt(h, w), at(0, 1), at(0, 0)},
		{9, image.Pt(w, h), at(0, 0), at(1, 0)},
		{255, image.Pt(w, h), at(0, 0), at(1, 0)},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			raw := withExif(photo, exif(order, c.orientation, 0x10f, 0x8769))
			m, err := picture.Decode(raw, picture.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if m.Rect.Size() != c.size {
				t.Fatalf("orientation %d: got size %v, want %v", c.orientation, m.Rect.Size(), c.size)
			}
			for _, p := range []struct{ got, want image.Point }{{c.origin(m.Rect), image.Pt(0, 0)}, {c.east(m.Rect), image.Pt(w-1, 0)}} {
				if got, want := m.NRGBAAt(p.got.X, p.got.Y), plain.NRGBAAt(p.want.X, p.want.Y); got != want {
					t.Errorf("orientation %d: pixel %v: got %v, want that of %v, %v", c.orientation, p.got, got, p.want, want)
				}
			}
			stored, err := picture.Decode(raw, picture.Limits{Stored: true})
			if err != nil || stored.Rect != plain.Rect {
				t.Errorf("stored: got %v", err)
			}
		}
	}
}

// FuzzEXIF puts any bytes where EXIF data belongs: the picture is read all the same, turned or not.
func FuzzEXIF(f *testing.F) {
	photo := encodeJPEG(f, smooth(16, 8))
	for _, o := range []uint16{0, 1, 6, 9, 255} {
		f.Add(exif(binary.BigEndian, o)[4:])
		f.Add(exif(binary.LittleEndian, o, 1, 2, 3)[4:])
	}
	f.Add([]byte("Exif\x00\x00II*\x00\xff\xff\xff\xff"))
	f.Add([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 65533 {
			return
		}
		m, err := picture.Decode(withExif(photo, segment(0xe1, data)), picture.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if s := m.Rect.Size(); s != image.Pt(16, 8) && s != image.Pt(8, 16) {
			t.Fatalf("got size %v", s)
		}
	})
}

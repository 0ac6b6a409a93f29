package picture

import (
	"encoding/binary"
	"image"

	"github.com/disintegration/imaging"
)

// exifOrientation reads the orientation of EXIF data (a TIFF header and its first directory; Exif 2.3, 4.6.4): 1 to 8, or 0 where
// there is none. It follows no link to another directory.
func exifOrientation(tiff []byte) int {
	const (
		tagOrientation = 0x112
		typeShort      = 3
	)
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	n := int(order.Uint16(tiff[at:]))
	for entries := tiff[at+2:]; n > 0 && len(entries) >= 12; n-- {
		if order.Uint16(entries) == tagOrientation {
			v := int(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) != typeShort || order.Uint32(entries[4:]) != 1 || v < 1 || v > 8 {
				return 0
			}
			return v
		}
		entries = entries[12:]
	}
	return 0
}

// upright turns a picture that is stored with the given EXIF orientation.
func upright(m *image.NRGBA, orientation int) *image.NRGBA {
	switch orientation {
	case 2:
		return imaging.FlipH(m)
	case 3:
		return imaging.Rotate180(m)
	case 4:
		return imaging.FlipV(m)
	case 5:
		return imaging.Transpose(m)
	case 6:
		return imaging.Rotate270(m)
	case 7:
		return imaging.Transverse(m)
	case 8:
		return imaging.Rotate90(m)
	}
	return m
}

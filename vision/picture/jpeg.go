package picture

import (
	"bytes"
	"fmt"
)

// maxScans is how many scans a JPEG may have. Encoders write at most a dozen or so; every scan passes over all blocks, however few bytes it has, so
// without a bound a small file could keep a processor busy for minutes.
const maxScans = 64

// inspectJPEG walks a JPEG from marker to marker, as the decoder will, and reads sampling, the number of scans and the orientation.
func inspectJPEG(raw []byte) (header, error) {
	const (
		rst0, rst7, eoi = 0xd0, 0xd7, 0xd9
		sof0, sof2      = 0xc0, 0xc2
		sos, app1       = 0xda, 0xe1
	)
	var h header
	scans := 0
	for rest := raw[2:]; ; {
		i := bytes.IndexByte(rest, 0xff) // what precedes a marker is passed over, above all the data of a scan
		if i < 0 {
			return h, nil
		}
		for i < len(rest) && rest[i] == 0xff {
			i++
		}
		if i == len(rest) || rest[i] == eoi {
			return h, nil
		}
		marker := rest[i]
		rest = rest[i+1:]
		if marker == 0 || rst0 <= marker && marker <= rst7 {
			continue
		}
		if len(rest) < 2 {
			return h, nil
		}
		n := int(rest[0])<<8 | int(rest[1])
		if n < 2 || n > len(rest) {
			return h, nil // the decoder will say what is wrong
		}
		segment := rest[2:n]
		rest = rest[n:]
		switch {
		case sof0 <= marker && marker <= sof2:
			h.bytes = frameBytes(segment, marker == sof2)
		case marker == app1 && h.orientation == 0:
			if tiff, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok {
				h.orientation = exifOrientation(tiff)
			}
		case marker == sos:
			if scans++; scans > maxScans {
				return h, fmt.Errorf("%w: got more than %d scans", ErrLimit, maxScans)
			}
		}
	}
}

// frameBytes gives the bytes a pixel that the decoder holds for a frame: its samples, their coefficients of 32 bits where the
// frame is progressive, and the RGB of CMYK.
func frameBytes(sof []byte, progressive bool) float64 {
	var samples, most float64
	components := 0
	for i := 6; i+3 <= len(sof); i += 3 {
		area := float64(sof[i+1]>>4) * float64(sof[i+1]&15)
		samples += area
		most = max(most, area)
		components++
	}
	if most == 0 {
		return 0 // the decoder refuses it
	}
	held := samples / most
	if progressive {
		held *= 5
	}
	if components == 4 {
		held += 4
	}
	return held
}

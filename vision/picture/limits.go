package picture

import "errors"

// Why a file is refused.
var (
	ErrFormat = errors.New("not a format that is read")
	ErrDecode = errors.New("damaged picture")
	ErrLimit  = errors.New("larger than allowed")
)

// Limits bound what is decoded. Zero fields have the defaults in brackets.
//
// Pixels bounds memory too: what a decoder holds may take 8 bytes for each pixel that Pixels allows (128 MiB by default), so a PNG of 16 bits a channel that is interlaced, or
// a progressive JPEG without chroma subsampling, must be smaller than others. The result takes 4 bytes a pixel more.
type Limits struct {
	Bytes  int // of the file [10 MiB]
	Side   int // pixels [8,192]
	Pixels int // width times height [16,777,216]

	WebP   bool // read WebP too
	Stored bool // leave the pixels of a JPEG as they are stored, whatever orientation its EXIF data gives
}

// decoderBytes is what a decoder may hold for each pixel of Limits.Pixels.
const decoderBytes = 8

func (l Limits) withDefaults() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 10 << 20
	}
	if l.Side <= 0 {
		l.Side = 8192
	}
	if l.Pixels <= 0 {
		l.Pixels = 1 << 24
	}
	return l
}

package columnar

import (
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Types of pages, codecs and encodings, with the numbers of the format.
const (
	dataPage       = 0
	indexPage      = 1
	dictionaryPage = 2
	dataPageV2     = 3

	codecNone   = 0
	codecSnappy = 1
	codecZstd   = 6

	encodingPlain           = 0
	encodingPlainDictionary = 2
	encodingRLE             = 3
	encodingRLEDictionary   = 8
)

// A header is a PageHeader.
type header struct {
	kind                     int64
	uncompressed, size       int64 // bytes after and before it is decompressed
	values                   int64
	encoding                 int64
	defBytes, repBytes       int64 // version 2: of the levels, which aren't compressed
	stored                   bool  // version 2: nor are the values
	defEncoding, repEncoding int64
	length                   int64 // bytes of the header itself
}

// maxHeader bounds a page header: it may hold the smallest and the largest value.
const maxHeader = 64 << 10

// readHeader decodes the PageHeader at the front of b.
func readHeader(b []byte, l Limits) (header, error) {
	t := &thrift{b: b}
	h := header{kind: -1, defEncoding: encodingRLE, repEncoding: encodingRLE}
	t.object(func(id int64, kind byte) {
		switch id {
		case 1:
			h.kind = t.whole(kind)
		case 2:
			h.uncompressed = t.whole(kind)
		case 3:
			h.size = t.whole(kind)
		case 5, 7: // DataPageHeader, DictionaryPageHeader
			t.must(kind, thriftStruct)
			dict := id == 7
			t.object(func(id int64, kind byte) {
				switch {
				case id == 1:
					h.values = t.whole(kind)
				case id == 2:
					h.encoding = t.whole(kind)
				case id == 3 && !dict:
					h.defEncoding = t.whole(kind)
				case id == 4 && !dict:
					h.repEncoding = t.whole(kind)
				default:
					t.skip(kind, false)
				}
			})
		case 8: // DataPageHeaderV2
			t.must(kind, thriftStruct)
			t.object(func(id int64, kind byte) {
				switch id {
				case 1:
					h.values = t.whole(kind)
				case 4:
					h.encoding = t.whole(kind)
				case 5:
					h.defBytes = t.whole(kind)
				case 6:
					h.repBytes = t.whole(kind)
				case 7:
					h.stored = kind == thriftFalse
				default:
					t.skip(kind, false)
				}
			})
		default:
			t.skip(kind, false)
		}
	})
	if t.err != nil {
		return h, t.err
	}
	h.length = int64(t.at)
	switch {
	case h.uncompressed < 0 || h.size < 0 || h.values < 0 || h.defBytes < 0 || h.repBytes < 0 || h.defBytes > h.size || h.repBytes > h.size-h.defBytes:
		return h, malformed("page: got sizes %d, %d, %d, %d and %d values", h.uncompressed, h.size, h.defBytes, h.repBytes, h.values)
	case h.uncompressed > int64(l.Page) || h.size > int64(l.Page):
		return h, beyond("page: got %d bytes, %d compressed, want at most %d", h.uncompressed, h.size, l.Page)
	case h.values > int64(l.Values):
		return h, beyond("page: got %d values, want at most %d", h.values, l.Values)
	case h.defBytes+h.repBytes > h.uncompressed:
		return h, malformed("page: got %d bytes of levels of %d in all", h.defBytes+h.repBytes, h.uncompressed)
	case h.kind == dataPage && (h.defEncoding != encodingRLE || h.repEncoding != encodingRLE):
		return h, unsupported("page: levels in encodings %d and %d, want %d", h.defEncoding, h.repEncoding, encodingRLE)
	}
	return h, nil
}

// headerAt reads the header at an offset of the file, in a chunk that ends at end. Few need more than 256 bytes.
func (f *File) headerAt(offset, end int64) (header, error) {
	var h header
	err := malformed("page at byte %d: it lies outside its column", offset)
	for _, most := range []int64{256, maxHeader} {
		n := min(most, end-offset)
		if n <= 0 {
			break
		}
		if h, err = f.header(offset, make([]byte, n)); err == nil || n < most {
			break
		}
	}
	if err == nil && h.size > end-offset-h.length {
		err = malformed("page at byte %d: got %d bytes, want at most the %d of its column", offset, h.size, end-offset-h.length)
	}
	return h, err
}

func (f *File) header(offset int64, b []byte) (header, error) {
	if _, err := f.r.ReadAt(b, offset); err != nil && err != io.EOF {
		return header{}, err
	}
	return readHeader(b, f.limits)
}

// body reads and decompresses what follows a header: the levels of a page of version 2, and the rest.
func (f *File) body(codec, offset int64, h header) (levels, rest []byte, err error) {
	b := make([]byte, h.size)
	if _, err := f.r.ReadAt(b, offset+h.length); err != nil && err != io.EOF {
		return nil, nil, err
	}
	split := int64(0)
	if h.kind == dataPageV2 {
		split = h.repBytes + h.defBytes
	}
	levels, rest = b[:split], b[split:]
	if h.kind == dataPageV2 && h.stored {
		codec = codecNone
	}
	rest, err = decompress(codec, rest, int(h.uncompressed-split))
	return levels, rest, err
}

// decompress gives size bytes, and never allocates more.
func decompress(codec int64, b []byte, size int) ([]byte, error) {
	var err error
	switch codec {
	case codecNone:
	case codecSnappy:
		n, e := snappy.DecodedLen(b)
		if e != nil || n != size {
			return nil, malformed("Snappy: got %d bytes and %v, want %d", n, e, size)
		}
		b, err = snappy.Decode(nil, b)
	case codecZstd:
		if len(b) == 0 && size == 0 {
			return b, nil
		}
		var d *zstd.Decoder
		if d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(max(size, 8<<20))), zstd.WithDecoderLowmem(true)); err == nil {
			b, err = d.DecodeAll(b, make([]byte, 0, size))
			d.Close()
		}
	default:
		return nil, unsupported("compression %d, want none, Snappy or Zstandard", codec)
	}
	if err != nil {
		return nil, malformed("%v", err)
	}
	if len(b) != size {
		return nil, malformed("page: got %d bytes, want %d", len(b), size)
	}
	return b, nil
}

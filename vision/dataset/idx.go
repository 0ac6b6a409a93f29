package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math/bits"
)

// An IDX file (LeCun, http://yann.lecun.com/exdb/mnist) is big-endian: two zero bytes, the type of a value (8: unsigned byte), the number of
// dimensions, their sizes as uint32, then the values, row-major. Only unsigned bytes are read here.
const (
	idxUbyte    = 8
	maxIDXBytes = 1 << 30 // of values
	maxIDXSide  = 1 << 13 // pixels
	maxDeflate  = 1032    // most bytes that a byte of deflate can become
)

var gzipMagic = []byte{0x1f, 0x8b}

// idxSizes reads the header of an IDX file of dims dimensions. Their product fits maxIDXBytes.
func idxSizes(r io.Reader, dims int) (sizes []int, total int64, err error) {
	h := make([]byte, 4+4*dims)
	if n, err := io.ReadFull(r, h); err != nil {
		return nil, 0, fmt.Errorf("%w: got %d bytes, want a header of %d", ErrIDX, n, len(h))
	}
	if magic := []byte{0, 0, idxUbyte, byte(dims)}; !bytes.Equal(h[:4], magic) {
		return nil, 0, fmt.Errorf("%w: it starts with % x, want % x: unsigned bytes in %d dimensions", ErrIDX, h[:4], magic, dims)
	}
	product := uint64(1)
	for d := range dims {
		n := binary.BigEndian.Uint32(h[4+4*d:])
		high, low := bits.Mul64(product, uint64(n))
		if n == 0 || high != 0 || low > maxIDXBytes || d > 0 && n > maxIDXSide {
			return nil, 0, fmt.Errorf("%w: dimension %d is %d, want at least 1, sides of at most %d and %d bytes in all", ErrIDX, d, n, maxIDXSide, maxIDXBytes)
		}
		product = low
		sizes = append(sizes, int(n))
	}
	return sizes, int64(product), nil
}

// readIDX checks an IDX file of size bytes, gzipped or not, against its header and gives its sizes. It gives the values too if it had to
// unpack them or if all is true.
func readIDX(r io.ReadSeeker, size int64, dims int, all bool) (sizes []int, values []byte, err error) {
	magic := make([]byte, 2)
	if _, err := io.ReadFull(r, magic); err != nil {
		return nil, nil, fmt.Errorf("%w: got %d bytes", ErrIDX, size)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	if !bytes.Equal(magic, gzipMagic) {
		sizes, total, err := idxSizes(r, dims)
		if err != nil {
			return nil, nil, err
		}
		if got, want := size, total+int64(4+4*dims); got != want {
			return nil, nil, fmt.Errorf("%w: got %d bytes, want %d for sizes %v", ErrIDX, got, want, sizes)
		}
		if all {
			values = make([]byte, total)
			_, err = io.ReadFull(r, values)
		}
		return sizes, values, err
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrIDX, err)
	}
	sizes, total, err := idxSizes(z, dims)
	if err != nil {
		return nil, nil, err
	}
	if total/maxDeflate > size {
		return nil, nil, fmt.Errorf("%w: %d gzipped bytes can't hold %d for sizes %v", ErrIDX, size, total, sizes)
	}
	values = make([]byte, total)
	if n, err := io.ReadFull(z, values); err != nil {
		return nil, nil, fmt.Errorf("%w: got %d bytes of values, want %d for sizes %v: %w", ErrIDX, n, total, sizes, err)
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) { // reads the checksum too
		return nil, nil, fmt.Errorf("%w: more than %d bytes of values, or a bad checksum: %w", ErrIDX, total, errors.Join(err))
	}
	return sizes, values, nil
}

// writeIDX writes a plain IDX file.
func writeIDX(w io.Writer, sizes []int, values []byte) error {
	h := []byte{0, 0, idxUbyte, byte(len(sizes))}
	for _, n := range sizes {
		h = binary.BigEndian.AppendUint32(h, uint32(n))
	}
	if _, err := w.Write(h); err != nil {
		return err
	}
	_, err := w.Write(values)
	return err
}

// idxImages is an IDX file of gray pictures. A plain file is opened for every read; a gzipped one is held in memory.
type idxImages struct {
	path                 string
	count, height, width int
	values               []byte // nil for a plain file
}

func openIDXImages(path string) (*idxImages, error) {
	sizes, values, err := openIDX(path, 3, false)
	if err != nil {
		return nil, err
	}
	return &idxImages{path: path, count: sizes[0], height: sizes[1], width: sizes[2], values: values}, nil
}

func openIDX(path string, dims int, all bool) (sizes []int, values []byte, err error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	sizes, values, err = readIDX(f, size, dims, all)
	if err != nil {
		return nil, nil, fmt.Errorf("dataset: %s: %w", path, err)
	}
	return sizes, values, nil
}

// pixels fills dst with the gray values of record i.
func (x *idxImages) pixels(dst []byte, i int) error {
	if x.values != nil {
		copy(dst, x.values[i*len(dst):])
		return nil
	}
	f, _, err := openRegular(x.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.ReadAt(dst, int64(i)*int64(len(dst))+16); err != nil {
		return fmt.Errorf("record %d: %w", i, err)
	}
	return nil
}

// picture gives record i as a gray picture.
func (x *idxImages) picture(i int) (*image.NRGBA, error) {
	gray := make([]byte, x.height*x.width)
	if err := x.pixels(gray, i); err != nil {
		return nil, err
	}
	m := image.NewNRGBA(image.Rect(0, 0, x.width, x.height))
	for p, v := range gray {
		m.Pix[4*p], m.Pix[4*p+1], m.Pix[4*p+2], m.Pix[4*p+3] = v, v, v, 0xff
	}
	return m, nil
}

package bridge

import (
	"encoding/binary"
	"fmt"
	"io"
)

const (
	magic   = "FMKB"
	maxJSON = 1 << 20
	maxRaw  = 1 << 26 // of a description's bounds, and of a picture
)

// Kinds of frames.
const (
	hello   = 'h'
	reset   = 'r'
	step    = 's'
	picture = 'p'
	failure = 'e'
)

// A frame is a message; see the package comment.
type frame struct {
	kind byte
	json []byte
	raw  []byte
}

// append writes the frame behind b.
func (f frame) append(b []byte) []byte {
	b = append(b, magic...)
	b = append(b, f.kind, 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.json)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.raw)))
	return append(append(b, f.json...), f.raw...)
}

// read fills the frame, in the memory that it has, with one of at most most bytes of numbers.
func (f *frame) read(r io.Reader, most int) error {
	f.json = room(f.json, 16) // the head is read to where the JSON goes, so that it makes no garbage
	head := f.json
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if string(head[:4]) != magic || head[5]|head[6]|head[7] != 0 {
		return fmt.Errorf("%w: got %q, want a frame", ErrProtocol, head)
	}
	f.kind = head[4]
	j, n := binary.LittleEndian.Uint32(head[8:]), binary.LittleEndian.Uint32(head[12:])
	if j > maxJSON || int64(n) > int64(most) {
		return fmt.Errorf("%w: got a frame %q of %d and %d bytes, want at most %d and %d", ErrProtocol, f.kind, j, n, maxJSON, most)
	}
	f.json, f.raw = room(f.json, int(j)), room(f.raw, int(n))
	if _, err := io.ReadFull(r, f.json); err != nil {
		return cut(err)
	}
	_, err := io.ReadFull(r, f.raw)
	return cut(err)
}

// cut is the error of a frame that ends early.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// room gives n bytes, those of b where it has as many.
func room(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

package columnar

import "encoding/binary"

// A hybrid reads n whole numbers of some bits each from run-length and bit-packed runs.
type hybrid struct {
	b        []byte
	bits     int
	left     int // of the run
	packed   bool
	value    uint32 // of a run of one value
	buffer   uint64 // of a packed run: bits read but not used
	buffered int
	end      int // of a packed run: bytes of it that are left
}

// next gives the next number.
func (h *hybrid) next() (uint32, error) {
	for h.left == 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
	}
	h.left--
	if !h.packed {
		return h.value, nil
	}
	for h.buffered < h.bits {
		if h.end == 0 {
			return 0, malformed("runs: a packed one ends early")
		}
		h.buffer |= uint64(h.b[0]) << h.buffered
		h.b, h.buffered, h.end = h.b[1:], h.buffered+8, h.end-1
	}
	v := uint32(h.buffer & (1<<h.bits - 1))
	h.buffer >>= h.bits
	h.buffered -= h.bits
	return v, nil
}

// run begins the next run.
func (h *hybrid) run() error {
	if h.packed {
		h.b = h.b[h.end:]
	}
	head, n := binary.Uvarint(h.b)
	if n <= 0 || head>>1 > 1<<31 {
		return malformed("runs: they end early")
	}
	h.b = h.b[n:]
	if h.packed = head&1 == 1; h.packed {
		// 8 values a group. The last group of a page may be cut short.
		h.buffer, h.buffered, h.left = 0, 0, int(head>>1)*8
		h.end = min(int(head>>1)*h.bits, len(h.b))
		return nil
	}
	size := (h.bits + 7) / 8
	if len(h.b) < size {
		return malformed("runs: they end early")
	}
	var value [4]byte
	copy(value[:], h.b[:size])
	h.value, h.b, h.left, h.end = binary.LittleEndian.Uint32(value[:]), h.b[size:], int(head>>1), 0
	return nil
}

// levels reads n levels from 0 to most.
func levels(b []byte, most, n int) ([]byte, error) {
	bits := 0
	for 1<<bits <= most {
		bits++
	}
	h, all := hybrid{b: b, bits: bits}, make([]byte, n)
	for i := range all {
		v, err := h.next()
		if err != nil {
			return nil, err
		}
		if v > uint32(most) {
			return nil, malformed("levels: got %d, want at most %d", v, most)
		}
		all[i] = byte(v)
	}
	return all, nil
}

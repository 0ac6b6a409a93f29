package columnar

import "encoding/binary"

// Types of the compact protocol (thrift-compact-protocol.md of apache/thrift).
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxDepth bounds nested thrift values.
const maxDepth = 16

// A thrift reader takes values off the front of b. The first error stays; after it everything is zero.
type thrift struct {
	b     []byte
	at    int
	depth int
	err   error
}

func (t *thrift) fail(format string, args ...any) {
	if t.err == nil {
		t.err = malformed("thrift, byte %d: "+format, append([]any{t.at}, args...)...)
	}
}

func (t *thrift) byte() byte {
	if t.err != nil || t.at >= len(t.b) {
		t.fail("it ends early")
		return 0
	}
	t.at++
	return t.b[t.at-1]
}

func (t *thrift) uvarint() uint64 {
	if t.err != nil {
		return 0
	}
	v, n := binary.Uvarint(t.b[t.at:])
	if n <= 0 {
		t.fail("got no number")
		return 0
	}
	t.at += n
	return v
}

// int reads a whole number of any width.
func (t *thrift) int() int64 {
	v := t.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// binary reads bytes, which are a part of b.
func (t *thrift) binary() []byte {
	n := t.uvarint()
	if t.err != nil || n > uint64(len(t.b)-t.at) {
		t.fail("got %d bytes of a string, want at most the %d that are left", n, len(t.b)-t.at)
		return nil
	}
	t.at += int(n)
	return t.b[t.at-int(n) : t.at : t.at]
}

// list calls f for each element, of a type that f has to take.
func (t *thrift) list(f func(kind byte)) {
	head := t.byte()
	n, kind := uint64(head>>4), head&0xf
	if n == 15 {
		n = t.uvarint()
	}
	if n > uint64(len(t.b)-t.at) { // an element has at least a byte
		t.fail("got a list of %d, want at most the %d bytes that are left", n, len(t.b)-t.at)
		return
	}
	t.enter(func() {
		for range n {
			if f(kind); t.err != nil {
				return
			}
		}
	})
}

// object calls f with the number and the type of each field, which f has to take. A boolean is its type.
func (t *thrift) object(f func(id int64, kind byte)) {
	t.enter(func() {
		id := int64(0)
		for {
			head := t.byte()
			if t.err != nil || head == 0 {
				return
			}
			if head>>4 != 0 {
				id += int64(head >> 4)
			} else {
				id = t.int()
			}
			if f(id, head&0xf); t.err != nil {
				return
			}
		}
	})
}

func (t *thrift) enter(f func()) {
	if t.depth == maxDepth {
		t.fail("it is nested more than %d deep", maxDepth)
		return
	}
	t.depth++
	f()
	t.depth--
}

// skip takes a value off that nobody wants. A boolean has a byte of its own in lists only.
func (t *thrift) skip(kind byte, inList bool) {
	switch kind {
	case thriftTrue, thriftFalse:
		if inList {
			t.byte()
		}
	case thriftByte:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.uvarint()
	case thriftDouble:
		for range 8 {
			t.byte()
		}
	case thriftBinary:
		t.binary()
	case thriftList, thriftSet:
		t.list(func(kind byte) { t.skip(kind, true) })
	case thriftMap:
		n := t.uvarint()
		if n == 0 || t.err != nil {
			return
		}
		kinds := t.byte()
		if n > uint64(len(t.b)-t.at) {
			t.fail("got a map of %d, want at most the %d bytes that are left", n, len(t.b)-t.at)
			return
		}
		t.enter(func() {
			for range n {
				t.skip(kinds>>4, true)
				t.skip(kinds&0xf, true)
			}
		})
	case thriftStruct:
		t.object(func(_ int64, kind byte) { t.skip(kind, false) })
	default:
		t.fail("got type %d", kind)
	}
}

// whole reads field content that has to be a whole number.
func (t *thrift) whole(kind byte) int64 {
	if kind < thriftI16 || kind > thriftI64 {
		t.fail("got type %d, want a whole number", kind)
	}
	return t.int()
}

// must fails unless a field has the type that the format gives it.
func (t *thrift) must(kind, want byte) bool {
	if kind != want {
		t.fail("got type %d, want %d", kind, want)
	}
	return t.err == nil
}

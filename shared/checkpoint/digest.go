package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"strings"
)

// Digest returns "sha256:" and the hexadecimal SHA-256 of names, shapes and float32 bits of the tensors,
// in the order of their names. It does not depend on the order of the slice or on the stored type.
func Digest(tensors []Tensor) string {
	order := make([]*Tensor, len(tensors))
	for i := range tensors {
		order[i] = &tensors[i]
	}
	slices.SortStableFunc(order, func(a, b *Tensor) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	buf := make([]byte, 0, 1<<15)
	number := func(n int) { buf = binary.LittleEndian.AppendUint64(buf, uint64(n)) }
	for _, t := range order {
		number(len(t.Name))
		buf = append(buf, t.Name...)
		number(len(t.Shape))
		for _, d := range t.Shape {
			number(d)
		}
		number(len(t.Data))
		for _, v := range t.Data {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			if len(buf) >= 1<<15-8 {
				h.Write(buf)
				buf = buf[:0]
			}
		}
		h.Write(buf)
		buf = buf[:0]
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

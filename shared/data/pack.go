package data

import (
	"fmt"
	"iter"
	"slices"
)

// A Window is up to T tokens of consecutive documents.
type Window struct {
	IDs    []int32 // at most T
	Starts []int32 // ascending positions where a document (or its continuation) begins; the first is 0
}

// Segments gives the number of the document, from 0, at each position of the window, into dst.
func (w *Window) Segments(dst []int32) []int32 {
	dst = dst[:0]
	s := int32(-1)
	for i := range w.IDs {
		if int(s+1) < len(w.Starts) && int(w.Starts[s+1]) == i {
			s++
		}
		dst = append(dst, s)
	}
	return dst
}

// Pack cuts documents into windows of t tokens, one after another with no padding; a long document goes on in the next window and only
// the last window is shorter. A window is valid until the next one; empty documents are skipped.
func Pack(docs iter.Seq2[[]int32, error], t int) iter.Seq2[Window, error] {
	return func(yield func(Window, error) bool) {
		if t < 1 {
			yield(Window{}, fmt.Errorf("data: pack: window is %d, want at least 1", t))
			return
		}
		w := Window{IDs: make([]int32, 0, t)}
		for doc, err := range docs {
			if err != nil {
				yield(Window{}, err)
				return
			}
			for len(doc) > 0 {
				w.Starts = append(w.Starts, int32(len(w.IDs)))
				n := min(len(doc), t-len(w.IDs))
				w.IDs = append(w.IDs, doc[:n]...)
				doc = doc[n:]
				if len(w.IDs) < t {
					continue
				}
				if !yield(w, nil) {
					return
				}
				w.IDs, w.Starts = w.IDs[:0], w.Starts[:0]
			}
		}
		if len(w.IDs) > 0 {
			yield(w, nil)
		}
	}
}

// Clone copies a window so that it outlives the iteration.
func (w *Window) Clone() Window {
	return Window{IDs: slices.Clone(w.IDs), Starts: slices.Clone(w.Starts)}
}

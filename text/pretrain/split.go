package pretrain

import (
	"iter"
	"math"
	"strings"

	"github.com/fmkit/fmkit/shared/random"
)

// A splitter divides a corpus into what is trained on and what is held back. Documents are cut at line ends into pieces of about size bytes, and
// one piece of every period, drawn by seed, is held back, so that both parts have every source in proportion. In a corpus that has documents more
// than once a piece is drawn by what it says instead, so that nothing held back is trained on.
type splitter struct {
	size      int
	period    int
	key       uint64
	byContent bool
}

// newSplitter chooses the size of pieces by the size of the corpus: at most 16 KiB, at least 256 bytes, 400 of them where the corpus allows.
func newSplitter(bytes int64, held float64, seed uint64) splitter {
	return splitter{
		size: int(min(max(bytes/400, 256), 16<<10)), period: max(2, int(math.Round(1/held))),
		key: random.Key(seed, "pretrain.held"),
	}
}

// pieces yields every piece of the documents, in order, and whether it is held back.
func (s splitter) pieces(docs iter.Seq2[string, error], yield func(piece string, held, newDoc bool) bool) error {
	n := 0
	for doc, err := range docs {
		if err != nil {
			return err
		}
		for first := true; doc != ""; first = false {
			var piece string
			piece, doc = s.cut(doc)
			block := n / s.period
			held := n%s.period == int(random.Mix(s.key, uint64(block))%uint64(s.period))
			if s.byContent {
				held = random.Key(s.key, piece)%uint64(s.period) == 0
			}
			n++
			if !yield(piece, held, first) {
				return nil
			}
		}
	}
	return nil
}

// cut takes one piece off doc: at the first line end past size, or all of it.
func (s splitter) cut(doc string) (piece, rest string) {
	if len(doc) <= s.size {
		return doc, ""
	}
	end := strings.IndexByte(doc[s.size:], '\n')
	if end < 0 {
		return doc, ""
	}
	return doc[:s.size+end+1], doc[s.size+end+1:]
}

// training yields the lines of the pieces that are trained on.
func (s splitter) training(docs iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := s.pieces(docs, func(piece string, held, _ bool) bool {
			if held {
				return true
			}
			for line := range strings.Lines(piece) {
				if !yield(strings.TrimRight(line, "\n"), nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield("", err)
		}
	}
}

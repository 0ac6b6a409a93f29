package corpus

import (
	"hash/fnv"
	"math"
	"slices"

	"github.com/fmkit/fmkit/shared/data"
	"github.com/fmkit/fmkit/shared/random"
)

// shingleWords is the length of the runs of words that texts are compared by.
const shingleWords = 5

// shingles appends the hashes of all runs of shingleWords words, sorted and each once; a shorter text is one run.
func shingles(dst, words []uint64) []uint64 {
	n := min(shingleWords, len(words))
	if n == 0 {
		return dst
	}
	for i := 0; i+n <= len(words); i++ {
		h := uint64(n)
		for _, w := range words[i : i+n] {
			h = random.Mix(h, w)
		}
		dst = append(dst, h)
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}

// jaccard gives the size of the intersection over that of the union of two sorted sets.
func jaccard(a, b []uint64) float64 {
	both, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	if both == 0 {
		return 0
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// A minHash makes the signatures of sets (Broder, "On the resemblance and containment of documents", 1997), cut into bands of
// rows values: two sets of Jaccard similarity s agree in a band with probability s^rows.
type minHash struct {
	bands, rows int
	keys        []uint64
	minima      []uint64
}

// newMinHash chooses the longest bands, at most 8 rows in about 64 values, with which a pair at the threshold is missed once in a hundred times at most.
func newMinHash(threshold float64) *minHash {
	m := &minHash{bands: 64, rows: 1}
	for rows := 8; rows > 1; rows-- {
		if bands := 64 / rows; math.Pow(1-math.Pow(threshold, float64(rows)), float64(bands)) <= 0.01 {
			m.bands, m.rows = bands, rows
			break
		}
	}
	m.keys, m.minima = make([]uint64, m.bands*m.rows), make([]uint64, m.bands*m.rows)
	for i := range m.keys {
		m.keys[i] = random.Mix(random.Key(0, "corpus.minhash"), uint64(i))
	}
	return m
}

// signature appends one 32-bit key for each band.
func (m *minHash) signature(dst []uint32, set []uint64) []uint32 {
	for i, key := range m.keys {
		least := uint64(math.MaxUint64)
		for _, s := range set {
			z := (s ^ key) * 0x9e3779b97f4a7c15
			z = (z ^ z>>29) * 0xbf58476d1ce4e5b9
			least = min(least, z^z>>32)
		}
		m.minima[i] = least
	}
	for b := range m.bands {
		h := uint64(b)
		for _, v := range m.minima[b*m.rows : (b+1)*m.rows] {
			h = random.Mix(h, v)
		}
		dst = append(dst, uint32(h>>32))
	}
	return dst
}

// hashText is a 64-bit hash of a text as it stands.
func hashText(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return random.Mix(h.Sum64(), 0)
}

// hashWords is a hash of the words of a text in order.
func hashWords(words []uint64) uint64 {
	h := uint64(len(words))
	for _, w := range words {
		h = random.Mix(h, w)
	}
	return h
}

// appendWords gives the hashes of the words of lines, as an overlap index sees them.
func appendWords(dst []uint64, lines ...line) []uint64 {
	for _, l := range lines {
		dst = data.AppendWords(dst, l.text)
	}
	return dst
}
